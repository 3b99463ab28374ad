"""Map, inline: one iteration an item, so many at a time, all accounted for."""

import json
from typing import Any

import pytest

from machine.harness import Run, States, each, fails, lines, machine, parallel, task
from stepwell.machine import events
from stepwell.machine.limits import Limits

CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
CAUGHT = {"Type": "Succeed"}
PASS = {"Type": "Pass"}
EXCEEDED = ("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


def mapped(source: Any, processor: States | None = None, **fields: Any) -> Run:
    return Run(machine(M=each(processor or machine(T=task()), **fields)), source)


def indexes(run: Run, kind: str) -> list[int]:
    return [details["index"] for details in run.details(f"MapIteration{kind}")]


def told(run: Run, event: str) -> list[str]:
    """Return what the history tells behind an event, without ids."""
    story = [line.split(" ", 1)[1] for line in run.story]
    return story[story.index(event) + 1 :]


def test_iterations_of_the_first_wave_start_behind_map_state_started() -> None:
    run = mapped(["a", "b"], machine(A=PASS))
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 MapStateEntered M
        3<2 MapStateStarted
        4<3 MapIterationStarted 0
        5<3 MapIterationStarted 1
        6<4 PassStateEntered A
        7<6 PassStateExited A
        8<7 MapIterationSucceeded 0
        9<5 PassStateEntered A
        10<9 PassStateExited A
        11<10 MapIterationSucceeded 1
        12<11 MapStateSucceeded
        13<11 MapStateExited M
        14<13 ExecutionSucceeded
    """)
    assert run.output == '["a","b"]'
    assert run.details("MapStateStarted") == [{"length": 2}]
    assert run.details("MapIterationStarted") == [{"name": "M", "index": 0}, {"name": "M", "index": 1}]


def test_a_later_iteration_starts_behind_the_last_state_of_the_one_that_made_room() -> None:
    run = mapped([1, 2], machine(A=PASS), MaxConcurrency=1)
    assert run.story[2:] == lines("""
        3<2 MapStateStarted
        4<3 MapIterationStarted 0
        5<4 PassStateEntered A
        6<5 PassStateExited A
        7<6 MapIterationSucceeded 0
        8<6 MapIterationStarted 1
        9<8 PassStateEntered A
        10<9 PassStateExited A
        11<10 MapIterationSucceeded 1
        12<11 MapStateSucceeded
        13<11 MapStateExited M
        14<13 ExecutionSucceeded
    """)


def test_a_map_over_nothing_succeeds_with_nothing() -> None:
    assert mapped([]).story == lines("""
        1<0 ExecutionStarted
        2<0 MapStateEntered M
        3<2 MapStateStarted
        4<3 MapStateSucceeded
        5<3 MapStateExited M
        6<5 ExecutionSucceeded
    """)
    assert mapped([]).output == "[]"


def test_a_state_follows_a_map_over_nothing() -> None:
    run = Run(machine(M=each(machine(A=PASS)), T=task()), [])
    assert len(run.commands) == 1
    run.succeed("T", "5")
    assert run.output == "5"


@pytest.mark.parametrize(
    ("wanted", "most"), [(1, 1), (2, 2), (5, 5), (0, 40), (39, 39), (40, 40), (41, 40), (1_000, 40)]
)
def test_at_most_max_concurrency_iterations_are_open(wanted: int, most: int) -> None:
    run = mapped([*range(50)], MaxConcurrency=wanted)
    assert len(run.waiting("T")) == most
    while run.status == "RUNNING":
        assert len(run.waiting("T")) <= most
        run.succeed("T", index=len(run.waiting("T")) - 1)
    assert sorted(indexes(run, "Succeeded")) == indexes(run, "Started") == [*range(50)]


def test_the_concurrency_may_come_from_a_path() -> None:
    run = mapped({"c": 2, "items": [1, 2, 3]}, ItemsPath="$.items", MaxConcurrencyPath="$.c")
    assert indexes(run, "Started") == [0, 1]


def test_results_are_in_the_order_of_the_items_and_not_of_their_ends() -> None:
    run = mapped(["a", "b", "c"])
    for index in (2, 0, 0):
        lane = run.lane("T", index)
        run.succeed("T", json.dumps({"of": lane.input.value}), index)
    assert indexes(run, "Succeeded") == [2, 0, 1]
    assert json.loads(str(run.output)) == [{"of": "a"}, {"of": "b"}, {"of": "c"}]


def test_items_are_selected_by_path_and_shaped_by_the_item_selector() -> None:
    selector = {"v.$": "$$.Map.Item.Value.n", "i.$": "$$.Map.Item.Index", "all.$": "$.k", "fixed": [1]}
    source = {"in": {"items": [{"n": 7}, {"n": 8}], "k": "K"}}
    run = mapped(source, machine(A=PASS), InputPath="$.in", ItemsPath="$.items", ItemSelector=selector)
    assert json.loads(str(run.output)) == [
        {"v": 7, "i": 0, "all": "K", "fixed": [1]},
        {"v": 8, "i": 1, "all": "K", "fixed": [1]},
    ]


def test_the_legacy_fields_mean_the_same() -> None:
    processor = machine(A=PASS)
    legacy = {"Type": "Map", "Iterator": processor, "Parameters": {"v.$": "$$.Map.Item.Value"}}
    new = each(processor, ItemSelector={"v.$": "$$.Map.Item.Value"})
    assert Run(machine(M=legacy), [1, 2]).story == Run(machine(M=new), [1, 2]).story
    assert Run(machine(M=legacy), [1, 2]).output == '[{"v":1},{"v":2}]'


def test_a_result_goes_through_selector_result_path_and_output_path() -> None:
    fields = {"ItemsPath": "$.items", "ResultSelector": {"first.$": "$[0]"}, "ResultPath": "$.r", "OutputPath": "$.r"}
    assert mapped({"items": [5]}, machine(A=PASS), **fields).output == '{"first":5}'


@pytest.mark.parametrize("value", [{}, "text", 5, None])
def test_what_is_no_array_cannot_be_mapped_over(value: Any) -> None:
    run = Run(machine(M=each(machine(A=PASS), Catch=CATCH), C=CAUGHT), json.dumps(value))
    assert run.trouble == ("States.Runtime", 'Reference path "$" must point to array.')
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (
            "MaxConcurrencyPath",
            "x",
            'The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.v',
        ),
        ("ToleratedFailureCountPath", 1.5, 'field refers to value "1.5" which is not a valid integer: $.v'),
        ("ToleratedFailurePercentagePath", "x", 'field refers to value "x" which is not a valid float: $.v'),
        ("ToleratedFailureCountPath", -1, "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailurePercentagePath", -1.1, "ToleratedFailurePercentage must be between 0 and 100."),
        ("ToleratedFailurePercentagePath", 100.1, "ToleratedFailurePercentage must be between 0 and 100."),
    ],
)
def test_a_number_that_is_none_fails_the_state_before_it_starts(field: str, value: Any, words: str) -> None:
    run = mapped({"v": value, "items": [1]}, ItemsPath="$.items", **{field: "$.v"})
    assert run.trouble[0] == "States.Runtime"
    assert words in str(run.trouble[1])
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


# Failures


def test_the_first_failed_iteration_aborts_the_others_and_is_the_states() -> None:
    run = mapped([1, 2, 3, 4], MaxConcurrency=3)
    run.succeed("T", index=2)
    run.fail("T", "Boom", "It broke", index=1)
    assert told(run, "LambdaFunctionFailed Boom") == [
        "TaskStateAborted",
        "MapIterationFailed 1",
        "TaskStateAborted",
        "MapIterationAborted 0",
        "TaskStateAborted",
        "MapIterationAborted 3",
        "MapStateFailed",
        "ExecutionFailed Boom",
    ]
    assert run.trouble == ("Boom", "It broke")
    assert indexes(run, "Succeeded") == [2]


def test_a_failed_iteration_names_its_events_as_aws_does() -> None:
    run = mapped([1], machine(F=fails()))
    assert run.story[3:] == lines("""
        4<3 MapIterationStarted 0
        5<4 FailStateEntered F
        6<5 MapIterationFailed 0
        7<5 MapStateFailed
        8<7 ExecutionFailed Boom
    """)


def test_a_caught_failure_goes_on_behind_map_state_failed() -> None:
    run = Run(machine(M=each(machine(F=fails()), Catch=CATCH), C=CAUGHT), [1])
    assert run.story[6:9] == ["7<5 MapStateFailed", "8<7 MapStateExited M", "9<8 SucceedStateEntered C"]
    assert run.output == '{"Error":"Boom","Cause":"It broke"}'


def test_a_retry_starts_all_iterations_anew_behind_the_last_failure() -> None:
    retry = [
        {"ErrorEquals": ["Other"], "MaxAttempts": 1},
        {"ErrorEquals": ["Boom"], "MaxAttempts": 3, "BackoffRate": 1},
    ]
    run = mapped([1], machine(F=fails()), Retry=retry, MaxConcurrency=1)
    run.after(10)
    assert run.story[2:] == lines("""
        3<2 MapStateStarted
        4<3 MapIterationStarted 0
        5<4 FailStateEntered F
        6<5 MapIterationFailed 0
        7<5 MapStateStarted
        8<7 MapIterationStarted 0
        9<8 FailStateEntered F
        10<9 MapIterationFailed 0
        11<9 MapStateStarted
        12<11 MapIterationStarted 0
        13<12 FailStateEntered F
        14<13 MapIterationFailed 0
        15<13 MapStateStarted
        16<15 MapIterationStarted 0
        17<16 FailStateEntered F
        18<17 MapIterationFailed 0
        19<17 MapStateFailed
        20<19 ExecutionFailed Boom
    """)
    assert run.times("MapStateStarted") == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("fields", "length", "tolerated"),
    [
        ({"ToleratedFailureCount": 2}, 5, 2),
        ({"ToleratedFailureCount": 0}, 3, 0),
        ({"ToleratedFailurePercentage": 50}, 5, 2),
        ({"ToleratedFailurePercentage": 50}, 4, 2),
        ({"ToleratedFailurePercentage": 0}, 3, 0),
        ({"ToleratedFailurePercentage": 33.4}, 3, 1),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}, 4, 1),
        ({"ToleratedFailureCount": 3, "ToleratedFailurePercentage": 25}, 4, 1),
    ],
)
def test_so_many_failures_are_tolerated_and_the_next_one_is_not(fields: States, length: int, tolerated: int) -> None:
    run = mapped([*range(length)], **fields)
    for _ in range(tolerated):
        run.fail("T")
        assert run.status == "RUNNING"
    run.fail("T")
    assert run.trouble == EXCEEDED
    assert indexes(run, "Failed") == [*range(tolerated + 1)]
    assert indexes(run, "Aborted") == [*range(tolerated + 1, length)]


def test_with_a_hundred_percent_all_may_fail() -> None:
    run = mapped([1, 2], machine(F=fails("A", "B")), ToleratedFailurePercentage=100)
    assert run.status == "SUCCEEDED"
    assert run.output == '[{"Error":"A","Cause":"B"},{"Error":"A","Cause":"B"}]'


def test_a_tolerated_failure_makes_room_for_the_next_item() -> None:
    run = mapped([1, 2, 3], MaxConcurrency=1, ToleratedFailureCount=1)
    run.fail("T")
    assert run.story[7:] == lines("""
        8<7 LambdaFunctionFailed Boom
        9<8 TaskStateAborted
        10<8 MapIterationFailed 0
        11<8 MapIterationStarted 1
        12<11 TaskStateEntered T
        13<12 LambdaFunctionScheduled
        14<13 LambdaFunctionStarted
    """)
    run.succeed("T", "1")
    run.succeed("T", "2")
    assert run.output == '[{"Error":"Boom","Cause":"It broke"},1,2]'


def test_what_cannot_be_caught_is_not_tolerated() -> None:
    run = mapped([1, 2], ToleratedFailurePercentage=100)
    run.fail("T", "States.Runtime", "no")
    assert run.trouble == ("States.Runtime", "no")


def test_an_exceeded_tolerance_can_be_caught() -> None:
    run = Run(machine(M=each(machine(F=fails()), ToleratedFailureCount=0, Catch=CATCH), C=CAUGHT), [1])
    assert json.loads(str(run.output))["Error"] == EXCEEDED[0]


def test_an_iteration_that_could_not_even_schedule_its_task_is_tolerated_and_gone() -> None:
    broken = machine(T=task(Parameters={"v.$": "States.StringToJson($.text)"}), W={"Type": "Wait", "Seconds": 5})
    run = mapped([{"text": "{"}, {"text": "1"}], broken, ToleratedFailureCount=1)
    assert indexes(run, "Failed") == [0]
    run.stop()
    assert run.status == "ABORTED"
    assert [type(command) for command in run.commands] == [events.Cancel]


def test_an_item_selector_that_fails_fails_the_map_wherever_it_is() -> None:
    selector = {"v.$": "States.StringToJson($$.Map.Item.Value)"}
    first = mapped(["{", "1"], ItemSelector=selector)
    assert first.trouble[0] == "States.IntrinsicFailure"
    assert first.story[-2:] == ["4<3 MapStateFailed", "5<4 ExecutionFailed States.IntrinsicFailure"]
    later = mapped(["1", "{"], ItemSelector=selector, MaxConcurrency=1)
    later.succeed("T")
    assert later.trouble[0] == "States.IntrinsicFailure"
    assert indexes(later, "Succeeded") == [0]


def test_an_item_selector_that_fails_behind_a_tolerated_failure_is_the_maps_own() -> None:
    selector = {"v.$": "States.StringToJson($$.Map.Item.Value)"}
    run = mapped(["1", "{"], ItemSelector=selector, MaxConcurrency=1, ToleratedFailureCount=1)
    run.fail("T")
    assert run.trouble[0] == "States.IntrinsicFailure"
    assert "executing the state 'M'" in str(run.trouble[1])


def test_an_iteration_whose_end_waits_for_its_turn_is_aborted_as_well() -> None:
    inner = parallel(machine(A=PASS), End=True)
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "T"}],
        "Default": "P",
    }
    processor = {"StartAt": "K", "States": {"K": choice, "T": task(End=True), "P": inner}}
    run = Run(machine(M=each(processor)), [0, 1], limits=Limits(transitions_per_turn=1))
    while not any(lane.waits == "turn" and lane.state is None for lane in run.lanes):
        run.send(events.TurnCame())
    run.fail("T")
    assert indexes(run, "Failed") == [0]
    assert indexes(run, "Aborted") == [1]


# Nesting


def test_maps_nest_and_each_item_is_the_innermost() -> None:
    inner = each(machine(A={"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}}))
    run = mapped([["a"], ["b", "c"]], machine(I=inner), MaxConcurrency=1)
    assert json.loads(str(run.output)) == [[{"v": "a", "i": 0}], [{"v": "b", "i": 0}, {"v": "c", "i": 1}]]
    assert indexes(run, "Started") == [0, 0, 1, 0, 1]


def test_an_inner_failure_aborts_inside_out_and_rises() -> None:
    run = mapped([[1, 2], [3]], machine(I=each(machine(T=task()))))
    run.fail("T", "Boom", "deep", index=0)
    assert told(run, "LambdaFunctionFailed Boom") == [
        "TaskStateAborted",
        "MapIterationFailed 0",
        "TaskStateAborted",
        "MapIterationAborted 1",
        "MapStateFailed",
        "MapIterationFailed 0",
        "TaskStateAborted",
        "MapIterationAborted 0",
        "MapStateAborted",
        "MapIterationAborted 1",
        "MapStateFailed",
        "ExecutionFailed Boom",
    ]
    assert run.trouble == ("Boom", "deep")


def test_an_inner_map_that_fails_is_one_tolerated_failure_of_the_outer() -> None:
    run = mapped([[1], [2]], machine(I=each(machine(T=task()))), ToleratedFailureCount=1)
    run.fail("T", "Boom", "deep")
    run.succeed("T", "2")
    assert json.loads(str(run.output)) == [{"Error": "Boom", "Cause": "deep"}, [2]]


def test_a_map_state_can_be_entered_again_in_the_same_lane() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.items[1]", "IsPresent": True, "Next": "M"}], "Default": "C"}
    cut = {"Type": "Pass", "Parameters": {"items.$": "$.items[1:]", "r.$": "$.r"}}
    run = Run(
        machine(
            M=each(machine(A=PASS), ItemsPath="$.items", ResultPath="$.r"),
            Cut={**cut, "Next": "Again"},
            Again=again,
            C=CAUGHT,
        ),
        {"items": [1, 2, 3]},
    )
    assert run.output == '{"items":[3],"r":[2,3]}'
    assert indexes(run, "Started") == [0, 1, 2, 0, 1]
