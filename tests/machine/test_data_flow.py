"""What each stage of a state makes of the data: InputPath, Parameters, ResultSelector, ResultPath, OutputPath."""

import json
from typing import Any

import pytest

from machine.harness import CALLBACK, START, Run, States, each, machine, parallel, task
from machine.rows import EXECUTION, MACHINE, ROLE

SOURCE = {"a": {"b": 1}, "c": [1, 2]}


def passed(source: Any = SOURCE, **fields: Any) -> Any:
    """Return the output of a Pass with these fields."""
    run = Run(machine(P={"Type": "Pass", **fields}), source)
    assert run.status == "SUCCEEDED", run.trouble
    assert run.output is not None
    return json.loads(run.output)


def worked(result: Any, source: Any = SOURCE, **fields: Any) -> Any:
    """Return the output of a Task with these fields that answers with `result`."""
    run = Run(machine(T=task(**fields)), source)
    run.succeed("T", json.dumps(result))
    assert run.status == "SUCCEEDED", run.trouble
    assert run.output is not None
    return json.loads(run.output)


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, SOURCE),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": None}, {}),
        ({"OutputPath": "$.c"}, [1, 2]),
        ({"OutputPath": None}, {}),
        ({"InputPath": "$.a", "OutputPath": "$.b"}, 1),
        ({"Result": [3]}, [3]),
        ({"Result": None}, None),
        ({"Result": 3, "ResultPath": "$.d"}, {**SOURCE, "d": 3}),
        ({"Result": 3, "ResultPath": "$.a.b"}, {"a": {"b": 3}, "c": [1, 2]}),
        ({"Result": 3, "ResultPath": "$.new.deep"}, {**SOURCE, "new": {"deep": 3}}),
        ({"Result": 3, "ResultPath": None}, SOURCE),
        ({"InputPath": "$.a", "ResultPath": "$.d"}, {**SOURCE, "d": {"b": 1}}),
        ({"InputPath": None, "ResultPath": "$.d"}, {**SOURCE, "d": {}}),
        ({"Parameters": {"x.$": "$.a.b", "y": [2]}}, {"x": 1, "y": [2]}),
        ({"InputPath": "$.a", "Parameters": {"x.$": "$.b"}}, {"x": 1}),
        ({"Parameters": {"x.$": "$.a.b"}, "ResultPath": "$.a", "OutputPath": "$.a"}, {"x": 1}),
    ],
)
def test_a_pass_goes_through_its_stages_in_order(fields: States, output: Any) -> None:
    assert passed(**fields) == output


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, {"r": 5}),
        ({"ResultPath": None}, SOURCE),
        ({"ResultPath": "$.d"}, {**SOURCE, "d": {"r": 5}}),
        ({"ResultSelector": {"s.$": "$.r", "t": 1}}, {"s": 5, "t": 1}),
        ({"ResultSelector": {"s.$": "$.r"}, "ResultPath": "$.a", "OutputPath": "$.a.s"}, 5),
        ({"InputPath": "$.a", "ResultPath": "$.d"}, {**SOURCE, "d": {"r": 5}}),
        ({"OutputPath": None}, {}),
        ({"ResultPath": None, "OutputPath": "$.a"}, {"b": 1}),
    ],
)
def test_a_result_goes_through_its_stages_in_order(fields: States, output: Any) -> None:
    assert worked({"r": 5}, **fields) == output


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        ({}, SOURCE),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": None}, {}),
        ({"InputPath": "$.a", "Parameters": {"x.$": "$.b", "y.$": "$$.Execution.Input.c[0]"}}, {"x": 1, "y": 1}),
        ({"Parameters": {"x.$": "States.Format('{}!', $.a.b)"}}, {"x": "1!"}),
    ],
)
def test_a_task_is_given_what_input_path_and_parameters_leave(fields: States, parameters: Any) -> None:
    run = Run(machine(T=task(**fields)), SOURCE)
    assert json.loads(run.details("LambdaFunctionScheduled")[0]["input"]) == parameters
    assert run.commands[0].parameters.value == parameters  # type: ignore[union-attr]


def test_a_text_stays_as_it_was_written_until_something_changes_the_value() -> None:
    text = '{ "a" : 1.0, "b":[ 1,2 ] , "e": 1E2, "é": "\\u00e9" }'
    run = Run(machine(P={"Type": "Pass"}, T=task(ResultPath=None), S={"Type": "Succeed"}), text)
    assert run.details("LambdaFunctionScheduled")[0]["input"] == text
    run.succeed("T")
    assert {event["input"] for event in run.details("TaskStateEntered") + run.details("SucceedStateEntered")} == {text}
    assert run.output == text


def test_what_is_computed_is_written_compactly() -> None:
    run = Run(machine(P={"Type": "Pass", "OutputPath": "$.b"}), '{ "b": [ 1, {"é": "ü"} ] }')
    assert run.output == '[1,{"é":"ü"}]'


def test_a_result_stays_as_it_was_written() -> None:
    run = Run(machine(T=task(), P={"Type": "Pass"}))
    run.succeed("T", "[ 1,  2 ]")
    assert run.details("LambdaFunctionSucceeded")[0]["output"] == "[ 1,  2 ]"
    assert run.output == "[ 1,  2 ]"


def test_details_that_hold_data_say_that_it_is_whole() -> None:
    run = Run(machine(P={"Type": "Pass"}), {"a": 1})
    started, entered, exited, succeeded = run.history
    assert started["executionStartedEventDetails"] == {
        "input": '{"a":1}',
        "inputDetails": {"truncated": False},
        "roleArn": ROLE,
    }
    assert entered["stateEnteredEventDetails"]["inputDetails"] == {"truncated": False}
    assert exited["stateExitedEventDetails"]["outputDetails"] == {"truncated": False}
    assert succeeded["executionSucceededEventDetails"] == {"output": '{"a":1}', "outputDetails": {"truncated": False}}


WHERE = "An error occurred while executing the state 'P' (entered at the event id #2)."


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"InputPath": "$.x"}, "Invalid path '$.x' : No results for path: $['x']"),
        ({"OutputPath": "$.x"}, "Invalid path '$.x' : No results for path: $['x']"),
        (
            {"Parameters": {"v.$": "$.x"}},
            "The JSONPath '$.x' specified for the field 'v.$' could not be found in the input '{\"a\":1}'",
        ),
    ],
)
def test_a_path_that_leads_nowhere_fails_the_execution(fields: States, cause: str) -> None:
    run = Run(machine(P={"Type": "Pass", **fields}), {"a": 1})
    assert run.status == "FAILED"
    assert run.trouble == ("States.Runtime", f"{WHERE} {cause}")
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


def test_a_result_that_has_no_place_fails_the_execution() -> None:
    run = Run(machine(T=task(ResultPath="$.a.b", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}]),
                      S={"Type": "Succeed"}), {"a": 1})  # fmt: skip
    run.succeed("T")
    assert run.status == "FAILED"
    assert run.trouble[0] == "States.Runtime"
    assert run.story[-2:] == ["5<4 LambdaFunctionSucceeded", "6<5 ExecutionFailed States.Runtime"]


def context_of(run: Run, state: str = "T") -> Any:
    return json.loads(run.details("LambdaFunctionScheduled")[-1]["input"])


def test_the_context_object_tells_of_the_execution_and_the_state() -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 2}, T=task(Parameters={"c.$": "$$"})), {"a": 1})
    run.after(2)
    assert context_of(run)["c"] == {
        "Execution": {
            "Id": EXECUTION,
            "Input": {"a": 1},
            "StartTime": "2026-01-01T00:00:00.000Z",
            "Name": "run",
            "RoleArn": ROLE,
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": MACHINE, "Name": "machine"},
        "State": {"Name": "T", "EnteredTime": "2026-01-01T00:00:02.000Z"},
    }


def test_a_state_with_retriers_sees_how_often_it_was_retried() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
    run = Run(machine(T=task(Parameters={"n.$": "$$.State.RetryCount"}, Retry=retry)))
    assert context_of(run) == {"n": 0}
    run.fail("T")
    run.after(1)
    assert context_of(run) == {"n": 1}
    assert run.world.now == START + 1000


def test_each_state_of_a_turn_sees_a_context_object_of_its_own() -> None:
    """Of a state with retriers AWS shows the count of retries, and not that of redrives."""
    seen = {"Type": "Pass", "Parameters": {"before.$": "$$"}}
    retry = [{"ErrorEquals": ["States.ALL"]}]
    run = Run(machine(P=seen, T=task(Parameters={"before.$": "$.before", "here.$": "$$"}, Retry=retry)))
    before, here = context_of(run)["before"], context_of(run)["here"]
    assert before["State"] == {"Name": "P", "EnteredTime": "2026-01-01T00:00:00.000Z"}
    assert here["State"] == {"Name": "T", "EnteredTime": "2026-01-01T00:00:00.000Z", "RetryCount": 0}
    assert before["Execution"] == {**here["Execution"], "RedriveCount": 0}
    assert "RedriveCount" not in here["Execution"]


def test_the_next_state_starts_to_count_its_retries_anew() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
    run = Run(machine(T=task(Retry=retry), U=task(Parameters={"n.$": "$$.State.RetryCount"}, Retry=retry)))
    run.fail("T")
    run.after(1)
    run.succeed("T")
    assert context_of(run) == {"n": 0}


def test_a_task_that_waits_for_its_token_sees_it_and_each_attempt_has_its_own() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
    run = Run(machine(T=task(CALLBACK, Parameters={"MessageBody.$": "$$.Task.Token"}, Retry=retry)))
    run.fail("T")
    run.after(1)
    tokens = [json.loads(details["parameters"])["MessageBody"] for details in run.details("TaskScheduled")]
    assert len(set(tokens)) == 2
    assert tokens[-1] == run.world.token(0, run.lane("T").ticket)


def test_the_item_of_a_map_is_seen_by_everything_inside_the_iteration() -> None:
    inner = machine(T=task(Parameters={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}))
    run = Run(machine(M=each(machine(P=parallel(inner)), ItemSelector={"hidden": True})), ["x", "y"])
    given = [json.loads(details["input"]) for details in run.details("LambdaFunctionScheduled")]
    assert given == [{"i": 0, "v": "x"}, {"i": 1, "v": "y"}]


def test_a_value_that_was_given_is_never_changed_in_place() -> None:
    run = Run(
        machine(
            A={"Type": "Pass", "Result": {"r": 1}, "ResultPath": "$.a.new"},
            B={"Type": "Pass", "Parameters": {"before.$": "$$.Execution.Input", "now.$": "$"}},
        ),
        SOURCE,
    )
    assert run.output is not None
    assert json.loads(run.output) == {"before": SOURCE, "now": {"a": {"b": 1, "new": {"r": 1}}, "c": [1, 2]}}
