"""An execution rests in rows between its turns, and goes on from them as if nothing had been."""

from collections.abc import Callable

import pytest

from machine.harness import ACTIVITY, CALLBACK, JOB, Run, States, each, fails, machine, parallel, task
from machine.invariants import check_same
from stepwell.machine import events
from stepwell.machine.limits import Limits
from stepwell.machine.step import Step

RETRY = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 2, "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"]}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.caught", "Next": "C"}]
CAUGHT = {"Type": "Succeed"}
WAIT = {"Type": "Wait", "Seconds": 3}

Play = Callable[[Run], object]


def callback(run: Run) -> None:
    run.submit("T", {"MessageId": "m"})
    run.after(3)
    run.beat("T")
    run.after(3)
    run.beat("T")
    run.after(3)
    run.succeed("T", '{ "v": 1.0 }')


def activity(run: Run) -> None:
    run.after(30)
    run.take("T")
    run.beat("T")
    run.after(3)
    run.fail("T")
    run.after(2)
    run.take("T")
    run.after(4)  # the heartbeat stops
    run.after(1)
    run.take("T")
    run.succeed("T")


def job(run: Run) -> None:
    run.submit("T", {"Arn": "x"}, "x")
    run.fail("T")
    run.after(2)
    run.submit("T", {"Arn": "y"}, "y")
    run.succeed("T", '{"done": [1]}')


def retries(run: Run) -> None:
    run.fail("T")
    run.after(2)
    run.fail("T", "Other")
    run.after(1)
    run.fail("T")


def side_by_side(run: Run) -> None:
    run.succeed("A", "1")
    run.after(3)
    run.succeed("B", "2")
    run.after(1)
    run.succeed("D", "3")
    run.after(3)


def waves(run: Run) -> None:
    for number in range(60):
        if run.waiting("T"):
            if number in {6, 8, 10}:
                run.fail("T")
            else:
                run.succeed("T", "7", len(run.waiting("T")) - 1)
        run.after(1)


def nested(run: Run) -> None:
    run.fail("T")
    run.after(2)
    while run.status == "RUNNING":
        if run.waiting("T"):
            run.succeed("T", "5", len(run.waiting("T")) - 1)
        run.after(1)


def turns(run: Run) -> None:
    run.go_on()
    run.succeed("T", "1")
    run.go_on()


PARALLEL = parallel(
    machine(A=task(), W=WAIT), machine(B=task(), X={"Type": "Pass"}), machine(I=parallel(machine(D=task())), J=WAIT)
)
MAP = each(
    machine(T=task(), W=WAIT), ItemsPath="$.items", MaxConcurrency=2, ToleratedFailureCount=1, Retry=RETRY, Catch=CATCH
)
NESTED = each(machine(P=parallel(machine(I=each(machine(T=task()), ItemsPath="$.in")), machine(W=WAIT))), Retry=RETRY)

PLAYS: dict[str, tuple[States, object, Play]] = {
    "wait": (machine(W=WAIT, P={"Type": "Pass"}), '{ "a" : 1 }', lambda run: run.after(3)),
    "deadline": (machine(2, W=WAIT), {}, lambda run: run.after(3)),
    "function": (machine(T=task(ResultPath="$.r")), '{ "a":1 }', lambda run: run.succeed("T", "[ 1 ]")),
    "callback": (machine(T=task(CALLBACK, HeartbeatSeconds=4, TimeoutSeconds=60)), {}, callback),
    "activity": (machine(T=task(ACTIVITY, HeartbeatSeconds=4, Retry=RETRY)), {"a": 1}, activity),
    "job": (machine(T=task(JOB, TimeoutSeconds=60, Retry=RETRY)), {}, job),
    "retries": (machine(T=task(Retry=RETRY, Catch=CATCH), C=CAUGHT), {"a": 1}, retries),
    "parallel": (machine(P=PARALLEL), {"a": 1}, side_by_side),
    "map": (machine(M=MAP, C=CAUGHT), {"items": [1, 2, 3, 4, 5, 6]}, waves),
    "nested": (machine(M=NESTED), [{"in": [1, 2]}, {"in": []}, {"in": [3]}], nested),
    "stop": (machine(P=PARALLEL), {}, lambda run: run.stop("E", "C")),
    "failure": (machine(P=parallel(machine(W=WAIT, F=fails()), machine(T=task()))), {}, lambda run: run.after(3)),
}


@pytest.mark.parametrize("name", PLAYS)
def test_a_restart_after_every_turn_changes_nothing(name: str) -> None:
    definition, source, play = PLAYS[name]
    through, restarted = Run(definition, source), Run(definition, source, restart=True)
    for run in (through, restarted):
        play(run)
        assert run.status != "RUNNING"
    assert restarted.history == through.history
    assert restarted.rows.record == through.rows.record


@pytest.mark.parametrize("turn", [1, 2, 4])
def test_a_restart_between_the_turns_of_a_long_one_changes_nothing(turn: int) -> None:
    states = machine(
        A={"Type": "Pass"}, M=each(machine(X={"Type": "Pass"}, P=parallel(machine(Y={"Type": "Pass"})))), T=task()
    )
    limits = Limits(transitions_per_turn=turn)
    through, restarted = Run(states, [1, 2], limits=limits), Run(states, [1, 2], limits=limits, restart=True)
    for run in (through, restarted):
        turns(run)
        assert run.status == "SUCCEEDED"
    assert restarted.history == through.history


@pytest.mark.parametrize("name", PLAYS)
def test_what_rests_is_what_is_in_memory_after_every_turn(name: str) -> None:
    class Watched(Run):
        def send(self, event: events.Event) -> Step:
            step = super().send(event)
            if self.status == "RUNNING":
                check_same(self.resident.execution, self.rows.read())
            return step

    definition, source, play = PLAYS[name]
    run = Watched(definition, source)
    play(run)
    assert run.turns >= 2


def test_a_lane_that_only_waits_anew_does_not_write_its_large_part_again() -> None:
    run = Run(machine(T=task(CALLBACK, HeartbeatSeconds=9)), {"MessageBody": "x" * 1_000})
    frame = run.rows.lanes[0].frame
    step = run.beat("T")
    assert not step.touched[0].frame_changed
    assert run.rows.lanes[0].frame is frame


def test_an_item_of_a_map_writes_its_own_rows_and_the_parents_small_one() -> None:
    run = Run(machine(M=each(machine(T=task(), W=WAIT))), [*range(30)])
    step = run.succeed("T", "1", 3)
    assert [lane.number for lane in step.touched] == [4]
    run.after(3)
    assert len(run.waiting("T")) == 29
    assert len(run.rows.lanes) == 31, "the one that has ended keeps its result until all are gathered"


def test_gathered_lanes_are_gone_from_the_store() -> None:
    run = Run(machine(M=each(machine(T=task())), W=WAIT), [1, 2, 3])
    for _ in range(3):
        run.succeed("T")
    assert list(run.rows.lanes) == [0]
