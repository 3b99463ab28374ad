"""Map, inline, when iterations fail: who is aborted, what is tolerated, retried and caught."""

import json

import pytest

from machine.harness import Run, States, each, fails, indexes, lines, machine, mapped, parallel, task, told
from stepwell.machine import events
from stepwell.machine.limits import Limits

CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
CAUGHT = {"Type": "Succeed"}
PASS = {"Type": "Pass"}
EXCEEDED = ("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


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


def test_each_attempt_of_a_map_tolerates_as_many_failures() -> None:
    run = mapped([1, 2], ToleratedFailureCount=1, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}])
    run.fail("T")
    run.fail("T")
    run.after(1)
    run.fail("T")
    run.succeed("T", "2")
    assert run.output == '[{"Error":"Boom","Cause":"It broke"},2]'


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


def test_what_ends_the_execution_in_a_maps_own_data_flow_is_not_told_of_the_map() -> None:
    missing = mapped([1], ItemSelector={"v.$": "$.nothing"})
    assert missing.story[-2:] == ["3<2 MapStateStarted", "4<3 ExecutionFailed States.Runtime"]
    selected = mapped([1], machine(P={"Type": "Pass"}), ResultSelector={"v.$": "$.nothing"})
    assert selected.story[-2:] == ["8<7 MapStateSucceeded", "9<7 ExecutionFailed States.Runtime"]
    inner = machine(N=each(machine(P={"Type": "Pass"}), ItemSelector={"v.$": "$.nothing"}))
    nested = mapped([[1]], inner)
    assert nested.story[-4:] == [
        "7<6 MapStateFailed",
        "8<7 MapIterationFailed 0",
        "9<7 MapStateFailed",
        "10<9 ExecutionFailed States.Runtime",
    ]


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
