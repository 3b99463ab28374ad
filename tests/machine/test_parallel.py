"""Parallel: branches side by side, their results in order, and what a failure does to the others."""

import json

import pytest

from machine.harness import CALLBACK, JOB, Run, each, fails, lines, machine, parallel, task
from stepwell.machine import events

WAIT = {"Type": "Wait", "Seconds": 60}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
CAUGHT = {"Type": "Succeed"}


def passes(result: object) -> dict[str, object]:
    return {"Type": "Pass", "Result": result}


def test_branches_run_in_order_and_give_their_results_in_order() -> None:
    run = Run(machine(P=parallel(machine(A=passes(1)), machine(B=passes(2)))))
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 ParallelStateEntered P
        3<2 ParallelStateStarted
        4<3 PassStateEntered A
        5<4 PassStateExited A
        6<3 PassStateEntered B
        7<6 PassStateExited B
        8<7 ParallelStateSucceeded
        9<7 ParallelStateExited P
        10<9 ExecutionSucceeded
    """)
    assert run.output == "[1,2]"


def test_results_are_in_the_order_of_the_branches_and_not_of_their_ends() -> None:
    run = Run(machine(P=parallel(machine(A=task()), machine(B=task()), machine(C=task()))))
    for name in "CAB":
        run.succeed(name, name.lower().join('""'))
    assert run.output == '["a","b","c"]'
    assert run.story[-4:-1] == [
        "18<17 TaskStateExited B",
        "19<18 ParallelStateSucceeded",
        "20<18 ParallelStateExited P",
    ]


def test_all_branches_get_the_same_input() -> None:
    p = parallel(
        machine(A={"Type": "Pass"}), machine(B={"Type": "Pass"}), Parameters={"x.$": "$.in.y"}, InputPath="$.a"
    )
    assert Run(machine(P=p), {"a": {"in": {"y": 1}}}).output == '[{"x":1},{"x":1}]'


def test_a_result_goes_through_selector_result_path_and_output_path() -> None:
    p = parallel(machine(A=passes(1)), machine(B=passes(2)), ResultSelector={"two.$": "$[1]"}, ResultPath="$.r")
    assert Run(machine(P=p), {"a": 1}).output == '{"a":1,"r":{"two":2}}'
    assert Run(machine(P={**p, "OutputPath": "$.r.two"}), {"a": 1}).output == "2"


def test_the_first_failure_aborts_the_other_branches_and_is_the_states() -> None:
    branches = [machine(A=task()), machine(B=WAIT), machine(C=task(CALLBACK)), machine(D=passes(1))]
    run = Run(machine(P=parallel(*branches)))
    run.fail("A", "Boom", "It broke")
    assert run.story[3:] == lines("""
        4<3 TaskStateEntered A
        5<4 LambdaFunctionScheduled
        6<5 LambdaFunctionStarted
        7<3 WaitStateEntered B
        8<3 TaskStateEntered C
        9<8 TaskScheduled
        10<9 TaskStarted
        11<3 PassStateEntered D
        12<11 PassStateExited D
        13<6 LambdaFunctionFailed Boom
        14<13 TaskStateAborted
        15<7 WaitStateAborted
        16<10 TaskStateAborted
        17<13 ParallelStateFailed
        18<17 ExecutionFailed Boom
    """)
    assert run.trouble == ("Boom", "It broke")


def test_whoever_works_for_an_aborted_branch_is_told() -> None:
    run = Run(machine(P=parallel(machine(A=task()), machine(B=task(JOB)), machine(W=WAIT)), C=CAUGHT))
    run.submit("B", {}, "job 1")
    waiting = {lane.state: (lane.number, lane.ticket) for lane in run.lanes if lane.ticket}
    run.fail("A")
    cancelled = {(each.lane, each.ticket): each.job for each in run.commands if isinstance(each, events.Cancel)}
    assert cancelled == {waiting["B"]: "job 1", waiting["W"]: None}


def test_a_branch_that_has_not_begun_leaves_no_trace_of_its_end() -> None:
    run = Run(machine(P=parallel(machine(F=fails()), machine(A=task()), machine(B=WAIT))))
    assert run.story[2:] == lines("""
        3<2 ParallelStateStarted
        4<3 FailStateEntered F
        5<4 ParallelStateFailed
        6<5 ExecutionFailed Boom
    """)
    assert run.commands == []


def test_a_caught_failure_goes_on_behind_parallel_state_failed() -> None:
    run = Run(machine(P=parallel(machine(F=fails("A", "B")), Catch=CATCH, ResultPath="$.never"), C=CAUGHT))
    assert run.story[2:] == lines("""
        3<2 ParallelStateStarted
        4<3 FailStateEntered F
        5<4 ParallelStateFailed
        6<5 ParallelStateExited P
        7<6 SucceedStateEntered C
        8<7 SucceedStateExited C
        9<8 ExecutionSucceeded
    """)
    assert run.output == '{"Error":"A","Cause":"B"}'


def test_a_retry_starts_all_branches_anew_and_fails_only_when_it_is_used_up() -> None:
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 2, "IntervalSeconds": 1}]
    run = Run(machine(P=parallel(machine(F=fails()), Retry=retry)))
    run.after(10)
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 ParallelStateEntered P
        3<2 ParallelStateStarted
        4<3 FailStateEntered F
        5<4 ParallelStateStarted
        6<5 FailStateEntered F
        7<6 ParallelStateStarted
        8<7 FailStateEntered F
        9<8 ParallelStateFailed
        10<9 ExecutionFailed Boom
    """)
    assert run.times("ParallelStateStarted") == [0, 1, 3]


def test_a_retried_parallel_ends_with_the_results_of_its_last_attempt_only() -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}]
    run = Run(machine(P=parallel(machine(A=task()), machine(B=task()), Retry=retry)))
    run.succeed("A", '"first"')
    run.fail("B")
    run.after(1)
    run.succeed("B", '"b"')
    run.succeed("A", '"second"')
    assert run.output == '["second","b"]'


def test_a_nested_failure_rises_level_by_level_with_its_error() -> None:
    inner = machine(I=parallel(machine(T=task()), machine(V=WAIT)))
    run = Run(machine(O=parallel(inner, machine(W=WAIT))))
    run.fail("T", "Boom", "deep")
    assert run.story[3:] == lines("""
        4<3 ParallelStateEntered I
        5<4 ParallelStateStarted
        6<3 WaitStateEntered W
        7<5 TaskStateEntered T
        8<7 LambdaFunctionScheduled
        9<8 LambdaFunctionStarted
        10<5 WaitStateEntered V
        11<9 LambdaFunctionFailed Boom
        12<11 TaskStateAborted
        13<10 WaitStateAborted
        14<11 ParallelStateFailed
        15<6 WaitStateAborted
        16<14 ParallelStateFailed
        17<16 ExecutionFailed Boom
    """)
    assert run.trouble == ("Boom", "deep")


def test_an_inner_parallel_is_aborted_from_the_inside_out() -> None:
    inner = machine(I=parallel(machine(V=WAIT), machine(U=task())))
    run = Run(machine(O=parallel(machine(T=task()), inner)))
    run.fail("T")
    kinds = [line.split()[1] for line in run.story[-7:]]
    assert kinds == [
        "LambdaFunctionFailed",
        "TaskStateAborted",
        "WaitStateAborted",
        "TaskStateAborted",
        "ParallelStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed",
    ]


def test_what_an_inner_state_catches_does_not_fail_the_outer_one() -> None:
    inner = machine(I=parallel(machine(T=task()), Catch=CATCH), C=CAUGHT)
    run = Run(machine(O=parallel(inner, machine(A=passes(1)))))
    run.fail("T", "Boom", "deep")
    assert json.loads(str(run.output)) == [{"Error": "Boom", "Cause": "deep"}, 1]


@pytest.mark.parametrize("error", ["States.Runtime"])
def test_what_cannot_be_caught_passes_all_catchers(error: str) -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}]
    p = parallel(machine(F=fails(error, "no")), Catch=CATCH, Retry=retry)
    run = Run(machine(O=parallel(machine(P=p, C=CAUGHT), Catch=CATCH, Retry=retry), C=CAUGHT))
    assert run.trouble == ("States.Runtime", "no")


def test_a_choice_without_a_way_out_in_a_branch_can_be_caught_around_it() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsPresent": True, "Next": "X"}]}
    run = Run(machine(P=parallel(machine(A=choice, X=CAUGHT), Catch=CATCH), C=CAUGHT))
    assert json.loads(str(run.output))["Error"] == "States.NoChoiceMatched"


def test_a_map_in_a_branch_is_aborted_with_its_iterations() -> None:
    m = machine(M=each(machine(U=task()), ItemsPath="$.items"))
    run = Run(machine(P=parallel(machine(T=task()), m)), {"items": [1, 2]})
    run.fail("T")
    assert [line.split(" ", 1)[1] for line in run.story[-9:]] == [
        "LambdaFunctionFailed Boom",
        "TaskStateAborted",
        "TaskStateAborted",
        "MapIterationAborted 0",
        "TaskStateAborted",
        "MapIterationAborted 1",
        "MapStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed Boom",
    ]


def test_a_parallel_that_is_waiting_for_its_retry_can_be_aborted() -> None:
    inner = machine(I=parallel(machine(F=fails()), Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 50}]))
    run = Run(machine(O=parallel(inner, machine(T=task()))))
    run.fail("T", "Other")
    assert "ParallelStateAborted" in {event["type"] for event in run.history}
    assert run.trouble[0] == "Other"
