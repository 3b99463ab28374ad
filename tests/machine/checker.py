"""The history checker: reads a history as AWS shows it, and says what is wrong with it.

It knows nothing of how histories are made. It folds the events into the states, attempts and iterations that they tell
of, by nothing but their types and previous ids, and holds them to what must be true of every history:

- ids run from 1 without a gap; a previous id names an earlier event, of a type that can come before; time
  never runs back;
- there is one start, it is first; an end says the status, and nothing but a redrive follows it;
- an entered state is left once, and one state follows it; an attempt of a task is completed once; an iteration of a Map
  starts once, ends once, and a Map that succeeds has accounted for every index;
- an execution that succeeds leaves nothing open;
- behind a redrive, what had not come to its end goes on, in the place where it was, and nothing else. Which of several
  branches a TaskScheduled there is of no history says; where a guess proves wrong, the rest is held to what needs no
  place: ids, time, the end, and the steps of attempts.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Shown = dict[str, Any]

_STATUS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
_WITHOUT_PREVIOUS = {"ExecutionStarted", "ExecutionAborted", "ExecutionTimedOut", "EvaluationFailed"}
_FAN_OUTS = {"Parallel", "Map"}
_OUTSIDE = ("EvaluationFailed", "MapRun")
_KEEP_ENTERED = {"Task", "Parallel", "Map"}
_ATTEMPTS = ("LambdaFunction", "Activity", "Task")
_AFTER_FAILURE = {"Failed", "TimedOut", "SubmitFailed"}

# What may come before the steps of one attempt.
_BEFORE = {
    "Started": {"Scheduled"},
    "Submitted": {"Started"},
    "SubmitFailed": {"Started"},
    "Succeeded": {"Started", "Submitted"},
    "Failed": {"Scheduled", "Started", "Submitted"},
    "TimedOut": {"Scheduled", "Started", "Submitted"},
}


class Frame:
    """A place in the tree that a history tells of: the root, a state that was entered, or an iteration of a Map."""

    def __init__(self, kind: str, name: str, above: "Frame | None", index: int | None = None) -> None:
        self.kind = kind
        self.name = name
        self.above = above
        self.index = index
        self.open = True
        self.attempt: str | None = None
        """The last step of the attempt of a Task that is under way."""
        self.started: dict[int, Frame] = {}
        """The iterations since the Map was last started."""
        self.length = 0
        self.begun = False
        self.failed = False
        self.outside = False
        """Whether the items of a Map are executions of their own, of which this history says nothing."""
        self.inside: list[Frame] = []
        """What was opened in it since it was last settled."""
        self.kept: list[Frame] = []
        """What was inside when it was aborted, or failed: a redrive may go on there."""
        self.done = False
        """Whether it came to its end, and was not just ended."""
        if above is not None:
            above.inside.append(self)

    def close(self, *, done: bool = False) -> None:
        assert self.open, f"{self} ends twice"
        self.settle()
        self.open = False
        self.done = done

    def suspend(self) -> None:
        """Take what is open for ended, as it is where a redrive begins."""
        for place in self.inside:
            place.suspend()
            place.open = False
        self.kept += self.inside
        self.inside.clear()

    def resume(self) -> None:
        """Open it, and all around it, again."""
        if not self.open:
            self.open = True
            self.failed = False
            self.attempt = None
            assert self.above is not None
            self.above.inside.append(self)
            self.above.resume()

    def unfinished(self) -> "Iterator[Frame]":
        """Yield what may go on inside after a redrive, but for what is inside of iterations."""
        for place in [*self.kept, *self.inside]:
            if not place.done:
                yield place
                if place.index is None:
                    yield from place.unfinished()

    def settle(self) -> None:
        """Hold what is inside to having ended: a state that failed has no event of its own for it, but for these."""
        for place in self.inside:
            if place.open:
                waits = place.kind in {"Task", "Wait", "iteration"}
                works = place.kind in _FAN_OUTS and place.begun and not place.failed
                done = not (waits or works)
                assert done, f"{place} is open"
                place.close()
        self.kept += self.inside
        self.inside.clear()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.index is None else f"iteration {self.index} of {self.name}"


def check_history(events: Sequence[Shown], status: str | None = None) -> None:
    """Raise AssertionError where a history, whole from its first event on, can't be true, or says another status."""
    fold = _Fold()
    for number, event in enumerate(events, 1):
        assert event["id"] == number, f"event {number} of the history has the id {event['id']}"
        try:
            fold.take(event)
        except AssertionError as wrong:
            told = f"{event['type']} (id {number}, previous {event['previousEventId']})"
            raise AssertionError(f"{told}: {wrong}") from None
    if status is not None:
        assert fold.status == status, f"the history says {fold.status}, and not {status}"


def check_growth(before: Sequence[Shown], after: Sequence[Shown]) -> None:
    """Raise AssertionError unless the later reading of a history begins with all of the earlier one."""
    assert list(after[: len(before)]) == list(before), "what was once in the history has changed"


def _split(kind: str, prefixes: Iterable[str]) -> tuple[str, str] | None:
    for prefix in prefixes:
        if kind.startswith(prefix):
            return prefix, kind.removeprefix(prefix)
    return None


class _Fold:
    def __init__(self) -> None:
        self.root = Frame("execution", "", None)
        self.status = "RUNNING"
        self.events: list[Shown] = []
        self.places: list[Frame] = []
        self.followed: set[int] = set()
        """Ids of events that a state was entered behind."""
        self.redriven = 0
        """The id of the last redrive."""
        self.guessing = False
        """Whether a redrive left it open which branches go on."""
        self.lost = False
        """Whether a guess proved wrong."""

    def type(self, number: int) -> str:
        return str(self.events[number - 1]["type"]) if number else ""

    def place(self, number: int) -> Frame:
        return self.places[number - 1] if number else self.root

    def take(self, event: Shown) -> None:
        kind, previous = event["type"], event["previousEventId"]
        redrive = kind == "ExecutionRedriven"
        ended = self.status in ({"RUNNING", "SUCCEEDED"} if redrive else set(_STATUS.values()))
        assert not ended, "nothing is to be redriven" if redrive else "the execution has ended before"
        assert 0 <= previous < event["id"], "the previous id names no earlier event"
        assert (kind == "ExecutionStarted") == (event["id"] == 1), "the start, and nothing else, comes first"
        if self.events:
            assert event["timestamp"] >= self.events[-1]["timestamp"], "time runs back"
        if previous == 0:
            first = kind.endswith("StateEntered") and event["id"] == 2
            assert first or kind in _WITHOUT_PREVIOUS, "it needs a previous event"
        self.places.append(self._placed(event, kind, previous))
        self.events.append(event)

    def _placed(self, event: Shown, kind: str, previous: int) -> Frame:
        if not self.lost:
            try:
                return self._fold(event, kind, previous)
            except AssertionError:
                self.lost = self.guessing
                if not self.lost:
                    raise
        attempt = _split(kind, _ATTEMPTS)
        if kind in _STATUS:
            self.status = _STATUS[kind]
        elif kind == "ExecutionRedriven":
            self.status = "RUNNING"
        elif attempt is not None and attempt[1] in _BEFORE:
            behind = _split(self.type(previous), [attempt[0]])
            assert behind is not None, "it is of another kind of task than the event before"
            assert behind[1] in _BEFORE[attempt[1]], f"it comes after {behind[1]} of the same attempt"
        return self.root

    def _fold(self, event: Shown, kind: str, previous: int) -> Frame:
        if kind == "ExecutionStarted":
            return self.root
        if kind in _STATUS:
            return self._end(kind)
        if kind == "ExecutionRedriven":
            assert previous == event["id"] - 1, "it does not follow the end"
            self.status, self.redriven = "RUNNING", event["id"]
            self.guessing |= any(place.kind == "Parallel" and not place.done for place in self.places)
            self.root.suspend()
            return self.root
        if kind.endswith("StateEntered"):
            return self._enter(event, kind.removesuffix("StateEntered"), previous)
        if kind.startswith("MapIteration"):
            return self._iteration(event, kind.removeprefix("MapIteration"), previous)
        if "State" in kind:
            state, what = kind.split("State", 1)
            return self._state(event, state, what, previous)
        if kind == "EvaluationFailed":
            return self._latest(event["evaluationFailedEventDetails"]["state"])
        if kind.startswith("MapRun"):
            return self._run(kind, previous)
        attempt = _split(kind, _ATTEMPTS)
        assert attempt is not None, "there is no such type of events"
        return self._attempt(*attempt, previous)

    def _end(self, kind: str) -> Frame:
        self.status = _STATUS[kind]
        if kind == "ExecutionSucceeded":
            assert not any(frame.open for frame in self.root.inside), "the execution succeeds while a state is open"
        return self.root

    def _again(self, previous: int, kind: str, name: str | None = None) -> Frame | None:
        """Return what goes on, where an event is the first one of a lane behind a redrive."""
        first = previous == self.redriven or self.type(previous) == "MapIterationStarted"
        if not (self.redriven and first and previous >= self.redriven):
            return None
        every = [frame for frame in self.place(previous).unfinished() if frame.kind == kind]
        found = [frame for frame in every if frame.name == name] if name else [one for one in every if not one.open]
        if not found and kind in _FAN_OUTS:  # it goes on already, and has no event of its own since
            found = every
        if not found:
            return None
        found[0].resume()
        return found[0]

    def _enter(self, event: Shown, kind: str, previous: int) -> Frame:
        behind = self.type(previous)
        place = self.place(previous)
        name = event["stateEnteredEventDetails"]["name"]
        before = self._again(previous, kind, name)
        if before is not None:
            assert kind not in _KEEP_ENTERED, f"{before} is entered twice"
            before.close(done=True)
            assert before.above is not None
            return Frame(kind, name, before.above)
        if previous and previous == self.redriven:  # of a lane that had not come as far as to its first state
            around = [frame for frame in self.root.unfinished() if frame.kind == "Parallel"]
            if around:
                around[-1].resume()
            return Frame(kind, name, around[-1] if around else self.root)
        if behind.endswith("StateExited"):
            assert place.above is not None
            above = place.above
        else:
            assert not behind or behind in {"ParallelStateStarted", "MapIterationStarted"}, f"it can't follow {behind}"
            above = place
        if behind != "ParallelStateStarted":
            assert previous not in self.followed, "a second state follows the same event"
            self.followed.add(previous)
        assert above.open, f"{above} has ended before"
        return Frame(kind, name, above)

    def _owner(self, kind: str, previous: int, own: set[str], name: str | None = None) -> Frame:
        """Return the Parallel or Map that an event behind `previous` is of: its own, or the one around that place."""
        again = self._again(previous, kind, name)
        if again is not None:
            return again
        place = self.place(previous)
        behind = self.type(previous)
        itself = behind.startswith(_OUTSIDE) or behind in {f"{kind}State{what}" for what in own}
        if place.kind != kind or not place.open or not itself:
            assert place.above is not None, f"it is outside of a {kind} state"
            place = place.above
            if place.index is not None:
                assert place.above is not None
                place = place.above
        assert place.kind == kind, f"it belongs to {place}"
        return place

    def _state(self, event: Shown, kind: str, what: str, previous: int) -> Frame:
        if kind in _FAN_OUTS:
            own = {"Entered", "Started", "Failed"} if what == "Exited" else {"Entered", "Started"}
            frame = self._owner(kind, previous, own)
        else:
            again = self._again(previous, kind) if what == "Aborted" else None
            frame = again or self.place(previous)
            assert frame.kind == kind, f"it belongs to {frame}"
        assert frame.open, f"{frame} has ended before"
        if what == "Started":
            self._start(event, frame)
        elif what == "Exited":
            self._exit(event, frame)
        elif what == "Aborted":
            frame.close()
        elif what == "Succeeded":
            self._account(frame)
        else:
            assert what == "Failed", "there is no such type of events"
            assert not frame.failed, f"{frame} fails twice"
            frame.settle()
            frame.failed = True
        return frame

    def _start(self, event: Shown, frame: Frame) -> None:
        assert not frame.failed, f"{frame} has failed"
        frame.settle()
        frame.kept.clear()
        frame.begun = True
        frame.started = {}
        frame.length = event.get("mapStateStartedEventDetails", {}).get("length", 0)

    def _account(self, frame: Frame) -> None:
        frame.settle()
        if frame.kind == "Map" and not frame.outside:
            assert sorted(frame.started) == list(range(frame.length)), "not every item had its iteration"

    def _exit(self, event: Shown, frame: Frame) -> None:
        name = event["stateExitedEventDetails"]["name"]
        assert name == frame.name, f"{frame} is left as {name}"
        if frame.kind == "Task":
            assert frame.attempt in _AFTER_FAILURE | {"Succeeded", None}, f"it is left after {frame.attempt}"
        frame.close(done=True)

    def _latest(self, name: str) -> Frame:
        """Return the state of a name that was entered last: a failed evaluation says no more of where it was."""
        found = next((place for place in reversed(self.places) if place.name == name and place.index is None), None)
        assert found is not None, f"no state {name} was entered"
        assert found.open, f"{found} has ended before"
        return found

    def _run(self, kind: str, previous: int) -> Frame:
        frame = self.place(previous)
        behind = self.type(previous)
        assert behind in ({"MapStateStarted"} if kind == "MapRunStarted" else {"MapRunStarted"}), f"it follows {behind}"
        frame.outside = True
        return frame

    def _attempt(self, prefix: str, what: str, previous: int) -> Frame:
        frame = (self._again(previous, "Task") if what == "Scheduled" else None) or self.place(previous)
        assert frame.kind == "Task", f"it belongs to {frame}"
        assert frame.open, f"{frame} has ended before"
        if what == "Scheduled":
            assert frame.attempt is None or frame.attempt in _AFTER_FAILURE | {"Succeeded"}, "an attempt is under way"
        else:
            assert frame.attempt in _BEFORE[what], f"it comes after {frame.attempt} of the same attempt"
            behind = _split(self.type(previous), [prefix])
            assert behind is not None, "it is of another kind of task than the event before"
            assert behind[1] == frame.attempt, "the previous event is not the attempt's last one"
        frame.attempt = what
        return frame

    def _iteration(self, event: Shown, what: str, previous: int) -> Frame:
        details = event[f"mapIteration{what}EventDetails"]
        index: int = details["index"]
        if what == "Started":
            owner = self._owner("Map", previous, {"Started"}, details["name"])
            assert owner.name == details["name"], f"it belongs to {owner}"
            before = owner.started.get(index)
            if before is not None and previous >= self.redriven > 0:
                rests = not before.done and not before.open
                assert rests, f"{before} is not to be started again"
                before.resume()
                return before
            assert index == len(owner.started), f"iteration {len(owner.started)} would be the next"
            assert index < owner.length, f"there are {owner.length} items"
            iteration = owner.started[index] = Frame("iteration", owner.name, owner, index)
            return iteration
        found: Frame | None = self.place(previous)
        if found is not None and found.index is None:
            found = found.above
        assert found is not None, "it belongs to no iteration"
        assert found.index == index, f"it belongs to {found}"
        assert found.name == details["name"], f"it belongs to {found}"
        assert what != "Succeeded" or not any(place.open for place in found.inside), f"{found} has open states"
        found.close(done=what == "Succeeded")
        return found
