"""Executions by boto3 over HTTP: start, describe, history, list, stop."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from e2e.definitions import HELLO, LONG_WAIT, PASS, call, states
from e2e.server import ended, eventually, whole_history


def code_of(refused):
    return refused.value.response["Error"]["Code"]


def types(events):
    return [event["type"] for event in events]


def test_an_execution_runs_to_its_end(sfn, create, start):
    execution = start(create(states(Double={"Type": "Pass", "Parameters": {"twice.$": "$.word"}})), {"word": "hé"})
    found = ended(sfn, execution)
    assert (found["status"], found["input"], json.loads(found["output"])) == (
        "SUCCEEDED",
        '{"word": "h\\u00e9"}',
        {"twice": "hé"},
    )
    assert found["stopDate"] >= found["startDate"]
    assert types(whole_history(sfn, execution)) == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip


def test_history_is_the_same_in_pages_of_any_size_and_in_reverse(sfn, create, start):
    machine = create(states(**{f"Step{number}": PASS for number in range(20)}))
    execution = start(machine, {"n": 1})
    ended(sfn, execution)
    whole = whole_history(sfn, execution)
    assert [event["id"] for event in whole] == list(range(1, 43))
    for size in (1, 7, 42):
        assert whole_history(sfn, execution, size) == whole
    backwards = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 5}
    )
    assert [event for page in backwards for event in page["events"]] == whole[::-1]


def test_the_same_name_and_input_start_one_execution(sfn, create):
    machine = create(LONG_WAIT)
    asked = {"stateMachineArn": machine, "name": "order-1", "input": '{"order": 1}'}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sfn.start_execution(**asked), range(16)))
    assert len({(answer["executionArn"], answer["startDate"]) for answer in answers}) == 1
    assert len(sfn.list_executions(stateMachineArn=machine)["executions"]) == 1
    with pytest.raises(ClientError) as refused:
        sfn.start_execution(**{**asked, "input": "{}"})
    assert code_of(refused) == "ExecutionAlreadyExists"
    sfn.stop_execution(executionArn=answers[0]["executionArn"])
    with pytest.raises(ClientError) as refused:
        sfn.start_execution(**asked)
    assert code_of(refused) == "ExecutionAlreadyExists"


def test_executions_are_listed_newest_first_page_by_page_and_by_status(sfn, create, start):
    machine = create(states(Sort={
        "Type": "Choice", "Choices": [{"Variable": "$.good", "BooleanEquals": True, "Next": "Good"}], "Default": "Bad",
    }, Good={"Type": "Succeed"}, Bad={"Type": "Fail", "Error": "Bad"}))  # fmt: skip
    started = [start(machine, {"good": number % 3 > 0}, name=f"n{number}") for number in range(9)]
    for execution in started:
        ended(sfn, execution)
    pages = list(
        sfn.get_paginator("list_executions").paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 4})
    )
    assert [len(page["executions"]) for page in pages] == [4, 4, 1]
    assert [found["executionArn"] for page in pages for found in page["executions"]] == started[::-1]
    failed = sfn.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"]
    assert [found["name"] for found in failed] == ["n6", "n3", "n0"]


def test_a_page_token_of_another_question_is_refused(sfn, create, start):
    machine, other = create(HELLO), create(HELLO)
    for _ in range(2):
        start(machine)
    token = sfn.list_executions(stateMachineArn=machine, maxResults=1)["nextToken"]
    for asked in ({"stateMachineArn": other, "nextToken": token}, {"stateMachineArn": machine, "nextToken": "made-up"}):
        with pytest.raises(ClientError) as refused:
            sfn.list_executions(**asked)
        assert code_of(refused) == "InvalidToken"


def test_a_stopped_execution_says_why_and_stays_stopped(sfn, create, start):
    execution = start(create(LONG_WAIT))
    eventually(lambda: types(whole_history(sfn, execution)), lambda seen: "WaitStateEntered" in seen)
    first = sfn.stop_execution(executionArn=execution, error="Changed", cause="my mind")
    found = sfn.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Changed", "my mind")
    assert sfn.stop_execution(executionArn=execution, error="Again")["stopDate"] == first["stopDate"]
    last = whole_history(sfn, execution)[-1]
    assert (last["type"], last["executionAbortedEventDetails"]["error"]) == ("ExecutionAborted", "Changed")


def test_a_function_is_called_and_its_error_is_retried_and_caught(sfn, create, start):
    retry = [{"ErrorEquals": ["Busy"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    catch = [{"ErrorEquals": ["Busy"], "ResultPath": "$.error", "Next": "Caught"}]
    machine = create(states(
        Echo=call("echo", **{"n.$": "$.n"}), Fail={**call("fail"), "Retry": retry, "Catch": catch}, Caught=PASS,
    ))  # fmt: skip
    execution = start(machine, {"n": 7})
    output = json.loads(ended(sfn, execution)["output"])
    assert (output["n"], output["error"]["Error"]) == (7, "Busy")
    assert types(whole_history(sfn, execution)).count("TaskFailed") == 2


def test_a_nested_execution_is_waited_for(sfn, create, start):
    child = create(states(Work={"Type": "Pass", "Parameters": {"done.$": "$.n"}}))
    machine = create(states(Child={
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {"n.$": "$.n"}}, "OutputPath": "$.Output",
    }))  # fmt: skip
    assert json.loads(ended(sfn, start(machine, {"n": 3}))["output"]) == {"done": 3}


def test_a_map_inside_a_parallel_gathers_in_order(sfn, create, start):
    each = {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True,
            "ItemProcessor": states(Add={"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($, 1)"}})}  # fmt: skip
    machine = create(states(Both={"Type": "Parallel", "Branches": [
        {"StartAt": "Each", "States": {"Each": each}}, states(Wait={"Type": "Wait", "Seconds": 1}),
    ]}))  # fmt: skip
    items = list(range(5))
    output = json.loads(ended(sfn, start(machine, {"items": items}))["output"])
    assert output == [[{"sum": item + 1} for item in items], {"items": items}]


def test_an_execution_times_out(sfn, create, start):
    found = ended(sfn, start(create({**LONG_WAIT, "TimeoutSeconds": 1})))
    assert found["status"] == "TIMED_OUT"
    assert (found["stopDate"] - found["startDate"]).total_seconds() >= 1


def test_an_unknown_execution_is_named_in_the_answer(sfn, create):
    missing = create(HELLO).replace(":stateMachine:", ":execution:") + ":not-there"
    for ask in (sfn.describe_execution, sfn.get_execution_history, sfn.stop_execution):
        with pytest.raises(ClientError, match="not-there") as refused:
            ask(executionArn=missing)
        assert code_of(refused) == "ExecutionDoesNotExist"
