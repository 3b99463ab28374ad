"""Executions whose tasks are answered from a file of mocked responses."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from e2e.server import ROLE, Server

CHARGE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "orders", "Item": {}},
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}],
    "End": True,
}
ORDERS = {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Charge"}, "Charge": CHARGE}}
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
MESSAGE = {"QueueUrl": "queue", "MessageBody": {"Token.$": "$$.Task.Token"}}
ASK = {
    "StartAt": "Ask",
    "States": {"Ask": {"Type": "Task", "Resource": CALLBACK, "Parameters": MESSAGE, "End": True}},
}
MOCKS = {
    "StateMachines": {
        "Orders": {"TestCases": {"BusyOnce": {"Charge": "busy-once"}, "Empty": {}}},
        "Ask": {"TestCases": {"Yes": {"Ask": "yes"}, "No": {"Ask": "no"}}},
    },
    "MockedResponses": {
        "busy-once": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"paid": True}}},
        "yes": {"0": {"Return": "yes"}},
        "no": {"0": {"Throw": {"Error": "No", "Cause": "never"}}},
    },
}


@pytest.fixture(scope="module")
def mocking(tmp_path_factory):
    """A server with mocked responses."""
    folder = tmp_path_factory.mktemp("mocks")
    (folder / "mocks.json").write_text(json.dumps(MOCKS))
    server = Server(folder / "data", environment={"SFN_MOCK_CONFIG": str(folder / "mocks.json")}).start()
    yield server
    assert server.stop() == 0, server.log_text()


@pytest.fixture(scope="module")
def machines(mocking):
    """The ARNs of the state machines, by name."""
    client = mocking.client()
    return {
        name: client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
        for name, definition in (("Orders", ORDERS), ("Ask", ASK))
    }


def ended(client, arn):
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.02)
    return described


def types(client, arn):
    return [event["type"] for event in client.get_execution_history(executionArn=arn)["events"]]


def test_a_test_case_survives_a_crash_and_answers_each_attempt(mocking, machines):
    started = mocking.client().start_execution(stateMachineArn=f"{machines['Orders']}#BusyOnce")
    mocking.kill()
    client = mocking.start().client()
    described = ended(client, started["executionArn"])
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", {"paid": True})
    assert described["stateMachineArn"] == machines["Orders"]
    assert [kind for kind in types(client, started["executionArn"]) if kind.startswith("Task")] == [
        *("TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed"),
        *("TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"),
    ]


@pytest.mark.parametrize(("case", "end"), [("Yes", "TaskSucceeded"), ("No", "TaskFailed")])
def test_a_callback_ends_by_itself(mocking, machines, case, end):
    client = mocking.client()
    started = client.start_execution(stateMachineArn=f"{machines['Ask']}#{case}")
    ended(client, started["executionArn"])
    assert types(client, started["executionArn"])[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", end]


def test_a_test_case_that_is_not_in_the_file_is_refused(mocking, machines):
    with pytest.raises(ClientError, match="has no test case 'Nosuch' for the state machine 'Orders'") as caught:
        mocking.client().start_execution(stateMachineArn=f"{machines['Orders']}#Nosuch")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_without_mocked_responses_there_is_nothing_behind_the_arn(sfn, create):
    machine = create({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    with pytest.raises(ClientError) as caught:
        sfn.start_execution(stateMachineArn=f"{machine}#Case")
    assert caught.value.response["Error"]["Code"] in {"StateMachineDoesNotExist", "InvalidArn"}


def test_a_file_that_is_wrong_keeps_the_server_from_starting(tmp_path):
    (tmp_path / "mocks.json").write_text('{"StateMachine": {}}')
    server = Server(tmp_path / "data", environment={"SFN_MOCK_CONFIG": str(tmp_path / "mocks.json")})
    with pytest.raises(AssertionError, match="StateMachine: is not known here"):
        server.start()
    assert server.stop() != 0
