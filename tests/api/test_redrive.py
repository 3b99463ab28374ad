import datetime

import msgspec
import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from stepwell.runtime.errors import ExecutionNotRedrivable
from stepwell.storage.records import RedriveRecord, Turn

DAY = 24 * 60 * 60 * 1000
YEAR = 365 * DAY


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.fixture
def execution(sfn, machine):
    return sfn.start_execution(stateMachineArn=machine, name="run")["executionArn"]


@pytest.fixture
def failed(api, execution):
    api.run(api.engine.close(execution, status="FAILED", stopped=api.engine.time))
    return execution


def status_of(sfn, arn):
    shown = sfn.describe_execution(executionArn=arn)
    return shown["redriveStatus"], shown.get("redriveStatusReason")


def redriven(api, arn, count, status="RUNNING", when=None):
    """Let an execution have been redriven."""
    record = api.run(api.engine.store.execution(arn))
    redrive = RedriveRecord(count, when or api.engine.time)
    stopped = None if status == "RUNNING" else record.stopped
    row = replace(record, version=record.version + 1, status=status, stopped=stopped, redrive=redrive)
    assert api.run(api.engine.write(Turn(row, new=False, redriven=True)))


def test_a_redrive_answers_when_it_was(api, sfn, failed):
    answer = sfn.redrive_execution(executionArn=failed, clientToken="t1")
    assert answer["redriveDate"].timestamp() * 1000 == api.engine.time
    assert api.engine.answers == [("redrive", failed, "t1")]


def test_a_client_that_gives_no_token_has_one_of_its_own(api, sfn, failed):
    sfn.redrive_execution(executionArn=failed)
    assert len(api.engine.answers[0][2]) == 36
    api.call("RedriveExecution", {"executionArn": failed})
    assert api.engine.answers[1][2] is None


def test_a_refusal_says_the_reason(api, sfn, failed):
    api.engine.failure = ExecutionNotRedrivable("Execution is RUNNING and cannot be redriven")
    assert refused(sfn.redrive_execution, executionArn=failed) == (
        "ExecutionNotRedrivable",
        "Execution is RUNNING and cannot be redriven",
    )


def test_only_executions_that_exist_are_redriven(api, sfn, failed):
    missing = f"{failed}2"
    expected = ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{missing}'")
    assert refused(sfn.redrive_execution, executionArn=missing) == expected
    other = api.client(account="111111111111")
    assert refused(other.redrive_execution, executionArn=failed)[0] == "ExecutionDoesNotExist"
    express = failed.replace(":execution:", ":express:") + ":uuid"
    expected = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    assert refused(sfn.redrive_execution, executionArn=express) == expected
    assert refused(sfn.redrive_execution, executionArn="x")[0] == "InvalidArn"
    assert not api.engine.answers


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_what_ended_without_success_is_redrivable(api, sfn, execution, status):
    api.run(api.engine.close(execution, status=status, stopped=api.engine.time))
    assert status_of(sfn, execution) == ("REDRIVABLE", None)


def test_what_runs_or_has_succeeded_is_not_redrivable(api, sfn, execution):
    assert status_of(sfn, execution) == ("NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven")
    api.run(api.engine.close(execution, status="SUCCEEDED", stopped=api.engine.time, output="{}"))
    assert status_of(sfn, execution) == ("NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven")


def test_it_is_redrivable_for_14_days(api, sfn, failed):
    api.engine.time += 14 * DAY
    assert status_of(sfn, failed) == ("REDRIVABLE", None)
    api.engine.time += 1
    assert status_of(sfn, failed) == ("NOT_REDRIVABLE", "Execution redrivable period exceeded")


def test_it_is_redrivable_within_a_year_of_its_start(api, sfn, execution):
    api.run(api.engine.close(execution, status="ABORTED", stopped=api.engine.time + YEAR - 1))
    api.engine.time += YEAR - 1
    assert status_of(sfn, execution) == ("REDRIVABLE", None)
    api.engine.time += 1
    assert status_of(sfn, execution) == ("NOT_REDRIVABLE", "Execution has exceeded the max execution time")


def test_it_is_redrivable_with_room_in_its_history(api, sfn, execution):
    for events, expected in ((24_998, "REDRIVABLE"), (24_999, "NOT_REDRIVABLE")):
        progress = msgspec.msgpack.encode([events + 1, 1, 1, None])
        api.run(api.engine.close(execution, status="FAILED", stopped=api.engine.time, progress=progress))
        assert status_of(sfn, execution)[0] == expected
    assert status_of(sfn, execution)[1] == "Execution history event limit exceeded"


def test_it_is_redrivable_a_thousand_times(api, sfn, failed):
    redriven(api, failed, 999, "FAILED")
    assert status_of(sfn, failed) == ("REDRIVABLE", None)
    redriven(api, failed, 1_000, "FAILED")
    assert status_of(sfn, failed) == ("NOT_REDRIVABLE", "Execution redrive limit exceeded")


def test_it_is_redrivable_as_long_as_its_state_machine_is_there(api, sfn, machine, failed):
    running = sfn.start_execution(stateMachineArn=machine, name="running")["executionArn"]
    sfn.delete_state_machine(stateMachineArn=machine)
    expected = ("NOT_REDRIVABLE", "State machine is in DELETING status")
    assert status_of(sfn, failed) == expected
    api.run(api.engine.close(running, status="SUCCEEDED", stopped=api.engine.time))
    assert status_of(sfn, failed) == expected


def test_a_redriven_execution_is_described_and_listed_as_one(api, sfn, machine, failed):
    shown = sfn.describe_execution(executionArn=failed)
    assert (shown["redriveCount"], "redriveDate" in shown) == (0, False)
    redriven(api, failed, 2, when=api.engine.time + 1_000)
    shown = sfn.describe_execution(executionArn=failed)
    expected = datetime.datetime.fromtimestamp((api.engine.time + 1_000) / 1000, datetime.UTC)
    assert (shown["status"], shown["redriveCount"], shown["redriveDate"]) == ("RUNNING", 2, expected)
    assert "stopDate" not in shown
    (item,) = sfn.list_executions(stateMachineArn=machine)["executions"]
    assert (item["status"], item["redriveCount"], item["redriveDate"]) == ("RUNNING", 2, expected)


def test_executions_are_listed_by_whether_they_were_redriven(api, sfn, machine):
    arns = [sfn.start_execution(stateMachineArn=machine, name=f"n{number}")["executionArn"] for number in range(5)]
    for number, arn in enumerate(arns):
        api.run(api.engine.close(arn, status="FAILED", stopped=api.engine.time))
        if number % 2:
            redriven(api, arn, 1, "FAILED" if number == 1 else "RUNNING")

    def names(**filters):
        found = sfn.list_executions(stateMachineArn=machine, **filters)
        return [item["name"] for item in found["executions"]]

    assert names(redriveFilter="REDRIVEN") == ["n3", "n1"]
    assert names(redriveFilter="NOT_REDRIVEN") == ["n4", "n2", "n0"]
    assert names(redriveFilter="REDRIVEN", statusFilter="FAILED") == ["n1"]
    assert names(statusFilter="PENDING_REDRIVE") == []
    page = sfn.list_executions(stateMachineArn=machine, redriveFilter="REDRIVEN", maxResults=1)
    token = page["nextToken"]
    assert names(redriveFilter="REDRIVEN", maxResults=1, nextToken=token) == ["n1"]
    assert refused(sfn.list_executions, stateMachineArn=machine, nextToken=token)[0] == "InvalidToken"
