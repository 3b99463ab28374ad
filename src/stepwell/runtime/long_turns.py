"""Turns that take too long for the loop: they come to nothing here, and are taken again in a process beside it.

What `advance` leaves behind when it is `Overdrawn` is of no use, so the execution is put back to what is on the disk,
once all that was on its way there has arrived; a new one, of which nothing is there yet, to its beginning. Meanwhile it
counts as not in memory: events wait as for one that has to be read. Its commands of earlier turns wait as well, for
they are about lanes as they were.

Of which revisions such turns were is kept in mind, so that the next one like it is not tried here in vain.

The turn in the process has the same event at the same moment, and chance from a seed. What comes of it is committed as
if it had been taken here. Where it uses up all the memory or time of a process, it is taken here after all, as far as
the small allowance goes: then the state that is at fault fails with the error of its bound.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell.language.evaluation import Allowance
from stepwell.machine.advance import advance
from stepwell.machine.events import Event
from stepwell.machine.step import Step
from stepwell.runtime.clock import SeededEntropy
from stepwell.runtime.committer import Done
from stepwell.runtime.evaluators import INLINE_STEPS, OUTSIDE_STEPS
from stepwell.runtime.evaluators.jobs import Advanced, take_turn
from stepwell.runtime.evaluators.pool import Evaluators, Exceeded, Place
from stepwell.runtime.moment import TurnMoment
from stepwell.runtime.residents import Resident, new_execution
from stepwell.storage.port import StoreError

if TYPE_CHECKING:
    from stepwell.runtime.shell import Shell

MOST_KNOWN = 1_000
MOST_LANES = 64
"""An execution of more lanes is given to a process only when a turn has been overdrawn: it would have to be copied."""


@dataclass(frozen=True, slots=True)
class LongTurn:
    """A turn that is to be taken in a process."""

    resident: Resident
    event: Event
    moment: TurnMoment
    new: bool
    done: Done | None


class LongTurns:
    """Takes the turns of a shell that take long."""

    def __init__(self, shell: "Shell", evaluators: Evaluators) -> None:
        self._shell = shell
        self._evaluators = evaluators
        self._known: OrderedDict[tuple[int, type[Event]], None] = OrderedDict()
        """Of which revisions, and at which kind of event, turns have turned out to take long."""

    def allowance(self) -> Allowance:
        """Return what a turn may use up on the loop."""
        return Allowance(INLINE_STEPS)

    def note(self, resident: Resident, event: Event) -> None:
        """Note that such turns take long: the next one needs no trial."""
        self._known[resident.record.revision, type(event)] = None
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def is_due(self, resident: Resident, event: Event) -> bool:
        """Return whether a turn needs no trial."""
        if not self._known or (resident.record.revision, type(event)) not in self._known:
            return False
        return len(resident.execution.lanes) <= MOST_LANES

    def begin(self, turn: LongTurn, *, overdrawn: bool) -> None:
        """Take a turn in a process. `overdrawn`: what is in memory of the execution is of no use."""
        resident = turn.resident
        if overdrawn:
            self.note(resident, turn.event)
        if turn.new and self._evaluators.full:
            self._shell.residents.forget(resident)
            if turn.done is not None:
                turn.done(StoreError(f"{resident.record.arn} could not be started: too much waits to be evaluated"))
            return
        back: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        resident.held = [] if overdrawn else None
        self._shell.residents.forget(resident, until=back)
        self._shell.background.begin(self._take(turn, back, overdrawn=overdrawn))

    async def _take(self, turn: LongTurn, back: asyncio.Future[None], *, overdrawn: bool) -> None:
        shell, resident = self._shell, turn.resident
        try:
            async with self._evaluators.place() as place:
                if overdrawn:
                    await self._put_back(turn)
                step = await self._step(turn, place)
            shell.residents.add(resident)
            shell.conclude(resident, turn.event, step, new=turn.new, done=turn.done)
        except StoreError as error:
            if not turn.new:
                shell.take_up_later(resident.record.key)
            if turn.done is not None:
                turn.done(error)
        except Exception as bug:  # noqa: BLE001 (whatever it is, it parks and is shown)
            shell.park(resident, turn.event, bug, new=turn.new, done=turn.done)
        finally:
            back.set_result(None)

    async def _put_back(self, turn: LongTurn) -> None:
        """Let the execution be what it was before the turn. Raise `StoreError`."""
        shell, resident = self._shell, turn.resident
        waited_for = resident.execution.waited_for
        if turn.new:
            revision, _ = await shell.definitions.get(resident.record.revision)
            resident.execution = new_execution(resident.record, revision)
        else:
            await shell.settled(resident)
            record = await shell.store.execution_by_key(resident.record.key)
            assert record is not None, "executions are never deleted"
            resident.execution = (await shell.residents.read(record)).execution
        resident.execution.waited_for = waited_for
        held, resident.held = resident.held, None
        for step, submitted in held or ():
            shell.committed(resident, step, submitted)

    async def _step(self, turn: LongTurn, place: Place) -> Step:
        resident, moment = turn.resident, turn.moment
        revision, definition = await self._shell.definitions.get(resident.record.revision)
        moment.entropy = SeededEntropy(moment.entropy.uuid())
        moment.allowance = Allowance(OUTSIDE_STEPS, last=True)
        try:
            advanced: Advanced = await place.do(
                take_turn, revision.key, revision.definition, resident.execution, turn.event, moment
            )
        except Exceeded:
            moment.allowance = Allowance(INLINE_STEPS, last=True)
            return advance(resident.execution, definition, turn.event, moment)
        resident.execution = advanced.execution
        if advanced.steps_left > OUTSIDE_STEPS - INLINE_STEPS // 2:
            self._known.pop((revision.key, type(turn.event)), None)
        return advanced.step(definition, moment)
