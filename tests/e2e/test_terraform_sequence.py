"""Terraform's calls for a state machine with a version and an alias, in their order: they work as they do with AWS."""

import json

import boto3
import pytest
from botocore.config import Config

from e2e.definitions import HELLO, LONG_WAIT, states
from e2e.server import ACCOUNT, REGION, ROLE
from e2e.terraform import Provider, drift

LATER = states(Hello={"Type": "Pass", "Result": {"hello": "again"}}, Done={"Type": "Succeed"})
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/terraform:*"


@pytest.fixture
def provider(server):
    """A provider whose client checks its requests and repeats them as it does for everybody."""
    return Provider(
        boto3.client(
            "stepfunctions", endpoint_url=server.url, region_name=REGION, aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret", config=Config(retries={"mode": "standard"}),
        )
    )  # fmt: skip


@pytest.fixture
def block(fresh):
    """The block of a state machine as modules of Terraform write it."""
    return {
        "name": fresh("terraform"),
        "definition": json.dumps(HELLO, indent=2),
        "roleArn": ROLE,
        "type": "STANDARD",
        "publish": True,
        "versionDescription": "by terraform",
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "tags": [{"key": "owner", "value": "terraform"}, {"key": "stage", "value": "test"}],
    }


def route(version, weight=100):
    return {"stateMachineVersionArn": version, "weight": weight}


def test_a_state_machine_with_version_and_alias_goes_through_its_whole_life(provider, block):
    assert provider.plan_state_machine(block) == []
    machine = provider.create_state_machine(block)
    first, arn = machine["stateMachineVersionArn"], machine["stateMachineArn"]
    assert (machine["status"], first) == ("ACTIVE", f"{arn}:1")
    alias = provider.create_alias({"name": "live", "routingConfiguration": [route(first)]})
    assert drift({"name": "live", "routingConfiguration": [route(first)]}, alias) == {}

    changed = {**block, "definition": json.dumps(LATER), "tags": [{"key": "stage", "value": "next"}]}
    assert provider.plan_state_machine(changed) == []
    machine = provider.update_state_machine(machine, changed)
    second = machine["stateMachineVersionArn"]
    assert (second, drift(changed, machine)) == (f"{arn}:2", {})
    both = [route(second, 20), route(first, 80)]
    turned = provider.update_alias(alias["stateMachineAliasArn"], routingConfiguration=both)
    assert turned["routingConfiguration"] == both
    alias = provider.update_alias(alias["stateMachineAliasArn"], routingConfiguration=[route(second)])
    assert provider.find_alias(arn, "live")["routingConfiguration"] == [route(second)] == alias["routingConfiguration"]

    provider.delete_alias(alias["stateMachineAliasArn"])
    provider.delete_state_machine(arn)
    assert provider.read_state_machine(arn) is None
    assert {
        "ValidateStateMachineDefinition", "CreateStateMachine", "DescribeStateMachine", "ListStateMachineVersions",
        "ListTagsForResource", "CreateStateMachineAlias", "DescribeStateMachineAlias", "UpdateStateMachine",
        "UntagResource", "TagResource", "UpdateStateMachineAlias", "ListStateMachineAliases",
        "DeleteStateMachineAlias", "DeleteStateMachine",
    } == set(provider.called)  # fmt: skip


def test_a_plan_right_after_an_apply_shows_no_changes(provider, block):
    machine = provider.create_state_machine(block)
    assert drift(block, machine) == {}
    again = provider.update_state_machine(machine, block)
    assert again == machine | {"ResponseMetadata": again["ResponseMetadata"]}
    assert "UpdateStateMachine" not in provider.called


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_what_terraform_sets_is_what_terraform_reads(provider, block, kind):
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": LOG_GROUP}}
    whole = {
        **block,
        "type": kind,
        "loggingConfiguration": {"level": "ALL", "includeExecutionData": True, "destinations": [destination]},
        "tracingConfiguration": {"enabled": True},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }
    machine = provider.create_state_machine(whole)
    assert drift(whole, machine) == {}
    quiet = {**whole, "loggingConfiguration": block["loggingConfiguration"], "roleArn": f"{ROLE}-2"}
    assert drift(quiet, provider.update_state_machine(machine, quiet)) == {}


def test_an_update_without_publish_makes_no_version(provider, block):
    unpublished = {name: value for name, value in block.items() if name not in {"publish", "versionDescription"}}
    machine = provider.create_state_machine(unpublished)
    assert machine["stateMachineVersionArn"] == ""
    machine = provider.update_state_machine(machine, {**unpublished, "definition": json.dumps(LATER)})
    assert (machine["stateMachineVersionArn"], json.loads(machine["definition"])) == ("", LATER)


def test_a_definition_that_is_wrong_fails_at_the_plan(provider, block):
    wrong = json.dumps({"StartAt": "Nowhere", "States": {"Hello": {"Type": "Pass", "End": True}}})
    problems = provider.plan_state_machine({**block, "definition": wrong})
    assert any(problem.startswith("MISSING_TRANSITION_TARGET: ") for problem in problems)


def test_what_was_deleted_behind_terraforms_back_is_planned_anew(provider, block, sfn):
    arn = provider.create_state_machine(block)["stateMachineArn"]
    sfn.delete_state_machine(stateMachineArn=arn)
    assert provider.read_state_machine(arn) is None
    assert provider.create_state_machine(block)["stateMachineVersionArn"] == f"{arn}:1"


def test_destroy_waits_until_the_executions_have_ended(provider, block, sfn):
    arn = provider.create_state_machine({**block, "definition": json.dumps(LONG_WAIT)})["stateMachineArn"]
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    sfn.delete_state_machine(stateMachineArn=arn)
    assert provider.read_state_machine(arn)["status"] == "DELETING"
    sfn.stop_execution(executionArn=execution)
    provider.delete_state_machine(arn)
    assert provider.read_state_machine(arn) is None


def test_an_activity_goes_through_its_whole_life(provider, fresh):
    block = {"name": fresh("terraform"), "tags": [{"key": "owner", "value": "terraform"}]}
    activity = provider.create_activity(block)
    assert drift(block, activity) == {}
    provider.delete_activity(activity["activityArn"])
    assert provider.read_activity(activity["activityArn"]) is None
