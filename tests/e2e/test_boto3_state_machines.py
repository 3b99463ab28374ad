"""State machines, their tags and their owners, by boto3 over HTTP."""

import json

import pytest
from botocore.exceptions import ClientError

from e2e.definitions import HELLO, LONG_WAIT, PASS, states
from e2e.server import ROLE, ended

OTHER_ROLE = ROLE + "-other"


@pytest.fixture
def tenant(server):
    """A client of an account that has nothing yet."""
    return server.client("210987654321")


def code_of(refused):
    return refused.value.response["Error"]["Code"]


def test_a_state_machine_is_described_as_it_was_created(sfn, fresh):
    name = fresh("described")
    definition = json.dumps(HELLO, indent=3)
    created = sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    found = sfn.describe_state_machine(stateMachineArn=created["stateMachineArn"])
    assert (found["name"], found["definition"], found["roleArn"]) == (name, definition, ROLE)
    assert (found["status"], found["type"]) == ("ACTIVE", "STANDARD")
    assert found["creationDate"] == created["creationDate"]


def test_creating_the_same_again_answers_the_same(sfn, fresh):
    asked = {"name": fresh("same"), "definition": json.dumps(HELLO), "roleArn": ROLE}
    first, again = sfn.create_state_machine(**asked), sfn.create_state_machine(**asked)
    assert (first["stateMachineArn"], first["creationDate"]) == (again["stateMachineArn"], again["creationDate"])
    with pytest.raises(ClientError) as refused:
        sfn.create_state_machine(**{**asked, "definition": json.dumps(LONG_WAIT)})
    assert code_of(refused) == "StateMachineAlreadyExists"


def test_an_update_holds_for_executions_that_start_after_it(sfn, create, start):
    machine = create(states(Wait={"Type": "Wait", "Seconds": 1}, Old={"Type": "Pass", "Result": "old"}))
    before = start(machine)
    sfn.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(states(New={"Type": "Pass", "Result": "new"}))
    )
    after = start(machine)
    assert ended(sfn, after)["output"] == '"new"'
    assert ended(sfn, before)["output"] == '"old"'
    seen = sfn.describe_state_machine_for_execution(executionArn=before)
    assert list(json.loads(seen["definition"])["States"]) == ["Wait", "Old"]


def test_a_deleted_state_machine_is_gone(sfn, create):
    machine = create(HELLO)
    sfn.delete_state_machine(stateMachineArn=machine)
    for ask in (
        lambda: sfn.start_execution(stateMachineArn=machine),
        lambda: sfn.describe_state_machine(stateMachineArn=machine),
    ):
        with pytest.raises(ClientError) as refused:
            ask()
        assert code_of(refused) == "StateMachineDoesNotExist"


def test_state_machines_are_listed_page_by_page_each_once(tenant):
    made = [
        tenant.create_state_machine(name=f"listed-{number}", definition=json.dumps(HELLO), roleArn=ROLE)
        for number in range(7)
    ]
    pages = list(tenant.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["stateMachines"]) for page in pages] == [3, 3, 1]
    listed = [found["stateMachineArn"] for page in pages for found in page["stateMachines"]]
    assert sorted(listed) == sorted(machine["stateMachineArn"] for machine in made)


def test_two_accounts_do_not_see_each_other(server):
    ours, theirs = server.client("111111111111"), server.client("222222222222")
    asked = {"name": "secret", "definition": json.dumps(LONG_WAIT), "roleArn": ROLE}
    mine = ours.create_state_machine(**asked)["stateMachineArn"]
    assert mine == "arn:aws:states:us-east-1:111111111111:stateMachine:secret"
    assert theirs.list_state_machines()["stateMachines"] == []
    execution = ours.start_execution(stateMachineArn=mine)["executionArn"]
    for ask, code in (
        (lambda: theirs.describe_state_machine(stateMachineArn=mine), "StateMachineDoesNotExist"),
        (lambda: theirs.start_execution(stateMachineArn=mine), "StateMachineDoesNotExist"),
        (lambda: theirs.list_executions(stateMachineArn=mine), "StateMachineDoesNotExist"),
        (lambda: theirs.describe_execution(executionArn=execution), "ExecutionDoesNotExist"),
        (lambda: theirs.get_execution_history(executionArn=execution), "ExecutionDoesNotExist"),
        (lambda: theirs.stop_execution(executionArn=execution), "ExecutionDoesNotExist"),
    ):
        with pytest.raises(ClientError) as refused:
            ask()
        assert code_of(refused) == code
    assert theirs.create_state_machine(**asked)["stateMachineArn"] != mine
    assert ours.describe_execution(executionArn=execution)["status"] == "RUNNING"
    ours.stop_execution(executionArn=execution)


def test_regions_are_apart(server):
    here, there = server.client(), server.client(region="eu-central-1")
    machine = there.create_state_machine(name="regional", definition=json.dumps(HELLO), roleArn=ROLE)
    assert ":eu-central-1:" in machine["stateMachineArn"]
    listed = [found["name"] for found in here.list_state_machines(maxResults=1000)["stateMachines"]]
    assert "regional" not in listed


def test_tags_are_kept_changed_and_removed(sfn, create):
    machine = create(states(Do=PASS), tags=[{"key": "team", "value": "a"}])
    sfn.tag_resource(resourceArn=machine, tags=[{"key": "team", "value": "b"}, {"key": "cost", "value": "7"}])
    found = sfn.list_tags_for_resource(resourceArn=machine)["tags"]
    assert {tag["key"]: tag["value"] for tag in found} == {"team": "b", "cost": "7"}
    sfn.untag_resource(resourceArn=machine, tagKeys=["team", "unknown"])
    assert sfn.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "cost", "value": "7"}]


def test_tags_of_what_is_not_there_are_refused(sfn, create):
    missing = create(HELLO).rpartition(":")[0] + ":not-there"
    with pytest.raises(ClientError) as refused:
        sfn.tag_resource(resourceArn=missing, tags=[{"key": "a", "value": "b"}])
    assert code_of(refused) == "ResourceNotFound"
