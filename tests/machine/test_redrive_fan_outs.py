"""Redrive in Parallel and Map: what was done stays done, the rest goes on; with Retry and Catch above as without."""

import json

import pytest

from machine.harness import Run, both, each, ended_by, lines, machine, parallel, task
from stepwell.machine.data import ENDED, GATHERING

WAIT = {"Type": "Wait", "Seconds": 60}
PASS = {"Type": "Pass"}


@both
def test_of_a_parallel_the_branches_that_were_not_done_go_on(restart):
    p = parallel(
        machine(A={"Type": "Pass", "Result": "a"}),
        machine(T=task(), U=PASS),
        machine(W=WAIT, Z=PASS),
        machine(V=task()),
    )
    run = Run(machine(P=p, End={"Type": "Succeed"}), {"in": 1}, restart=restart)
    run.succeed("V", {"v": 1})
    run.fail("T")
    assert run.status == "FAILED"
    assert [(lane.state, lane.waits) for lane in run.lanes] == [
        ("P", ENDED), (None, GATHERING), ("T", ENDED), ("W", ENDED), (None, GATHERING),
    ]  # fmt: skip
    redriven = len(run.story) + 1
    run.redrive()
    assert run.story[redriven - 1 :] == lines(f"""
        {redriven}<{redriven - 1} ExecutionRedriven
        {redriven + 1}<{redriven} LambdaFunctionScheduled
        {redriven + 2}<{redriven + 1} LambdaFunctionStarted
        {redriven + 3}<{redriven} WaitStateEntered W
    """)
    run.succeed("T", {"t": 1})
    run.after(60)
    assert (run.status, run.output) == ("SUCCEEDED", '["a",{"t":1},{"in":1},{"v":1}]')


@both
def test_of_a_map_failed_aborted_and_unstarted_iterations_run(restart):
    run = Run(machine(M=each(machine(T=task(), U=PASS), MaxConcurrency=2)), [1, 2, 3, 4], restart=restart)
    run.succeed("T", {"n": 1}, 0)
    run.fail("T", index=0)  # the second; the third runs, the fourth has not started
    assert run.status == "FAILED"
    first = len(run.story)
    run.redrive()
    story = [line.split(" ", 1)[1] for line in run.story[first:]]
    assert [told for told in story if told.startswith("Map")] == ["MapIterationStarted 1", "MapIterationStarted 2"]
    assert not [told for told in story if told.endswith("Entered T")]
    for number in (2, 3, 4):
        run.succeed("T", {"n": number}, 0)
    assert run.status == "SUCCEEDED"
    assert run.output == '[{"n":1},{"n":2},{"n":3},{"n":4}]'
    assert len(run.details("MapStateStarted")) == 1


@both
def test_an_iteration_goes_on_in_the_state_it_was_in(restart):
    run = Run(machine(M=each(machine(A=PASS, T=task(), B=PASS, U=task()), MaxConcurrency=1)), [1, 2], restart=restart)
    run.succeed("T", {"t": 1})
    run.fail("U")
    run.redrive()
    assert (len(run.waiting("T")), len(run.waiting("U"))) == (0, 1)
    run.succeed("U", {"u": 1})
    run.succeed("T", {"t": 2})
    run.succeed("U", {"u": 2})
    assert run.output == '[{"u":1},{"u":2}]'


@both
@pytest.mark.parametrize("end", ["failure", "stop", "time-out"])
def test_nested_fan_outs_go_on_however_they_ended(restart, end):
    inner = machine(P=parallel(machine(T=task(), X=PASS), machine(W=WAIT)))
    outer = parallel(machine(M=each(inner, MaxConcurrency=2), N=PASS), machine(O=task(), Q=PASS))
    run = Run(machine(timeout=90, F=outer, End={"Type": "Succeed"}), [1, 2, 3], restart=restart)
    run.succeed("T", {"t": 0}, 0)
    run.succeed("O", {"o": 1})
    run.after(60)
    if end == "failure":
        run.fail("T", index=1)
    else:
        ended_by(run, end)
    assert run.status == {"failure": "FAILED", "stop": "ABORTED", "time-out": "TIMED_OUT"}[end]
    run.redrive()
    while run.status == "RUNNING":
        while run.waiting("T"):
            run.succeed("T", {"t": run.lanes[0].number})
        run.after(60)
        assert len(run.story) < 200
    assert (run.status, json.loads(run.output)) == (
        "SUCCEEDED",
        [[[{"t": 0}, 1], [{"t": 0}, 2], [{"t": 0}, 3]], {"o": 1}],
    )


@both
def test_twice_in_a_row_what_was_done_stays_done(restart):
    run = Run(machine(P=parallel(*(machine(**{name: task()}) for name in "ABC"))), restart=restart)
    run.succeed("A", 1)
    run.fail("B")
    run.redrive()
    run.succeed("B", 2)
    run.fail("C")
    assert run.status == "FAILED"
    run.redrive()
    assert [lane.state for lane in run.lanes] == ["P", None, None, "C"]
    run.succeed("C", 3)
    assert (run.status, run.output) == ("SUCCEEDED", "[1,2,3]")
    assert run.details("ExecutionRedriven") == [{"redriveCount": 1}, {"redriveCount": 2}]


@both
def test_branches_that_had_not_begun_when_another_failed_begin(restart):
    p = parallel(machine(F={"Type": "Pass", "InputPath": "$.no"}), machine(T=task()), machine(A=PASS))
    run = Run(machine(P=p), {"a": 1}, restart=restart)
    assert run.status == "FAILED"
    assert [lane.entered for lane in run.lanes[2:]] == [0, 0]
    run.redrive()
    assert run.status == "FAILED"


@both
def test_a_parallel_whose_results_could_not_be_gathered_gathers_them_again(restart):
    p = parallel(machine(T=task()), ResultSelector={"x.$": "$[0].no"})
    run = Run(machine(P=p), restart=restart)
    run.succeed("T", {"a": 1})
    assert run.status == "FAILED"
    run.redrive()
    assert run.status == "FAILED"
    assert len(run.details("LambdaFunctionScheduled")) == 1
    assert [line.split(" ", 1)[1] for line in run.story].count("ParallelStateSucceeded") == 2


@both
def test_a_map_that_had_not_started_starts(restart):
    run = Run(machine(M=each(machine(A=PASS), ItemsPath="$.no")), {"a": 1}, restart=restart)
    assert run.status == "FAILED"
    run.redrive()
    assert run.status == "FAILED"
    assert [line.split(" ", 1)[1] for line in run.story].count("MapStateEntered M") == 1


@both
def test_a_map_whose_next_item_could_not_be_made_tries_it_again(restart):
    states = machine(M=each(machine(T=task()), ItemSelector={"v.$": "$$.Map.Item.Value.v"}, MaxConcurrency=1))
    run = Run(states, [{"v": 1}, {}], restart=restart)
    run.succeed("T", {"n": 1})
    assert run.status == "FAILED"
    run.redrive()
    assert run.status == "FAILED"
    assert len(run.details("LambdaFunctionScheduled")) == 1


@both
def test_a_tolerated_failure_stays_tolerated(restart):
    run = Run(machine(M=each(machine(T=task()), MaxConcurrency=1, ToleratedFailureCount=1)), [1, 2, 3], restart=restart)
    run.fail("T")
    run.fail("T")
    assert (run.status, run.trouble[0]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    run.redrive()
    run.succeed("T", {"n": 2})
    run.succeed("T", {"n": 3})
    assert run.status == "SUCCEEDED"
    assert json.loads(run.output)[1:] == [{"n": 2}, {"n": 3}]


# With Retry and Catch above


@both
def test_a_failure_that_is_caught_above_keeps_nothing(restart):
    p = parallel(
        machine(T=task()), machine(Q=parallel(machine(U=task()), machine(W=WAIT))),
        Catch=[{"ErrorEquals": ["Boom"], "Next": "C"}],
    )  # fmt: skip
    run = Run(machine(P=p, Y={"Type": "Succeed"}, C=task()), restart=restart)
    run.fail("U")
    assert [lane.state for lane in run.lanes] == ["C"]
    assert sorted(run.rows.lanes) == [0]
    run.fail("C")
    run.redrive()
    run.succeed("C", {"c": 1})
    assert (run.status, run.output) == ("SUCCEEDED", '{"c":1}')


@both
def test_a_failure_that_is_retried_above_keeps_nothing(restart):
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    run = Run(machine(M=each(machine(Q=parallel(machine(T=task()))), Retry=retry)), [1, 2], restart=restart)
    run.fail("T")
    assert (len(run.lanes), sorted(run.rows.lanes)) == (1, [0])
    run.after(1)
    run.fail("T")
    assert run.status == "FAILED"
    run.redrive()
    run.fail("T")
    assert (run.status, len(run.lanes)) == ("RUNNING", 1)
    run.after(1)
    run.succeed("T", 1)
    run.succeed("T", 2)
    assert (run.status, run.output) == ("SUCCEEDED", "[[1],[2]]")


@both
def test_a_redriven_failure_may_be_caught(restart):
    p = parallel(machine(T=task()), machine(W=WAIT), Catch=[{"ErrorEquals": ["Other"], "Next": "C"}])
    run = Run(machine(P=p, Y={"Type": "Succeed"}, C=PASS), restart=restart)
    run.fail("T")
    assert run.status == "FAILED"
    run.redrive()
    run.fail("T", "Other", "now")
    assert (run.status, run.output) == ("SUCCEEDED", '{"Error":"Other","Cause":"now"}')
