"""Redrive: an ended execution goes on from where it ended, and comes to what it would have come to at once."""

import json
from dataclasses import replace

import pytest

from machine.harness import ACTIVITY, CALLBACK, Run, both, each, ended_by, fails, lines, machine, parallel, task
from stepwell.machine import events
from stepwell.machine.limits import Limits

WAIT = {"Type": "Wait", "Seconds": 60}
PASS = {"Type": "Pass"}
BOOM = {"Type": "Fail", "Error": "Boom", "Cause": "It broke"}


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
