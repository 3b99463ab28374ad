"""The durable shell around the machine: deliver, advance, commit, hand over. In this order, always.

Something happens: an API call, an answer, a timer. The execution is in memory, or is read; the machine advances it; the
turn goes to the group committer; and only when it is on the disk are its commands carried out, its timers set, and
whoever asked is answered. A crash at any instant loses nothing that anybody was told of: the rows of lanes that wait
are the list of what is to be done, and `recover` goes through it.

What the machine raises beyond the language's own errors is a bug of ours. Such an execution is parked: its rows stay as
they are, the event is kept with the reason, it is shown, and the next start tries again. Until then it takes no event
but `Stop`.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from typing import Any

from stepwell.integrations.port import TaskRequest
from stepwell.integrations.registry import Integrations
from stepwell.language.definition import TaskState
from stepwell.language.document import Document
from stepwell.language.evaluation import Allowance, Entropy, Overdrawn
from stepwell.language.resources import Resource
from stepwell.machine import events
from stepwell.machine.advance import advance
from stepwell.machine.data import ACTIVITY, JOB, TASK, TURN, Lane
from stepwell.machine.limits import Limits
from stepwell.machine.step import Step
from stepwell.runtime.activities import Activities
from stepwell.runtime.announcer import Announcer
from stepwell.runtime.background import Background
from stepwell.runtime.clock import Clock
from stepwell.runtime.committer import Commits, Done, settle
from stepwell.runtime.definitions import Definitions
from stepwell.runtime.evaluators import OUTSIDE_STEPS
from stepwell.runtime.evaluators.pool import Evaluators
from stepwell.runtime.handover import Handover, Ticket
from stepwell.runtime.long_turns import LongTurn, LongTurns
from stepwell.runtime.moment import TurnMoment
from stepwell.runtime.parking import parking_note
from stepwell.runtime.requests import task_request
from stepwell.runtime.residents import Resident, Residents
from stepwell.runtime.timers import Timers
from stepwell.runtime.tokens import TaskTokens
from stepwell.runtime.turns import changes_nothing, due_of, turn_of
from stepwell.storage.port import Park, Store, StoreError
from stepwell.storage.records import ExecutionRecord, Turn

log = logging.getLogger("stepwell.engine")

RETRY_SECONDS = 1.0
_START = events.Start()
_NO_PARAMETERS = Document(None, {})


class Shell:
    """Carries events to executions, and what comes of them to the store and to the outside."""

    def __init__(
        self,
        store: Store,
        integrations: Integrations,
        clock: Clock,
        entropy: Entropy,
        limits: Limits,
        committer: Commits,
        *,
        definitions: Definitions | None = None,
        residents_kept: int | None = None,
        evaluators: Evaluators | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.limits = limits
        self.node = uuid.uuid4().hex
        self.committer = committer
        self.definitions = definitions or Definitions(store)
        self.residents = Residents(store, self.definitions, residents_kept)
        self.activities = Activities(store)
        self.handover = Handover(integrations, self.deliver)
        self.timers = Timers(store, clock, self._timer_fired)
        self.activity_arns: set[str] = set()
        self.tokens = TaskTokens(b"")
        self.background = Background()
        self.on_ended: Callable[[Resident], None] = lambda _: None
        """Called for each execution that has ended, once that is on the disk."""
        self.on_parked: Callable[[Resident, Exception], None] = lambda _, __: None
        """Called for each execution that a bug has parked."""
        self.on_turn: list[Callable[[Resident, Step], None]] = []
        """Called for each turn, once it is on the disk. They must not raise."""
        self.announcer: Announcer | None = None
        """Who is told of turns before they are committed, and may have deliveries committed with them."""
        self._entropy = entropy
        self._long = None if evaluators is None else LongTurns(self, evaluators)
        self._to_take_up: set[int] = set()

    async def close(self) -> None:
        """Let go of what was handed over, and commit what is on its way."""
        self.background.closed = True
        await self.timers.close()
        await self.handover.close()
        await self.background.close()
        await self.committer.close()

    # Deliver

    def deliver(self, key: int, event: events.Event) -> None:
        """Have an event delivered, now or as soon as its execution is in memory."""
        resident = self.residents.find(key)
        if resident is not None:
            self.advance(resident, event)
        else:
            self.background.begin(self._deliver_when_read(key, event))

    async def deliver_and_wait(self, key: int, event: events.Event) -> None:
        """Deliver an event, and wait until what it changed is committed. Raise `StoreError` where that failed."""
        resident = await self.residents.get(key)
        if resident is not None:
            committed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self.advance(resident, event, done=lambda outcome: settle(committed, outcome))
            await committed

    async def _deliver_when_read(self, key: int, event: events.Event) -> None:
        while True:
            try:
                resident = await self.residents.get(key)
                break
            except StoreError as error:  # whoever brought the event has let go of it
                log.error("execution %d can't be read, trying again in %g s: %s", key, RETRY_SECONDS, error)
            await asyncio.sleep(RETRY_SECONDS)
        if resident is not None:
            self.advance(resident, event)

    # Advance

    def begin(self, resident: Resident, done: Done) -> None:
        """Advance a new execution as far as it goes, and have that committed; `done` is told what became of it."""
        self.advance(resident, _START, new=True, done=done)

    def advance(self, resident: Resident, event: events.Event, *, new: bool = False, done: Done | None = None) -> None:
        """Advance an execution in memory by an event, and have the turn committed; `done` is told what became of it."""
        if resident.record.parked is not None and not isinstance(event, events.Stop):
            if done is not None:
                parked = "is parked because of a bug: see the server's log and GET /health"
                done(StoreError(f"{resident.record.arn} {parked}"))
            return
        moment, long = self._moment(resident.record), self._long
        if long is not None and long.is_due(resident, event):
            long.begin(LongTurn(resident, event, moment, new, done), overdrawn=False)
            return
        try:
            step = advance(resident.execution, resident.definition, event, moment)
        except Overdrawn:
            assert long is not None
            long.begin(LongTurn(resident, event, moment, new, done), overdrawn=True)
            return
        except Exception as bug:  # noqa: BLE001 (whatever it is, it parks and is shown)
            self.park(resident, event, bug, new=new, done=done)
            return
        if long is not None and step.tires:
            long.note(resident, events.TurnCame())
        self.conclude(resident, event, step, new=new, done=done)

    def conclude(
        self, resident: Resident, event: events.Event, step: Step, *, new: bool = False, done: Done | None = None
    ) -> None:
        """Have what came of an event committed."""
        try:
            turn = None if changes_nothing(step) else turn_of(resident, step, self.node, new)
            if turn is not None and self.announcer is not None and self.announcer.announces:
                turn.deliveries = self.announcer.announced(turn)
        except Exception as bug:  # noqa: BLE001 (whatever it is, it parks and is shown)
            self.park(resident, event, bug, new=new, done=done)
            return
        if turn is None:
            self._settle_stale(resident, done)
            return
        if new and resident.execution.status == "RUNNING":
            self.residents.add(resident)
        self._submit(resident, step, turn, done)

    def _submit(self, resident: Resident, step: Step, turn: Turn, done: Done | None) -> None:
        resident.pending += 1

        def committed(outcome: bool | StoreError) -> None:
            resident.pending -= 1
            try:
                if outcome is True:
                    self.committed(resident, step, turn)
                else:
                    outcome = self._not_committed(resident, turn, outcome)
            except Exception:  # a bug: what was not carried out because of it is taken up again
                self.take_up_later(resident.record.key)
                raise
            finally:
                if done is not None:
                    done(outcome)

        self.committer.submit(turn, committed)

    def _moment(self, record: ExecutionRecord) -> TurnMoment:
        allowance = Allowance(OUTSIDE_STEPS, last=True) if self._long is None else self._long.allowance()
        return TurnMoment(
            self.clock.now(),
            self._entropy,
            self.limits,
            self.activity_arns,
            allowance,
            self.tokens,
            record.key,
            record.arn,
        )

    async def settled(self, resident: Resident) -> None:
        """Wait until an execution is on the disk as it is in memory. Raise `StoreError` where that failed."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._settle_stale(resident, lambda outcome: settle(future, outcome))
        await future

    def _settle_stale(self, resident: Resident, done: Done | None) -> None:
        """Settle a stale event once what made it stale is on the disk: nobody is told of what may yet be lost."""
        if done is None:
            return
        if resident.pending:
            self.committer.after(lambda _: done(_lost(resident) if resident.lost else True))
        else:
            done(True)

    # Hand over

    def committed(self, resident: Resident, step: Step, turn: Turn) -> None:
        """Carry out what a turn asks for that is on the disk."""
        if resident.held is not None:
            resident.held.append((step, turn))
            return
        for on_turn in self.on_turn:
            on_turn(resident, step)
        if turn.deliveries and self.announcer is not None:
            self.announcer.look()
        for command in step.commands:
            self._carry_out(resident, command)
        if turn.execution.status != "RUNNING":  # this turn's: the execution may have ended in a later one
            self.residents.forget(resident)
            self.on_ended(resident)
            return
        for lane in step.touched:
            self._set_timer(resident, lane)

    def _set_timer(self, resident: Resident, lane: Lane) -> None:
        """Watch the clock for a lane that waits."""
        execution = resident.execution
        waiting = execution.lanes.get(lane.number)
        if waiting is not None:  # it may be in a later turn, or read again, than when this was asked for
            due = due_of(waiting, execution)
            if due is not None:
                self.timers.set(due, resident.record.key, lane.number)

    def _carry_out(self, resident: Resident, command: events.Command) -> None:
        key = resident.record.key
        match command:
            case events.Call(number, ticket) | events.Watch(number, ticket):
                lane = resident.execution.lanes.get(number)
                if lane is not None and lane.ticket == ticket:  # else it was answered or stopped meanwhile
                    self._care_for(resident, lane)
            case events.Offer(number, ticket, activity):
                self.activities.offer(activity, (key, number, ticket))
            case events.Cancel(number, ticket, resource, job):
                request = None
                if resource is not None:
                    request = self._request(resident, resource, _NO_PARAMETERS, ticket)
                self.handover.cancel(Ticket(key, number, ticket), request, job)
            case events.Yield():
                asyncio.get_running_loop().call_soon(self.deliver, key, events.TurnCame())

    def _care_for(self, resident: Resident, lane: Lane, *, redelivered: bool = False) -> None:
        """Do what a lane that waits needs of this node: call, watch a job, offer to workers."""
        key = resident.record.key
        ticket = Ticket(key, lane.number, lane.ticket)
        if lane.waits == ACTIVITY and lane.resource is not None:
            self.activities.offer(lane.resource, (key, lane.number, lane.ticket))
        elif lane.waits in {TASK, JOB}:
            state = resident.definition.scopes[lane.scope].states[lane.state or ""]
            assert isinstance(state, TaskState)
            assert lane.parameters is not None
            request = self._request(
                resident, state.resource, lane.parameters, lane.ticket, lane=lane, redelivered=redelivered
            )
            if lane.waits == TASK:
                self.handover.call(ticket, request)
            else:
                self.handover.watch(ticket, request, lane.resource or "")

    def _request(
        self, resident: Resident, resource: Resource, parameters: Document, ticket: int, **more: Any
    ) -> TaskRequest:
        key = self.tokens.idempotency_key(resident.record.key, ticket)
        return task_request(resident, resource, parameters, key, self.clock.now(), **more)

    # Timers

    def _timer_fired(self, key: int, number: int) -> None:
        resident = self.residents.find(key)
        if resident is not None:
            self._fire(resident, number)
        else:
            self.background.begin(self._fire_when_read(key, number))

    async def _fire_when_read(self, key: int, number: int) -> None:
        resident = await self.residents.get(key)
        if resident is not None:
            self._fire(resident, number)

    def _fire(self, resident: Resident, number: int) -> None:
        execution, now = resident.execution, self.clock.now()
        lane = execution.lanes.get(number)
        if execution.deadline is not None and execution.deadline <= now:
            self.advance(resident, events.DeadlineReached())
        elif lane is not None and lane.due is not None and lane.due <= now:
            self.advance(resident, events.TimerFired(number, lane.ticket))

    # What goes wrong

    def _not_committed(self, resident: Resident, turn: Turn, outcome: bool | StoreError) -> bool | StoreError:
        """Forget what is in memory: it is ahead of the store. What waits there is taken up again in a moment."""
        self.residents.forget(resident)
        resident.lost = True
        if turn.new and not isinstance(outcome, StoreError):
            return outcome  # the name is taken
        error = outcome if isinstance(outcome, StoreError) else _lost(resident)
        log.error("a turn of %s could not be written: %s", resident.record.arn, error)
        self.take_up_later(resident.record.key)
        return error

    def take_up_later(self, key: int) -> None:
        """Take an execution up again in a moment."""
        if key not in self._to_take_up:
            self._to_take_up.add(key)
            loop = asyncio.get_running_loop()
            loop.call_later(RETRY_SECONDS, lambda: self.background.begin(self._take_up_again(key)))

    async def _take_up_again(self, key: int) -> None:
        self._to_take_up.discard(key)
        try:
            await self.take_up(key)
        except StoreError as error:
            log.error("execution %d can't be taken up, trying again in %g s: %s", key, RETRY_SECONDS, error)
            self.take_up_later(key)

    async def take_up(self, key: int) -> None:
        """Care for every lane of an execution that nobody on this node cares for. Raise `StoreError`."""
        resident = await self.residents.get(key)
        while resident is not None and resident.pending:  # nothing is handed over that is not on the disk
            await self.settled(resident)
            resident = await self.residents.get(key)
        if resident is None or resident.record.parked is not None:
            return
        lanes = list(resident.execution.lanes.values())
        for lane in lanes:
            self._set_timer(resident, lane)
            if lane.waits != TURN and not self.handover.holds(Ticket(key, lane.number, lane.ticket)):
                self._care_for(resident, lane, redelivered=True)
        if any(lane.waits == TURN for lane in lanes):
            self.deliver(key, events.TurnCame())  # the last thing: it may change every lane

    def park(self, resident: Resident, event: events.Event, bug: Exception, *, new: bool, done: Done | None) -> None:
        """Park an execution because of a bug, with the event that it came up at."""
        record = resident.record
        self.residents.forget(resident)
        if new:  # nothing of it is stored, so there is nothing to park: the start is refused
            log.error("%s could not be started: a bug of Stepwell", record.arn, exc_info=bug)
            if done is not None:
                done(StoreError(f"{record.arn} could not be started: {bug!r}"))
            return
        log.critical("%s is parked: a bug of Stepwell; it is tried again at the next start", record.arn, exc_info=bug)
        note = parking_note(event, bug)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.residents.forget(resident, until=written)  # who read it now would not see that it is parked

        def parked(outcome: bool | StoreError) -> None:
            written.set_result(None)
            if outcome is not True:
                self.take_up_later(record.key)
            if done is not None:
                done(outcome)

        self.committer.submit(Park(record.key, note), parked)
        self.on_parked(resident, bug)


def _lost(resident: Resident) -> StoreError:
    return StoreError(f"what came before in {resident.record.arn} could not be written, and so this is lost: try again")
