"""Express executions, and the logs of executions, by boto3 over HTTP."""

import json

import pytest
from botocore.exceptions import ClientError

from e2e.definitions import HELLO, call, states
from e2e.server import ended, eventually

LISTED = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
NOT_AN_EXECUTION = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")


def logging(name, level="ALL", *, data=True):
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:/express/{name}:*"
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": arn}}
    return {"level": level, "includeExecutionData": data, "destinations": [group]}


def log(server, name, lines):
    """Return the lines of a log group, once there are so many."""
    file = server.data / "logs" / "express" / f"{name}.jsonl"
    return eventually(
        lambda: [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else [],
        lambda found: len(found) >= lines,
    )


def refused(operation, **params):
    with pytest.raises(ClientError) as told:
        operation(**params)
    error = told.value.response["Error"]
    return error["Code"], error["Message"]


def nested(machine, resource):
    return states(Start={"Type": "Task", "Resource": resource, "Parameters": {"StateMachineArn": machine, "Input": {}}})


def test_a_synchronous_execution_answers_with_its_output(sfn, create):
    machine = create(states(Echo=call("echo")), type="EXPRESS")
    answer = sfn.start_sync_execution(stateMachineArn=machine, name="n", input='{"a":1}')
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"all": {"a": 1}})
    assert answer["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert answer["startDate"] <= answer["stopDate"]
    assert answer["executionArn"].split(":")[5] == "express"


def test_an_express_execution_can_not_be_asked_for(sfn, create):
    machine = create(HELLO, type="EXPRESS")
    arn = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    for operation in (sfn.describe_execution, sfn.stop_execution, sfn.get_execution_history):
        assert refused(operation, executionArn=arn) == NOT_AN_EXECUTION
    assert refused(sfn.list_executions, stateMachineArn=machine)[0] == "StateMachineTypeNotSupported"


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_executions_are_logged_to_a_file_of_their_group(server, sfn, create, fresh, kind):
    name = fresh("group")
    machine = create(HELLO, type=kind, loggingConfiguration=logging(name))
    arn = sfn.start_execution(stateMachineArn=machine, input='{"a":1}')["executionArn"]
    lines = log(server, name, 4)
    assert [line["type"] for line in lines] == LISTED
    assert {line["execution_arn"] for line in lines} == {arn}
    assert lines[-1]["details"] == {"output": '{"hello":"world"}', "outputDetails": {"truncated": False}}


def test_a_level_that_is_changed_holds_for_what_starts_later(server, sfn, create, fresh):
    name = fresh("group")
    machine = create(states(No={"Type": "Fail", "Error": "E"}), type="EXPRESS", loggingConfiguration=logging(name))
    sfn.update_state_machine(stateMachineArn=machine, loggingConfiguration=logging(name, "FATAL"))
    assert sfn.start_sync_execution(stateMachineArn=machine)["error"] == "E"
    assert [line["type"] for line in log(server, name, 1)] == ["ExecutionFailed"]


def test_a_standard_execution_runs_an_express_one_and_waits_for_it(sfn, create, start):
    child = create(HELLO, type="EXPRESS")
    arn = start(create(nested(child, "arn:aws:states:::aws-sdk:sfn:startSyncExecution")))
    output = json.loads(ended(sfn, arn)["output"])
    assert (output["Status"], json.loads(output["Output"])) == ("SUCCEEDED", {"hello": "world"})
    assert output["BillingDetails"]["BilledMemoryUsedInMB"] == 64


def test_an_express_execution_can_be_started_by_another_but_not_be_a_job_of_it(server, sfn, create, start, fresh):
    name = fresh("group")
    child = create(HELLO, type="EXPRESS", loggingConfiguration=logging(name))
    started = ended(sfn, start(create(nested(child, "arn:aws:states:::states:startExecution"))))
    assert json.loads(started["output"])["ExecutionArn"].split(":")[5] == "express"
    assert len(log(server, name, 4)) == 4
    refusing = ended(sfn, start(create(nested(child, "arn:aws:states:::states:startExecution.sync:2"))))
    assert (refusing["status"], refusing["error"]) == (
        "FAILED",
        "StepFunctions.StateMachineTypeNotSupportedException",
    )
    assert len(log(server, name, 4)) == 4
