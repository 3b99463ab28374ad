"""EventBridge Scheduler as its users have it: boto3's client, over real HTTP."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from e2e.server import ACCOUNT, REGION, ROLE, eventually

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
OFF = {"Mode": "OFF"}


@pytest.fixture(scope="module")
def scheduler(server):
    return server.client(service="scheduler")


@pytest.fixture
def name():
    return f"schedule-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def target(sfn, name):
    arn = sfn.create_state_machine(name=name, definition=json.dumps(PASS), roleArn=ROLE)["stateMachineArn"]
    return {"Arn": arn, "RoleArn": ROLE, "Input": '{"n": 1}'}


def test_a_schedule_starts_an_execution_with_its_input(sfn, scheduler, name, target):
    moment = datetime.now(UTC) + timedelta(seconds=1)
    expression = f"at({moment:%Y-%m-%dT%H:%M:%S})"
    scheduler.create_schedule(Name=name, ScheduleExpression=expression, FlexibleTimeWindow=OFF, Target=target)
    look = lambda: sfn.list_executions(stateMachineArn=target["Arn"])["executions"]  # noqa: E731
    (found,) = eventually(look, bool)
    assert sfn.describe_execution(executionArn=found["executionArn"])["input"] == '{"n": 1}'


def test_a_schedule_is_described_updated_listed_and_deleted(scheduler, name, target):
    made = {"Name": name, "ScheduleExpression": "cron(0 9 ? * MON-FRI *)", "FlexibleTimeWindow": OFF, "Target": target}
    start = datetime(2099, 1, 1, tzinfo=UTC)
    answer = scheduler.create_schedule(**made, ScheduleExpressionTimezone="Europe/Berlin", StartDate=start)
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"
    assert answer["ScheduleArn"] == arn
    with pytest.raises(scheduler.exceptions.ConflictException, match=f"Schedule {name} already exists."):
        scheduler.create_schedule(**made)
    found = scheduler.get_schedule(Name=name)
    assert {key: found[key] for key in made} == made
    assert (found["Arn"], found["GroupName"], found["State"]) == (arn, "default", "ENABLED")
    assert (found["ScheduleExpressionTimezone"], found["StartDate"]) == ("Europe/Berlin", start)
    scheduler.update_schedule(**made, State="DISABLED")
    listed = scheduler.list_schedules(NamePrefix=name, State="DISABLED", GroupName="default")["Schedules"]
    assert [(each["Name"], each["Target"]) for each in listed] == [(name, {"Arn": target["Arn"]})]
    scheduler.delete_schedule(Name=name)
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException, match=f"Schedule {name} does not exist."):
        scheduler.get_schedule(Name=name)


def test_groups_hold_schedules_of_the_same_name_and_have_tags(scheduler, name, target):
    arn = scheduler.create_schedule_group(Name=name, Tags=[{"Key": "a", "Value": "b"}])["ScheduleGroupArn"]
    made = {"Name": name, "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": target}
    made["StartDate"] = datetime(2099, 1, 1, tzinfo=UTC)
    scheduler.create_schedule(**made, GroupName=name)
    scheduler.create_schedule(**made)
    assert len(scheduler.list_schedules(NamePrefix=name)["Schedules"]) == 2
    assert scheduler.get_schedule_group(Name=name)["State"] == "ACTIVE"
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    assert {"default", name} <= {group["Name"] for group in scheduler.list_schedule_groups()["ScheduleGroups"]}
    scheduler.delete_schedule_group(Name=name)
    assert len(scheduler.list_schedules(NamePrefix=name)["Schedules"]) == 1


def test_schedules_are_listed_in_pages(scheduler, name, target):
    for number in range(3):
        scheduler.create_schedule(
            Name=f"{name}-{number}",
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow=OFF,
            Target=target,
            State="DISABLED",
        )
    first = scheduler.list_schedules(NamePrefix=name, MaxResults=2)
    second = scheduler.list_schedules(NamePrefix=name, MaxResults=2, NextToken=first["NextToken"])
    assert [each["Name"] for each in first["Schedules"] + second["Schedules"]] == [f"{name}-{n}" for n in range(3)]


def test_what_is_no_schedule_is_refused(scheduler, name, target):
    with pytest.raises(scheduler.exceptions.ValidationException, match="Invalid Schedule Expression rate"):
        scheduler.create_schedule(Name=name, ScheduleExpression="rate(10 secs)", FlexibleTimeWindow=OFF, Target=target)
    with pytest.raises(scheduler.exceptions.ValidationException, match="failed to satisfy constraint"):
        scheduler.create_schedule(Name=name, ScheduleExpression="rate(1 day)", Target=target)
