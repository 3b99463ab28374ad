"""Redrive: an ended execution goes on from where it ended, and comes to what it would have come to at once."""

import json
from dataclasses import replace

import pytest

from machine.harness import ACTIVITY, CALLBACK, Run, each, fails, lines, machine, parallel, task
from stepwell.machine import events
from stepwell.machine.data import ENDED, GATHERING
from stepwell.machine.limits import Limits

WAIT = {"Type": "Wait", "Seconds": 60}
PASS = {"Type": "Pass"}
BOOM = {"Type": "Fail", "Error": "Boom", "Cause": "It broke"}


def both(test):
    """Let a test run twice: with the execution in memory from turn to turn, and read from its rows each time."""
    return pytest.mark.parametrize("restart", [False, True], ids=["in memory", "from rows"])(test)


def ended_by(run: Run, end: str) -> None:
    if end == "stop":
        run.stop("Stopped", "by hand")
    else:
        run.after(100)


# One state


@both
def test_a_task_is_scheduled_again_and_not_entered(restart):
    run = Run(machine(A=PASS, T=task(), B=PASS), {"a": 1}, restart=restart)
    run.fail("T")
    assert (run.status, run.trouble) == ("FAILED", ("Boom", "It broke"))
    step = run.redrive()
    assert [type(command) for command in step.commands] == [events.Call]
    assert (run.status, run.trouble) == ("RUNNING", (None, None))
    assert run.story[7:] == lines("""
        8<7 ExecutionFailed Boom
        9<8 ExecutionRedriven
        10<9 LambdaFunctionScheduled
        11<10 LambdaFunctionStarted
    """)
    assert run.details("LambdaFunctionScheduled")[-1]["input"] == '{"a":1}'
    run.succeed("T", {"r": 1})
    assert (run.status, run.output) == ("SUCCEEDED", '{"r":1}')


@both
def test_a_failed_state_fails_again_until_its_reason_is_gone(restart):
    run = Run(machine(F=BOOM), restart=restart)
    for count in (1, 2):
        run.redrive()
        assert (run.status, run.trouble) == ("FAILED", ("Boom", "It broke"))
        assert run.rows.record.redrive.count == count
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 FailStateEntered F
        3<2 ExecutionFailed Boom
        4<3 ExecutionRedriven
        5<4 FailStateEntered F
        6<5 ExecutionFailed Boom
        7<6 ExecutionRedriven
        8<7 FailStateEntered F
        9<8 ExecutionFailed Boom
    """)


@both
@pytest.mark.parametrize(
    ("state", "entered"),
    [
        ({"Type": "Pass", "InputPath": "$.b"}, "PassStateEntered S"),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Z"}]}, "ChoiceStateEntered S"),
        ({"Type": "Succeed", "InputPath": "$.b"}, "SucceedStateEntered S"),
        ({"Type": "Wait", "SecondsPath": "$.b"}, "WaitStateEntered S"),
    ],
)
def test_a_state_without_work_of_its_own_is_entered_again(restart, state, entered):
    run = Run(machine(S=state, Z=PASS), {"a": 1}, restart=restart)
    assert run.status == "FAILED"
    before = run.trouble
    run.redrive()
    assert (run.status, run.trouble[0]) == ("FAILED", before[0])
    assert run.story[-3:-1] == ["4<3 ExecutionRedriven", f"5<4 {entered}"]


@both
def test_a_wait_waits_its_whole_time_again(restart):
    run = Run(machine(W=WAIT, Z=PASS), restart=restart)
    run.after(50)
    run.stop()
    run.redrive()
    run.after(59)
    assert run.status == "RUNNING"
    run.after(1)
    assert run.status == "SUCCEEDED"
    assert run.times("WaitStateExited") == [110]


@both
@pytest.mark.parametrize("end", ["stop", "time-out"])
@pytest.mark.parametrize("resource", [CALLBACK, ACTIVITY])
def test_tokens_of_before_stay_dead(restart, resource, end):
    run = Run(machine(timeout=90, T=task(resource)), restart=restart)
    if resource == ACTIVITY:
        run.take("T")
    else:
        run.submit("T")
    lane = run.lane("T")
    number, dead = lane.number, lane.ticket
    ended_by(run, end)
    assert run.status == ("ABORTED" if end == "stop" else "TIMED_OUT")
    run.redrive()
    assert run.lane("T").ticket > dead
    for event in (
        events.TaskSucceeded(number, dead, run.resident.execution.input),
        events.TaskFailed(number, dead, "E", None),
        events.TaskHeartbeat(number, dead),
        events.TimerFired(number, dead),
    ):
        assert not run.send(event).events
    if resource == ACTIVITY:
        run.take("T")
    run.succeed("T", {"r": 1})
    assert run.output == '{"r":1}'


@both
def test_retriers_count_from_zero_after_a_redrive(restart):
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1}]
    run = Run(machine(T=task(Retry=retry)), restart=restart)
    for _ in range(2):
        for _ in range(2):
            run.fail("T")
            run.after(1)
        assert run.status == "RUNNING"
        run.fail("T")
        assert run.status == "FAILED"
        run.redrive()
    run.succeed("T")
    assert run.status == "SUCCEEDED"
    assert len(run.details("LambdaFunctionFailed")) == 6


@both
def test_a_task_that_waited_for_its_next_attempt_is_scheduled_at_once(restart):
    run = Run(machine(T=task(Retry=[{"ErrorEquals": ["Boom"], "IntervalSeconds": 1000}])), restart=restart)
    run.fail("T")
    run.stop()
    run.redrive()
    run.succeed("T")
    assert run.status == "SUCCEEDED"


@both
def test_the_executions_own_time_starts_again(restart):
    run = Run(machine(timeout=90, W={"Type": "Wait", "Seconds": 80}, T=task()), restart=restart)
    run.after(100)
    assert run.status == "TIMED_OUT"
    run.redrive()
    run.after(89)
    assert run.status == "RUNNING"
    run.after(1)
    assert run.status == "TIMED_OUT"
    assert run.times("ExecutionTimedOut") == [90, 190]


def test_in_all_an_execution_runs_no_longer_than_it_may():
    run = Run(machine(timeout=90, T=task()), limits=Limits(execution_seconds=100))
    run.after(90)
    run.redrive()
    run.after(10)
    assert run.status == "TIMED_OUT"
    assert run.times("ExecutionTimedOut") == [90, 100]


@both
def test_the_context_tells_of_the_redrive(restart):
    ask = {"count.$": "$$.Execution.RedriveCount", "time.$": "$$.Execution.RedriveTime"}
    run = Run(machine(T=task(), A={"Type": "Pass", "Parameters": ask}), restart=restart)
    run.stop()
    run.after(5)
    run.redrive()
    run.succeed("T")
    assert run.output == '{"count":1,"time":"2026-01-01T00:00:05.000Z"}'
    assert run.details("ExecutionRedriven") == [{"redriveCount": 1}]


@both
def test_variables_are_as_they_were(restart):
    states = machine(
        A={"Type": "Pass", "Assign": {"x": 1}},
        P=parallel(machine(B={"Type": "Pass", "Assign": {"y": 2}}, T=task(), C={"Type": "Pass", "OutputPath": "$y"})),
        D={"Type": "Pass", "Parameters": {"x.$": "$x", "p.$": "$"}},
    )
    run = Run(states, restart=restart)
    run.fail("T")
    run.redrive()
    run.succeed("T")
    assert run.output == '{"x":1,"p":[2]}'


# Parallel and Map


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


# What is not redriven


def test_what_runs_or_has_succeeded_is_not_redriven():
    run = Run(machine(T=task()))
    assert not run.send(events.Redrive(None)).events
    run.succeed("T")
    assert not run.rows.lanes
    run.redrive()
    assert (run.status, run.rows.record.redrive) == ("SUCCEEDED", None)


def test_an_execution_whose_history_is_full_keeps_nothing():
    loop = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}
    run = Run(loop, limits=Limits(history_events=20))
    assert run.status == "FAILED"
    assert not run.rows.lanes
    assert not run.redrive().events


def test_the_last_ten_tokens_are_known():
    run = Run(machine(F=fails()))
    for number in range(12):
        run.redrive(f"t{number}")
    run.redrive()
    assert [token for token, _ in run.rows.record.redrive.tokens] == [f"t{number}" for number in range(2, 12)]
    assert run.rows.record.redrive.count == 13


def test_an_execution_that_succeeds_after_all_leaves_no_lanes():
    run = Run(machine(P=parallel(machine(T=task()), machine(W=WAIT))), restart=True)
    run.stop()
    assert len(run.rows.lanes) == 3
    run.redrive()
    run.succeed("T")
    run.after(60)
    assert (run.status, run.rows.lanes) == ("SUCCEEDED", {})


def test_many_lanes_of_a_redrive_share_the_turns():
    run = Run(machine(M=each(machine(A=PASS, W=WAIT, Z=PASS))), list(range(20)), restart=True)
    run.stop()
    run.world.limits = replace(run.world.limits, transitions_per_turn=7)
    run.redrive()
    run.go_on()
    assert len(run.waiting("W")) == 20
    run.world.limits = Limits()
    run.after(60)
    assert run.output == json.dumps(list(range(20))).replace(" ", "")
