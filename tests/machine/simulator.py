"""The simulation: a workflow under a virtual clock, in a world where everything that can go wrong does.

The shell's part is played here, with the runtime's own rows (`turn_of`) and a model store: turns are committed some
time after they were made, in order; only what is committed is handed over; a crash drops what is in memory and what was
not committed, and what rests in the rows is taken up again.

The outside answers by what a task *is* (its place in the tree of states, and which attempt it is), not by when or how
often it was asked. So a workflow comes to the same under every schedule that only delays, repeats, reorders and
crashes. What is lost for good, or stopped, or comes too late, may change what it comes to, but never the invariants.
"""

import random
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from machine.checker import check_growth, check_history
from machine.harness import START, World
from machine.invariants import check_lanes, check_same, is_stale, own_due
from machine.rows import Rows, execution_of, new_record
from machine.workflows import CAUSE, Workflow
from stepwell.language.definition import TaskState
from stepwell.language.document import Document
from stepwell.machine import events
from stepwell.machine.advance import advance
from stepwell.machine.data import (
    ACTIVITY,
    JOB,
    NO_PARENT,
    TASK,
    TOKEN,
    TURN,
    Execution,
    Lane,
)
from stepwell.machine.history import show
from stepwell.machine.limits import Limits
from stepwell.machine.step import Step
from stepwell.runtime.residents import Resident
from stepwell.runtime.turns import changes_nothing, turn_of
from stepwell.storage.records import Turn

MOST_ACTIONS = 5_000
CHAOS_ACTIONS = 80
LONG_SECONDS = 1_000_000


@dataclass
class Message:
    """Something that is on its way to the execution."""

    event: events.Event
    ready: int
    leased: bool = False
    """Whether it comes from what this node has handed over: a crash ends that."""


@dataclass
class Pending:
    """A turn on its way to the disk, and the message that it came of."""

    step: Step
    turn: Turn
    message: Message | None


class Simulation:
    """One schedule of one workflow. `chaos`: with faults that may change what it comes to; rng None: without any."""

    def __init__(self, workflow: Workflow, rng: random.Random | None, *, chaos: bool = False) -> None:
        self.workflow = workflow
        self.rng = rng or random.Random(0)
        self.calm = rng is None
        self.chaos = chaos
        self.world = World(self._limits(), [], 0.5)
        self.world.activities = _Everything()
        self.rows = Rows(new_record(workflow.input, START))
        self.resident: Resident | None = self._new()
        self.messages: list[Message] = []
        self.old: list[Message] = []
        self.in_flight: deque[Pending] = deque()
        self.shown: list[dict[str, object]] = []

    def _limits(self) -> Limits:
        if self.calm:
            return Limits()
        turn = self.rng.choice([1, 2, 3, 7, 1_024])
        if not self.chaos:
            return Limits(transitions_per_turn=turn)
        history = self.rng.choice([25_000, 25_000, 25_000, 30])
        payload = self.rng.choice([262_144, 262_144, 262_144, 400])
        seconds = self.rng.choice([LONG_SECONDS, LONG_SECONDS, 7])
        return Limits(payload, history, transitions_per_turn=turn, execution_seconds=seconds)

    def _new(self) -> Resident:
        return Resident(self.rows.record, execution_of(self.rows.record), self.workflow.definition)

    # The schedule

    def run(self) -> tuple[str, str | None, str | None]:
        """Go through the schedule to the end; return the status, the output and the error."""
        self._deliver(Message(events.Start(), START))
        self._commit_all()  # a start that was not committed was not answered, and nobody asks what came of it
        if self.chaos:
            for _ in range(CHAOS_ACTIONS):
                if self.rows.record.status == "RUNNING":
                    self._act_in_chaos()
            self._heal()
        for _ in range(MOST_ACTIONS):
            if self.rows.record.status != "RUNNING":
                break
            self._act()
        record = self.rows.record
        assert record.status != "RUNNING", "it does not come to an end"
        self._check_history()
        return record.status, record.output, record.error

    def _act(self) -> None:
        """Do one thing, in any order, but let time go on only when there is nothing to do."""
        roll = 0.0 if self.calm else self.rng.random()
        if roll > 0.97:
            self._crash()
        elif roll > 0.94:
            self._evict()
        elif roll > 0.85 and self.old:
            self._repeat()
        elif roll > 0.80:
            self._fire_early()
        elif roll > 0.60 and self.in_flight:
            self._commit()
        elif not self._deliver_some() and not self._fire_some():
            if self.in_flight:
                self._commit()
            else:
                self._let_time_pass()

    def _act_in_chaos(self) -> None:
        roll = self.rng.random()
        if roll < 0.02:
            self._deliver(Message(events.Stop("Stopped", None), self.world.now))
        elif roll < 0.06 and self.messages:
            self.messages.pop(self.rng.randrange(len(self.messages)))  # lost
        elif roll < 0.10:
            lane, ticket = self.rng.randrange(8), self.rng.randrange(20)
            self._deliver(Message(self.rng.choice(_MADE_UP)(lane, ticket), self.world.now))
        elif roll < 0.18:
            self.world.now += self.rng.randrange(4_000)
        elif roll < 0.22 and self.messages:
            self._deliver(self.messages.pop(self.rng.randrange(len(self.messages))))  # before its time
        else:
            self._act()

    def _heal(self) -> None:
        """Let the faults end: the node starts anew, and who holds a token answers."""
        self.chaos = False
        self._crash()
        for lane in self._execution().lanes.values() if self.rows.record.status == "RUNNING" else ():
            if lane.waits == TOKEN:
                self._answer(lane, leased=False)

    # What happens

    def _execution(self) -> Execution:
        if self.resident is None:
            self.resident = Resident(self.rows.record, self.rows.read(), self.workflow.definition)
        return self.resident.execution

    def _deliver_some(self) -> bool:
        ready = [number for number, message in enumerate(self.messages) if message.ready <= self.world.now]
        if not ready:
            return False
        number = ready[0] if self.calm else self.rng.choice(ready)
        message = self.messages.pop(number)
        self.old.append(message)
        self._deliver(message)
        return True

    def _deliver(self, message: Message) -> None:
        if self.rows.record.status != "RUNNING":
            return
        execution = self._execution()
        stale = is_stale(execution, message.event)
        step = advance(execution, self.workflow.definition, message.event, self.world)
        resident = self.resident
        assert resident is not None
        if changes_nothing(step):
            return
        assert not stale, f"a stale {message.event} changes something"
        turn = turn_of(resident, step, "node", new=resident.record.version == 0)
        check_lanes(execution)
        self.in_flight.append(Pending(step, turn, message))

    def _repeat(self) -> None:
        self._deliver(self.rng.choice(self.old))

    def _fire_some(self) -> bool:
        execution, now = self._execution(), self.world.now
        due = [lane for lane in execution.lanes.values() if lane.due is not None and lane.due <= now]
        if execution.deadline is not None and execution.deadline <= now:
            self._deliver(Message(events.DeadlineReached(), now))
            return True
        if not due:
            return False
        lane = due[0] if self.calm else self.rng.choice(due)
        message = Message(events.TimerFired(lane.number, lane.ticket), now)
        self.old.append(message)
        self._deliver(message)
        return True

    def _fire_early(self) -> None:
        """Fire all timers that are not due, the execution's own as well: nothing may come of it."""
        execution = self._execution()
        now = self.world.now
        early = [lane for lane in execution.lanes.values() if lane.due is not None and lane.due > now]
        fired: list[events.Event] = [events.TimerFired(lane.number, lane.ticket) for lane in early]
        if execution.deadline is not None and execution.deadline > now:
            fired.append(events.DeadlineReached())
        for event in fired:
            step = advance(execution, self.workflow.definition, event, self.world)
            assert changes_nothing(step), "a timer takes effect before its time"

    def _let_time_pass(self) -> None:
        execution = self._execution()
        moments = [message.ready for message in self.messages]
        moments += [due for lane in execution.lanes.values() if (due := own_due(lane, execution)) is not None]
        if execution.deadline is not None and self.world.limits.execution_seconds < LONG_SECONDS:
            moments.append(execution.deadline)
        assert moments or self.chaos, "it waits for nothing that could come"
        self.world.now = max(self.world.now, min(moments, default=0))

    def _crash(self) -> None:
        """Lose what is in memory. Whoever was not answered asks again; what waits in the rows is taken up."""
        asked = [pending.message for pending in self.in_flight if pending.message is not None]
        self.in_flight.clear()
        self.messages = [message for message in [*self.messages, *asked] if not message.leased]
        self.resident = None
        if self.rows.record.status == "RUNNING":
            for lane in list(self._execution().lanes.values()):
                self._care(lane)

    def _evict(self) -> None:
        if not self.in_flight:
            if self.resident is not None and self.rows.record.status == "RUNNING":
                check_same(self.resident.execution, self.rows.read())
            self.resident = None

    def _commit_all(self) -> None:
        while self.in_flight:
            self._commit()

    def _commit(self) -> None:
        pending = self.in_flight.popleft()
        self.rows.commit(pending.turn)
        if self.rows.record.status != "RUNNING":
            assert not self.in_flight, "a turn after the end"
            self.resident = None
            return
        lanes = self._execution().lanes
        for command in pending.step.commands:
            match command:
                case events.Yield():
                    self.messages.append(Message(events.TurnCame(), self.world.now, leased=True))
                case events.Cancel(number, ticket):
                    if self.calm or self.rng.random() < 0.7:
                        self.messages = [message for message in self.messages if not _is_of(message, number, ticket)]
                case events.Call(number, ticket) | events.Offer(number, ticket) | events.Watch(number, ticket):
                    lane = lanes.get(number)
                    if lane is not None and lane.ticket == ticket:
                        self._care(lane)
        if pending.message is not None and isinstance(pending.message.event, events.ActivityStarted):
            started = lanes.get(pending.message.event.lane)
            if started is not None and started.ticket == pending.message.event.ticket:
                self._answer_by_token(started)

    # The outside

    def _care(self, lane: Lane) -> None:
        """Do what a lane that waits needs."""
        now = self.world.now
        if lane.waits == TURN:
            self.messages.append(Message(events.TurnCame(), now, leased=True))
        elif lane.waits == ACTIVITY:
            self.messages.append(Message(events.ActivityStarted(lane.number, lane.ticket, "worker"), now))
        elif lane.waits == JOB:
            self._answer(lane, leased=True)
        elif lane.waits == TASK:
            state = self._task(lane)
            if not state.resource.pattern:
                self._answer(lane, leased=True)
                return
            if self._number(lane, "call") % 10 == 0:
                failed = events.TaskFailed(lane.number, lane.ticket, self.workflow.error, CAUSE, by_call=True)
                self.messages.append(Message(failed, now, leased=True))
                return
            job = None if state.resource.pattern == "waitForTaskToken" else f"job {self._number(lane, 'job')}"
            submitted = events.TaskSubmitted(lane.number, lane.ticket, Document(None, {"taken": True}), job)
            self.messages.append(Message(submitted, now, leased=True))
            if job is None:
                self._answer_by_token(lane)

    def _answer_by_token(self, lane: Lane) -> None:
        state = self._task(lane)
        if state.resource.kind != "activity" and self._number(lane, "call") % 10 == 0:
            return
        self._answer(lane, leased=False)
        if self.chaos and self.rng.random() < 0.5:
            beat = events.TaskHeartbeat(lane.number, lane.ticket)
            self.messages.append(Message(beat, self.world.now + self.rng.randrange(3_000)))

    def _answer(self, lane: Lane, *, leased: bool) -> None:
        """Answer as this attempt of this task always is: with a result, an error, or, if it has a timeout, never."""
        number = self._number(lane, "answer")
        due = own_due(lane, self._execution())
        if due is not None and number % 7 == 0:
            return
        # Counted from when it was scheduled, and before its timeout, so that it is the same however often it is asked.
        scheduled = self._time_of(lane.scheduled)
        longest = 4_000 if due is None else self._shortest(lane) * 1_000 - 1
        ready = scheduled + (number // 7) % longest
        event: events.Event
        if number % 4 == 0:
            event = events.TaskFailed(lane.number, lane.ticket, self.workflow.error, CAUSE)
        else:
            event = events.TaskSucceeded(lane.number, lane.ticket, Document(None, {"n": number % 100}))
        self.messages.append(Message(event, ready, leased))

    def _shortest(self, lane: Lane) -> int:
        state = self._task(lane)
        seconds = [each for each in (state.timeout_seconds, state.heartbeat_seconds) if isinstance(each, int)]
        return min(seconds)

    def _time_of(self, event: int) -> int:
        stored = self.rows.events
        return int(stored[event - 1][2]) if event <= len(stored) else self.world.now

    def _task(self, lane: Lane) -> TaskState:
        state = self.workflow.definition.state(lane.scope, lane.state or "")
        assert isinstance(state, TaskState)
        return state

    def _number(self, lane: Lane, what: str) -> int:
        """Return a number that belongs to this attempt of this task, wherever and whenever it is asked for."""
        lanes = self._execution().lanes
        place: list[object] = [what, lane.state, lane.retries]
        while lane.parent != NO_PARENT:
            above = lanes[lane.parent]
            place += [lane.index, above.state, above.retries]
            lane = above
        return zlib.crc32(repr(place).encode())

    # What must hold

    def _check_history(self) -> None:
        shown = [show(number, event) for number, event in enumerate(self.rows.events, 1)]
        check_history(shown, self.rows.record.status)
        check_growth(self.shown, shown)
        for event in shown:
            if event["type"] == "WaitStateExited":
                seconds = self.workflow.waits.get(event["stateExitedEventDetails"]["name"], 0)
                waited = self.rows.events[event["id"] - 1][2] - self._time_of(event["previousEventId"])
                assert waited >= seconds * 1000, "a Wait ends before its time"


class _Everything:
    def __contains__(self, _: object) -> bool:
        return True


_MADE_UP: list[Callable[[int, int], events.Event]] = [
    lambda lane, ticket: events.TaskSucceeded(lane, ticket, Document(None, {"n": 1})),
    lambda lane, ticket: events.TaskFailed(lane, ticket, "MadeUp", None),
    events.TaskHeartbeat,
    events.TimerFired,
    lambda lane, ticket: events.ActivityStarted(lane, ticket, None),
]


def _is_of(message: Message, lane: int, ticket: int) -> bool:
    event = message.event
    return getattr(event, "lane", None) == lane and getattr(event, "ticket", None) == ticket
