import datetime

import pytest
from botocore.exceptions import ClientError

from stepwell.language.compiler import NotRunnable

START = datetime.datetime(2026, 1, 1, 0, 0, 0, 125_000, tzinfo=datetime.UTC)
MISSING = "arn:aws:states:us-east-1:123456789012:execution:machine:missing"
EXPRESS = "arn:aws:states:us-east-1:123456789012:express:machine:name:uuid"


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def described(sfn, arn, **params):
    answer = sfn.describe_execution(executionArn=arn, **params)
    del answer["ResponseMetadata"]
    return answer


@pytest.fixture
def execution(sfn, machine):
    return sfn.start_execution(stateMachineArn=machine, name="run", input='{"a":  1}')["executionArn"]


def test_a_start_answers_the_execution(sfn, machine):
    answer = sfn.start_execution(stateMachineArn=machine, name="run")
    assert answer["executionArn"] == "arn:aws:states:us-east-1:123456789012:execution:machine:run"
    assert answer["startDate"] == START


def test_a_running_execution_is_described(sfn, machine, execution):
    assert described(sfn, execution) == {
        "executionArn": execution,
        "stateMachineArn": machine,
        "name": "run",
        "status": "RUNNING",
        "startDate": START,
        "input": '{"a":  1}',
        "inputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }


def test_a_succeeded_execution_is_described_with_its_output(api, sfn, execution):
    api.run(api.engine.close(execution, status="SUCCEEDED", stopped=api.engine.time + 2_000, output="[1]"))
    shown = described(sfn, execution)
    assert (shown["output"], shown["outputDetails"]) == ("[1]", {"included": True})
    assert shown["stopDate"] == START + datetime.timedelta(seconds=2)
    assert shown["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    metadata = described(sfn, execution, includedData="METADATA_ONLY")
    assert (metadata["inputDetails"], metadata["outputDetails"]) == ({"included": False}, {"included": False})
    assert not {"input", "output"} & set(metadata)


def test_a_failed_execution_is_described_with_its_error(api, sfn, execution):
    api.run(api.engine.close(execution, status="FAILED", stopped=api.engine.time, error="E", cause="why"))
    shown = described(sfn, execution)
    assert (shown["error"], shown["cause"], shown["redriveStatus"]) == ("E", "why", "REDRIVABLE")
    assert not {"output", "outputDetails", "redriveStatusReason"} & set(shown)


def test_a_timed_out_execution_has_no_error_and_no_cause(api, sfn, execution):
    api.run(api.engine.close(execution, status="TIMED_OUT", stopped=api.engine.time))
    assert not {"error", "cause"} & set(described(sfn, execution))


def test_the_trace_header_is_kept(sfn, machine):
    arn = sfn.start_execution(stateMachineArn=machine, name="traced", traceHeader="Root=1-5")["executionArn"]
    assert described(sfn, arn)["traceHeader"] == "Root=1-5"


def test_an_input_that_is_not_json_is_refused(sfn, machine):
    for text, problem in [
        (
            "not some json",
            (
                "Unrecognized token 'not': was expecting "
                "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
            ),
        ),
        ("{'not': 'json'", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ("", "Invalid execution input."),
        (" \n", "Invalid execution input."),
    ]:
        assert refused(sfn.start_execution, stateMachineArn=machine, input=text) == (
            "InvalidExecutionInput",
            f"Invalid State Machine Execution Input: '{problem}'",
        )
    for number, text in enumerate(["2", '"some text"', "null"]):
        assert sfn.start_execution(stateMachineArn=machine, name=f"n{number}", input=text)["startDate"] == START


def test_a_start_needs_a_state_machine_and_a_good_name(sfn, machine, execution):
    other = "arn:aws:states:us-east-1:123456789012:stateMachine:other"
    assert refused(sfn.start_execution, stateMachineArn=other) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{other}'",
    )
    assert refused(sfn.start_execution, stateMachineArn=f"{machine}:1")[0] == "StateMachineDoesNotExist"
    assert refused(sfn.start_execution, stateMachineArn="nothing") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: nothing'",
    )
    assert refused(sfn.start_execution, stateMachineArn=execution)[0] == "InvalidArn"
    assert refused(sfn.start_execution, stateMachineArn=machine, name="a/b") == ("InvalidName", "Invalid Name: 'a/b'")


def test_what_can_not_be_run_yet_is_not_started(api, sfn, machine):
    api.engine.failure = NotRunnable("/States/Hello", "Assign")
    code, text = refused(sfn.start_execution, stateMachineArn=machine)
    assert code == "UnsupportedOperationException"
    assert "Assign is not implemented yet" in text
    assert "/States/Hello" in text


def test_a_name_is_used_once(sfn, machine, execution):
    assert sfn.start_execution(stateMachineArn=machine, name="run", input='{"a":  1}')["executionArn"] == execution
    assert refused(sfn.start_execution, stateMachineArn=machine, name="run", input="{}") == (
        "ExecutionAlreadyExists",
        f"Execution Already Exists: '{execution}'",
    )


def test_an_execution_follows_the_revision_that_it_was_started_with(sfn, machine, execution, pass_definition, role):
    sfn.update_state_machine(stateMachineArn=machine, definition=pass_definition.replace("Hello", "Other"))
    shown = sfn.describe_state_machine_for_execution(executionArn=execution)
    del shown["ResponseMetadata"]
    assert shown == {
        "stateMachineArn": machine,
        "name": "machine",
        "definition": pass_definition,
        "roleArn": role,
        "updateDate": START,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
    }
    hidden = sfn.describe_state_machine_for_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert hidden["definition"] == "{}"
    later = sfn.start_execution(stateMachineArn=machine, name="later")["executionArn"]
    assert "Other" in sfn.describe_state_machine_for_execution(executionArn=later)["definition"]


def test_a_stop_answers_when_the_execution_stopped(api, sfn, execution):
    assert sfn.stop_execution(executionArn=execution, error="E", cause="C")["stopDate"] == START
    api.engine.time += 5_000
    assert sfn.stop_execution(executionArn=execution)["stopDate"] == START
    shown = described(sfn, execution)
    assert (shown["status"], shown["error"], shown["cause"]) == ("ABORTED", "E", "C")


@pytest.mark.parametrize(
    "operation",
    ["describe_execution", "stop_execution", "get_execution_history", "describe_state_machine_for_execution"],
)
def test_only_executions_of_the_own_account_exist(api, sfn, execution, operation):
    missing = ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{MISSING}'")
    assert refused(getattr(sfn, operation), executionArn=MISSING) == missing
    other = getattr(api.client(account="111111111111"), operation)
    assert refused(other, executionArn=execution)[0] == "ExecutionDoesNotExist"
    assert refused(getattr(sfn, operation), executionArn="x") == ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'")
    assert refused(getattr(sfn, operation), executionArn=EXPRESS) == (
        "InvalidArn",
        "Invalid Arn: 'Resource type not valid in this context: express'",
    )


def test_executions_are_listed_newest_first_page_by_page(api, sfn, machine):
    for number in range(13):
        sfn.start_execution(stateMachineArn=machine, name=f"n{number}")
    first = sfn.list_executions(stateMachineArn=machine, maxResults=10)
    assert [item["name"] for item in first["executions"]] == [f"n{number}" for number in range(12, 2, -1)]
    rest = sfn.list_executions(stateMachineArn=machine, maxResults=3, nextToken=first["nextToken"])
    assert [item["name"] for item in rest["executions"]] == ["n2", "n1", "n0"]
    assert "nextToken" not in rest
    everything = sfn.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": 4}
    )
    assert len(list(everything.search("executions"))) == 13
    token = first["nextToken"]
    assert (
        refused(sfn.list_executions, stateMachineArn=machine, statusFilter="FAILED", nextToken=token)[0]
        == "InvalidToken"
    )


def test_a_listed_execution_has_no_data(api, sfn, machine, execution):
    api.run(api.engine.close(execution, status="SUCCEEDED", stopped=api.engine.time, output="{}"))
    assert sfn.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"] == [
        {
            "executionArn": execution,
            "stateMachineArn": machine,
            "name": "run",
            "status": "SUCCEEDED",
            "startDate": START,
            "stopDate": START,
            "redriveCount": 0,
        }
    ]
    assert sfn.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"] == []
    assert sfn.list_executions(stateMachineArn=machine, redriveFilter="REDRIVEN")["executions"] == []
    assert len(sfn.list_executions(stateMachineArn=machine, redriveFilter="NOT_REDRIVEN")["executions"]) == 1


def test_a_listing_needs_a_state_machine(sfn):
    assert refused(sfn.list_executions) == ("ValidationException", "Must provide a StateMachine ARN or MapRun ARN")
    missing = "arn:aws:states:us-east-1:123456789012:stateMachine:missing"
    assert refused(sfn.list_executions, stateMachineArn=missing)[0] == "StateMachineDoesNotExist"


def test_a_synchronous_start_needs_an_express_state_machine(sfn, machine, api):
    answer = api.call("StartSyncExecution", {"stateMachineArn": machine})
    assert answer.error == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )
