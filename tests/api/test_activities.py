import pytest
from botocore.exceptions import ClientError

from stepwell.runtime.errors import (
    ActivityWorkerLimitExceeded,
    InvalidOutput,
    InvalidToken,
    TaskDoesNotExist,
    TaskTimedOut,
)

FORBIDDEN = ' <>{}[]?*"#%\\^|~`$&,;:/\t\n\x00\x1f\x7f\x9f\ufffe\uffff\U0010ffff'


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.fixture
def activity(sfn):
    return sfn.create_activity(name="work")["activityArn"]


def test_an_activity_is_described(sfn, activity):
    shown = sfn.describe_activity(activityArn=activity)
    del shown["ResponseMetadata"], shown["creationDate"]
    assert shown == {
        "activityArn": "arn:aws:states:us-east-1:123456789012:activity:work",
        "name": "work",
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }


def test_creating_an_activity_again_answers_the_first(api, sfn, activity):
    first = sfn.describe_activity(activityArn=activity)["creationDate"]
    api.engine.time += 1_000
    again = sfn.create_activity(name="work", tags=[{"key": "ignored", "value": ""}])
    assert (again["activityArn"], again["creationDate"]) == (activity, first)
    assert sfn.list_tags_for_resource(resourceArn=activity)["tags"] == []


@pytest.mark.parametrize("char", FORBIDDEN)
def test_a_name_with_a_forbidden_character_is_refused(sfn, char):
    name = f"activity{char}name"
    assert refused(sfn.create_activity, name=name) == ("InvalidName", f"Invalid Name: '{name}'")


@pytest.mark.parametrize("name", ["Activity1", "activity-name_123", "a.b.c", "é" * 80, "日本"])
def test_other_names_are_good(sfn, name):
    assert sfn.create_activity(name=name)["activityArn"].endswith(f":activity:{name}")


def test_a_deleted_activity_does_not_exist(sfn, activity):
    sfn.delete_activity(activityArn=activity)
    assert sfn.delete_activity(activityArn=activity)["ResponseMetadata"]["HTTPStatusCode"] == 200
    missing = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{activity}'")
    assert refused(sfn.describe_activity, activityArn=activity) == missing
    assert refused(sfn.get_activity_task, activityArn=activity) == missing
    assert refused(sfn.get_activity_task, activityArn="x") == ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'")


def test_activities_are_listed_oldest_first_page_by_page(sfn):
    for number in range(5):
        sfn.create_activity(name=f"a{number}")
    first = sfn.list_activities(maxResults=2)
    assert [item["name"] for item in first["activities"]] == ["a0", "a1"]
    assert set(first["activities"][0]) == {"activityArn", "name", "creationDate"}
    rest = sfn.list_activities(nextToken=first["nextToken"])
    assert [item["name"] for item in rest["activities"]] == ["a2", "a3", "a4"]
    assert "nextToken" not in rest


def test_accounts_do_not_see_each_others_activities(api, sfn, activity):
    other = api.client(account="111111111111")
    assert other.list_activities()["activities"] == []
    assert refused(other.get_activity_task, activityArn=activity)[0] == "ActivityDoesNotExist"
    other.delete_activity(activityArn=activity)
    assert sfn.describe_activity(activityArn=activity)["name"] == "work"


def test_a_worker_gets_a_task_or_null(api, sfn, activity):
    api.engine.task = ("token", '{"a": 1}')
    task = sfn.get_activity_task(activityArn=activity, workerName="w")
    assert (task["taskToken"], task["input"]) == ("token", '{"a": 1}')
    api.engine.task = None
    assert api.call("GetActivityTask", {"activityArn": activity}).body == {"taskToken": None}
    api.engine.failure = ActivityWorkerLimitExceeded()
    assert refused(sfn.get_activity_task, activityArn=activity)[0] == "ActivityWorkerLimitExceeded"


def test_tasks_are_answered_by_token(api, sfn):
    sfn.send_task_success(taskToken="t", output='{"ok": true}')
    sfn.send_task_failure(taskToken="t", error="E", cause="C")
    sfn.send_task_failure(taskToken="t")
    sfn.send_task_heartbeat(taskToken="t")
    assert api.engine.answers == [
        ("success", "t", '{"ok": true}', "123456789012"),
        ("failure", "t", "E", "C", "123456789012"),
        ("failure", "t", None, None, "123456789012"),
        ("heartbeat", "t", "123456789012"),
    ]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (InvalidOutput("Unrecognized token 'not'"), ("InvalidOutput", "Invalid Output: 'Unrecognized token 'not''")),
        (InvalidToken(), ("InvalidToken", "Invalid Token: 'Invalid token'")),
        (TaskTimedOut(), ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")),
        (TaskDoesNotExist(), ("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist anymore'")),
    ],
)
def test_a_token_that_is_no_longer_good_is_refused(api, sfn, failure, expected):
    api.engine.failure = failure
    assert refused(sfn.send_task_success, taskToken="t", output="{}") == expected
    assert refused(sfn.send_task_failure, taskToken="t") == expected
    assert refused(sfn.send_task_heartbeat, taskToken="t") == expected
