"""Quotas, turns, and the ends that come from outside: the deadline and Stop."""

import pytest

from machine.harness import CALLBACK, FUNCTION, JOB, SERVICE, Run, States, each, lines, machine, parallel, task
from stepwell.machine import events
from stepwell.machine.data import ENDED, GATHERING
from stepwell.machine.limits import Limits
from stepwell.runtime.turns import changes_nothing

CAUGHT = {"Type": "Succeed"}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
LIMIT = 262_144


def text_of(size: int, filler: str = "x") -> str:
    """Return a JSON string whose text takes so many bytes, filled with characters of any width."""
    width = len(filler.encode())
    inside = size - 2
    return '"' + filler * (inside // width) + "x" * (inside % width) + '"'


FILLERS = ["x", "é", "€", "😀"]
TOO_LARGE = "returned a result with a size exceeding the maximum number of bytes service limit."


@pytest.mark.parametrize("filler", FILLERS)
def test_texts_of_this_test_take_the_bytes_that_they_say(filler: str) -> None:
    assert len(text_of(LIMIT, filler).encode()) == LIMIT


@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_a_result_may_take_262144_bytes(size: int, fits: bool, filler: str) -> None:
    run = Run(machine(T=task()))
    run.succeed("T", text_of(size, filler))
    assert run.status == ("SUCCEEDED" if fits else "FAILED")
    if not fits:
        assert run.trouble == ("States.DataLimitExceeded", f"The state/task '{FUNCTION}' {TOO_LARGE}")
        assert run.story[-2:] == [
            "5<4 LambdaFunctionFailed States.DataLimitExceeded",
            "6<5 ExecutionFailed States.DataLimitExceeded",
        ]


@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_what_a_state_computes_may_take_262144_bytes(size: int, fits: bool, filler: str) -> None:
    run = Run(machine(P={"Type": "Pass", "Parameters": {"v.$": "$"}}), text_of(size - len('{"v":}'), filler))
    assert run.status == ("SUCCEEDED" if fits else "FAILED")
    if not fits:
        assert run.trouble == ("States.DataLimitExceeded", f"The state/task 'P' {TOO_LARGE}")
        assert run.story[-1] == "3<2 ExecutionFailed States.DataLimitExceeded"


@pytest.mark.parametrize(("size", "fits"), [(LIMIT, True), (LIMIT + 1, False)])
def test_parameters_may_take_262144_bytes(size: int, fits: bool) -> None:
    source = text_of(size - len('{"v":}'), "😀")
    run = Run(machine(T=task(SERVICE, Parameters={"v.$": "$"})), source)
    assert run.status == ("RUNNING" if fits else "FAILED")
    if not fits:
        words = "The state/task 'aws-sdk:sqs' provided parameters with a size exceeding the maximum number of bytes"
        assert words in str(run.trouble[1])


@pytest.mark.parametrize(("resource", "named"), [(FUNCTION, FUNCTION), (SERVICE, "aws-sdk:sqs"), (JOB, "states")])
def test_a_result_that_is_too_large_can_be_caught(resource: str, named: str) -> None:
    run = Run(machine(T=task(resource, Catch=CATCH), C=CAUGHT))
    run.succeed("T", text_of(LIMIT + 1))
    assert run.output == f'{{"Error":"States.DataLimitExceeded","Cause":"The state/task \'{named}\' {TOO_LARGE}"}}'


@pytest.mark.parametrize("around", [False, True])
def test_what_is_too_large_at_the_boundary_of_a_state_cannot_be_caught(around: bool) -> None:
    states = machine(T=task(ResultPath="$.r", Catch=CATCH, Retry=[{"ErrorEquals": ["States.ALL"]}]), C=CAUGHT)
    run = Run(machine(O=parallel(states, Catch=CATCH), C=CAUGHT) if around else states, {"in": 1})
    run.succeed("T", text_of(LIMIT))
    assert run.trouble == ("States.DataLimitExceeded", f"The state/task 'T' {TOO_LARGE}")


def test_gathered_results_may_take_no_more_than_one() -> None:
    run = Run(machine(P=parallel(machine(A=task()), machine(B=task()))))
    run.succeed("A", text_of(LIMIT // 2))
    run.succeed("B", text_of(LIMIT // 2))
    assert run.trouble[0] == "States.DataLimitExceeded"


def test_an_owner_may_raise_the_bound() -> None:
    run = Run(machine(T=task()), limits=Limits(payload_bytes=LIMIT + 1))
    run.succeed("T", text_of(LIMIT + 1))
    assert run.status == "SUCCEEDED"


# The history


FULL = "The execution reached the maximum number of history events (25000)."


def passes(count: int) -> States:
    states: States = {f"P{number}": {"Type": "Pass"} for number in range(count)}
    return machine(None, **states)


@pytest.mark.parametrize(("events_needed", "fits"), [(24_998, True), (25_000, True), (25_002, False)])
def test_a_history_has_at_most_25000_events(events_needed: int, fits: bool) -> None:
    run = Run(passes((events_needed - 2) // 2))
    run.go_on()
    assert len(run.history) == min(events_needed, 25_000)
    if fits:
        assert run.status == "SUCCEEDED"
    else:
        assert run.status == "FAILED"
        assert run.trouble == ("States.Runtime", FULL)
        assert run.story[-1] == "25000<24999 ExecutionFailed States.Runtime"


@pytest.mark.parametrize(("events_needed", "fits"), [(24_999, True), (25_001, False)])
def test_a_history_may_end_one_short_of_that(events_needed: int, fits: bool) -> None:
    states = passes((events_needed - 3) // 2)
    last = list(states["States"])[-1]
    states["States"][last] = {"Type": "Pass", "Next": "F"}
    states["States"]["F"] = {"Type": "Fail", "Error": "At the end"}
    run = Run(states)
    run.go_on()
    assert run.trouble[0] == ("At the end" if fits else "States.Runtime")
    assert len(run.history) == min(events_needed, 25_000)


def test_a_full_history_still_has_room_for_its_end() -> None:
    for end in (events.Stop("E", "C"), events.DeadlineReached()):
        run = Run(machine(5, W={"Type": "Wait", "Seconds": 99}), limits=Limits(history_events=3))
        run.world.now += 5_000
        run.send(end)
        assert run.status == ("ABORTED" if isinstance(end, events.Stop) else "TIMED_OUT")
        assert len(run.history) == 3


def test_a_history_that_is_full_ends_all_lanes_and_tells_whoever_works_for_them() -> None:
    branches = [machine(T=task(CALLBACK)), machine(W={"Type": "Wait", "Seconds": 1}, P={"Type": "Pass"})]
    run = Run(machine(P=parallel(*branches, Catch=CATCH), C=CAUGHT), limits=Limits(history_events=9))
    waiting = run.lane("T")
    number, ticket = waiting.number, waiting.ticket
    run.after(1)
    assert run.story[-1] == "9<8 ExecutionFailed States.Runtime"
    assert [(each.lane, each.ticket) for each in run.commands if isinstance(each, events.Cancel)] == [(number, ticket)]
    assert run.lanes == []


# Turns


ENDLESS: States = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": True, "Next": "A"}]},
    },
}


def test_an_endless_loop_gives_the_turn_away_after_its_share() -> None:
    run = Run(ENDLESS, limits=Limits(transitions_per_turn=10))
    assert run.commands == [events.Yield()]
    assert len(run.history) == 1 + 10 * 2
    run.send(events.TurnCame())
    assert len(run.history) == 1 + 20 * 2
    assert run.turns == 2


def test_an_endless_loop_ends_at_the_end_of_its_history() -> None:
    run = Run(ENDLESS)
    run.go_on()
    assert run.trouble == ("States.Runtime", FULL)
    assert run.turns == pytest.approx(12_500 / 1_024, abs=1)


def test_who_had_no_turn_yet_has_the_next_one() -> None:
    run = Run(machine(P=parallel(ENDLESS, machine(T=task()))), limits=Limits(transitions_per_turn=10))
    assert run.waiting("T")[0].waits == "turn"
    run.send(events.TurnCame())
    assert run.waiting("T")[0].waits == "task"


def test_between_turns_everything_else_is_heard() -> None:
    run = Run(
        machine(P=parallel(machine(T=task()), ENDLESS, Catch=CATCH), C=CAUGHT), limits=Limits(transitions_per_turn=9)
    )
    run.fail("T")
    assert run.status == "SUCCEEDED"


def test_a_turn_that_nobody_waits_for_changes_nothing() -> None:
    assert changes_nothing(Run(machine(T=task())).send(events.TurnCame()))


@pytest.mark.parametrize("turn", [1, 2, 3, 5, 8])
def test_the_size_of_turns_changes_nothing_of_what_an_execution_comes_to(turn: int) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsNumeric": True, "Next": "B"}]}
    steps = machine(X={"Type": "Pass"}, Y=parallel(machine(Z={"Type": "Pass"})))
    states = machine(A={"Type": "Pass", "Result": 1, "ResultPath": "$.n"}, K=choice, B=each(steps, ItemsPath="$.i"))
    whole = Run(states, {"i": [1, 2, 3]})
    parts = Run(states, {"i": [1, 2, 3]}, limits=Limits(transitions_per_turn=turn))
    parts.go_on()
    assert parts.output == whole.output == "[[1],[2],[3]]"
    kinds = [sorted(event["type"] for event in run.history) for run in (parts, whole)]
    assert kinds[0] == kinds[1]


# The deadline, and Stop


def test_an_execution_times_out_as_a_whole() -> None:
    run = Run(machine(5, W={"Type": "Wait", "Seconds": 60}, P={"Type": "Pass"}))
    run.after(4.999)
    assert run.status == "RUNNING"
    assert changes_nothing(run.send(events.DeadlineReached()))
    run.after(0.001)
    assert run.status == "TIMED_OUT"
    assert run.trouble == (None, None)
    assert run.story[-1] == "3<0 ExecutionTimedOut"
    assert run.details("ExecutionTimedOut") == [{}]
    assert run.times("ExecutionTimedOut") == [5]


def test_what_would_end_later_than_the_execution_does_not_end_it_earlier() -> None:
    run = Run(machine(5, T=task(TimeoutSeconds=3, Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 9}])))
    run.after(9)
    assert run.times("LambdaFunctionTimedOut") == [3]
    assert run.times("ExecutionTimedOut") == [5]


def test_an_execution_without_a_timeout_has_a_year() -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 99_999_999}))
    run.after(31_536_000)
    assert run.status == "TIMED_OUT"
    longer = Run(machine(99_999_999, W={"Type": "Wait", "Seconds": 99_999_999}))
    assert longer.next_due() == run.world.now, "no definition can have more than that"


@pytest.mark.parametrize(("error", "cause"), [(None, None), ("E", None), (None, "C"), ("E", "C")])
def test_stop_aborts_at_once(error: str | None, cause: str | None) -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 60}))
    run.stop(error, cause)
    assert run.status == "ABORTED"
    assert run.trouble == (error, cause)
    assert run.story == lines(f"""
        1<0 ExecutionStarted
        2<0 WaitStateEntered W
        3<0 ExecutionAborted {error or ""}
    """)


def test_stop_tells_everybody_who_works_for_the_execution() -> None:
    branches = [machine(A=task()), machine(B=task(JOB)), machine(C=task(CALLBACK)), machine(D={"Type": "Pass"})]
    run = Run(machine(P=parallel(*branches)))
    run.submit("B", {}, "job 1")
    tickets = {(lane.number, lane.ticket) for lane in run.lanes if lane.ticket}
    run.stop()
    cancelled = {(each.lane, each.ticket): each.job for each in run.commands if isinstance(each, events.Cancel)}
    assert set(cancelled) == tickets
    assert sorted(job for job in cancelled.values() if job) == ["job 1"]
    assert {lane.waits for lane in run.lanes} == {ENDED, GATHERING}


def test_an_end_leaves_nothing_that_could_fire() -> None:
    run = Run(machine(5, P=parallel(machine(W={"Type": "Wait", "Seconds": 60}), machine(T=task(TimeoutSeconds=9)))))
    run.stop()
    assert run.next_due() is None
    resting = {(row.waits, row.ticket, row.due, row.claimed_by) for row in run.rows.lanes.values()}
    assert resting == {(ENDED, 0, None, None)}
