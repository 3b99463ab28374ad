"""The checker is worth something only if it refuses what is wrong."""

import copy
from collections.abc import Callable

import pytest

from machine.checker import Shown, check_growth, check_history
from machine.harness import Run, each, fails, machine, parallel, task


def good() -> list[Shown]:
    """Return the history of a Map with a tolerated failure, a Parallel and a retried Task."""
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "T", "ResultPath": None}]
    run = Run(
        machine(
            M=each(machine(A={"Type": "Pass"}), ResultPath=None),
            P=parallel(machine(W={"Type": "Wait", "Seconds": 1}), machine(F=fails()), Catch=caught),
            T=task(Retry=retry),
            S={"Type": "Succeed"},
        ),
        [1, 2],
    )
    run.after(2)
    run.fail("T")
    run.after(1)
    run.succeed("T")
    assert run.status == "SUCCEEDED"
    return run.history


HISTORY = good()


def at(kind: str, number: int = 0) -> int:
    return [place for place, event in enumerate(HISTORY) if event["type"] == kind][number]


def numbered(events: list[Shown]) -> list[Shown]:
    return [{**event, "id": number} for number, event in enumerate(events, 1)]


def changed(kind: str, number: int = 0, **fields: object) -> Callable[[list[Shown]], list[Shown]]:
    def change(events: list[Shown]) -> list[Shown]:
        events[at(kind, number)].update(fields)
        return events

    return change


def repeated(kind: str, number: int = 0) -> Callable[[list[Shown]], list[Shown]]:
    """Let an event happen twice, the second time before the end of the history."""

    def change(events: list[Shown]) -> list[Shown]:
        again = copy.deepcopy(events[at(kind, number)])
        return numbered([*events[:-1], again, events[-1]])

    return change


def cut(kind: str, number: int = 0) -> Callable[[list[Shown]], list[Shown]]:
    """Let the history begin with what it begins with up to this event, and end in success behind it."""

    def change(events: list[Shown]) -> list[Shown]:
        return numbered([*events[: at(kind, number) + 1], {**events[-1], "previousEventId": at(kind, number) + 1}])

    return change


WRONGS: dict[str, Callable[[list[Shown]], list[Shown]]] = {
    "an id is left out": lambda events: [*events[:4], *events[5:]],
    "ids begin at 0": lambda events: [{**event, "id": event["id"] - 1} for event in events],
    "two events of an id": lambda events: [*events[:4], events[3], *events[4:]],
    "no start": lambda events: numbered(events[1:]),
    "two starts": lambda events: numbered([events[0], *events]),
    "something after the end": lambda events: numbered([*events, {**events[1], "previousEventId": 0}]),
    "two ends": lambda events: numbered([*events, events[-1]]),
    "previous is itself": changed("TaskStateEntered", previousEventId=at("TaskStateEntered") + 1),
    "previous is later": changed("TaskStateEntered", previousEventId=len(HISTORY)),
    "no previous": changed("PassStateExited", previousEventId=0),
    "no previous for a later state": changed("TaskStateEntered", previousEventId=0),
    "time runs back": changed("TaskStateExited", timestamp=0),
    "an unknown type": changed("WaitStateAborted", type="WaitStateForgotten"),
    "left by another name": changed("PassStateExited", stateExitedEventDetails={"name": "Z"}),
    "left as another type": changed("PassStateExited", type="WaitStateExited"),
    "left twice": repeated("SucceedStateExited"),
    "a task left twice": repeated("TaskStateExited"),
    "a Parallel left twice": repeated("ParallelStateExited"),
    "two states follow": repeated("SucceedStateEntered"),
    "an attempt completed twice": repeated("LambdaFunctionSucceeded"),
    "an attempt answered late": repeated("LambdaFunctionFailed"),
    "an attempt scheduled twice": repeated("LambdaFunctionScheduled"),
    "an attempt without its schedule": changed("LambdaFunctionStarted", previousEventId=at("TaskStateEntered") + 1),
    "an attempt of another kind": changed("LambdaFunctionStarted", type="TaskStarted"),
    "a task left while it works": lambda events: numbered(
        [
            *events[: at("LambdaFunctionStarted") + 1],
            {**events[at("TaskStateExited")], "previousEventId": at("LambdaFunctionStarted") + 1},
        ]
    ),
    "an index twice": changed("MapIterationStarted", 1, mapIterationStartedEventDetails={"name": "M", "index": 0}),
    "an index too high": changed("MapIterationStarted", 1, mapIterationStartedEventDetails={"name": "M", "index": 2}),
    "an iteration that ends as another": changed(
        "MapIterationSucceeded", mapIterationSucceededEventDetails={"name": "M", "index": 1}
    ),
    "an iteration that ends twice": repeated("MapIterationSucceeded"),
    "an iteration of another Map": changed(
        "MapIterationStarted", mapIterationStartedEventDetails={"name": "N", "index": 0}
    ),
    "an item without iteration": changed("MapStateStarted", mapStateStartedEventDetails={"length": 3}),
    "a Map that succeeds too early": changed("MapIterationSucceeded", 1, type="MapStateSucceeded"),
    "a Parallel that fails twice": repeated("ParallelStateFailed"),
    "a Parallel that fails while a branch waits": lambda events: numbered(
        [*events[: at("WaitStateAborted")], events[at("ParallelStateFailed")]]
    ),
    "success in the middle of a state": cut("PassStateEntered"),
    "success in the middle of an iteration": cut("MapIterationStarted"),
    "success in the middle of a task": cut("LambdaFunctionStarted"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_a_history_that_cannot_be_true_is_refused(wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check_history(WRONGS[wrong](copy.deepcopy(HISTORY)))


def test_a_history_that_can_be_true_is_taken_whole_and_in_all_its_beginnings() -> None:
    check_history(HISTORY, "SUCCEEDED")
    for length in range(1, len(HISTORY)):
        check_history(HISTORY[:length], "RUNNING")


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "TIMED_OUT", "ABORTED"])
def test_a_history_says_the_status(status: str) -> None:
    with pytest.raises(AssertionError):
        check_history(HISTORY, status)


def test_a_refusal_says_which_event_is_wrong() -> None:
    wrong = changed("TaskStateExited", stateExitedEventDetails={"name": "Z"})(copy.deepcopy(HISTORY))
    number = at("TaskStateExited") + 1
    with pytest.raises(AssertionError, match=rf"TaskStateExited \(id {number}, previous {number - 1}\): .* left as Z"):
        check_history(wrong)


def test_a_history_only_grows() -> None:
    check_growth(HISTORY[:5], HISTORY)
    with pytest.raises(AssertionError):
        check_growth(HISTORY, HISTORY[:5])
    with pytest.raises(AssertionError):
        check_growth([*HISTORY[:4], {**HISTORY[4], "timestamp": 0}], HISTORY)


def redriven() -> list[Shown]:
    """Return the history of a Map that was redriven, in the second of its iterations."""
    run = Run(machine(M=each(machine(T=task()), MaxConcurrency=1)), [1, 2])
    run.succeed("T")
    run.fail("T")
    run.redrive()
    run.succeed("T")
    assert run.status == "SUCCEEDED"
    return run.history


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("ExecutionRedriven", {"previousEventId": 5}),
        ("ExecutionFailed", {"type": "ExecutionSucceeded"}),
        ("MapIterationStarted", {"mapIterationStartedEventDetails": {"name": "M", "index": 0}}),
        ("LambdaFunctionScheduled", {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "T"}}),
        ("LambdaFunctionScheduled", {"type": "WaitStateExited", "stateExitedEventDetails": {"name": "T"}}),
    ],
)
def test_only_what_was_not_done_goes_on_behind_a_redrive(kind: str, fields: Shown) -> None:
    events = copy.deepcopy(redriven())
    check_history(events, "SUCCEEDED")
    [event for event in events if event["type"] == kind][-1].update(fields)
    with pytest.raises(AssertionError):
        check_history(events, "SUCCEEDED")


def test_nothing_is_redriven_that_runs() -> None:
    events = [event for event in redriven() if event["type"] != "ExecutionFailed"]
    with pytest.raises(AssertionError):
        check_history(numbered(events))
