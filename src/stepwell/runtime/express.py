"""Express executions: the same machine over a store in memory, beside the durable engine.

They take five minutes at most, are gone with the server, and are known by name to nobody: a name may come again, each
time with another UUID in the ARN. What they follow, the revisions of their state machines, is durable, and is read by
way of the durable engine's definitions. Nothing waits for a disk, so a chain of states without tasks has ended before
its start returns.
"""

import asyncio
import logging
from collections.abc import Callable

from stepwell.integrations.registry import Integrations
from stepwell.language.evaluation import Entropy
from stepwell.machine import events
from stepwell.machine.limits import EXPRESS
from stepwell.machine.step import Step
from stepwell.runtime.arns import express_arn
from stepwell.runtime.clock import Clock, time_ordered_uuid
from stepwell.runtime.committer import ImmediateCommitter
from stepwell.runtime.definitions import Definitions
from stepwell.runtime.evaluators.pool import Evaluators
from stepwell.runtime.quotas import OpenExecutions
from stepwell.runtime.residents import Resident
from stepwell.runtime.shell import Shell
from stepwell.runtime.starts import Start, new_resident
from stepwell.runtime.tokens import TaskTokens
from stepwell.storage.port import ImmediateStore, StoreError
from stepwell.storage.records import ExecutionRecord, StateMachineRecord, VersionRecord

log = logging.getLogger("stepwell.engine")

MOST_OPEN = 100_000
"""How many Express executions may run at the same time: all of them are in memory."""


class Express:
    """Runs Express executions. `definitions` and `next_key` are those of the engine that keeps the state machines."""

    def __init__(
        self,
        store: ImmediateStore,
        definitions: Definitions,
        next_key: Callable[[], int],
        integrations: Integrations,
        clock: Clock,
        entropy: Entropy,
        evaluators: Evaluators | None = None,
    ) -> None:
        self.store = store
        self._clock = clock
        self._next_key = next_key  # what is made of a key, such as the names of nested executions, is the server's own
        self._open = OpenExecutions(MOST_OPEN)
        self._waiting: dict[int, asyncio.Future[ExecutionRecord]] = {}
        self._shell = Shell(
            store,
            integrations,
            clock,
            entropy,
            EXPRESS,
            ImmediateCommitter(store),
            definitions=definitions,
            residents_kept=MOST_OPEN,
            evaluators=evaluators,
        )
        self._shell.on_ended = self._ended
        self._shell.on_parked = self._parked

    def watch(self, on_turn: Callable[[Resident, Step], None]) -> None:
        """Have a function, which must not raise, called for each turn."""
        self._shell.on_turn.append(on_turn)

    async def start(self) -> None:
        """Begin: there is nothing to take up."""
        self._shell.tokens = TaskTokens(await self.store.secret())
        self._shell.timers.start()

    async def close(self) -> None:
        """Let go. What runs ends here."""
        if self._open.count:
            log.warning("%d Express executions end with the server", self._open.count)
        await self._shell.close()

    async def start_execution(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        alias_arn: str | None = None,
        revision: int | None = None,
    ) -> ExecutionRecord:
        """Start an execution. Raise `ExecutionLimitExceeded` where too many run."""
        start = Start(state_machine, version, alias_arn, input, trace_header, own_revision=revision)
        resident = await self._new(start, name)
        self._begin(resident)
        return resident.record

    async def run(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        alias_arn: str | None = None,
    ) -> ExecutionRecord:
        """Run an execution to its end. Raise `ExecutionLimitExceeded` where too many run."""
        resident = await self._new(Start(state_machine, version, alias_arn, input, trace_header), name)
        resident.execution.waited_for = True
        self._begin(resident)
        if resident.execution.status != "RUNNING":
            return resident.record
        key = resident.record.key
        end: asyncio.Future[ExecutionRecord] = asyncio.get_running_loop().create_future()
        self._waiting[key] = end
        try:
            return await end
        finally:
            del self._waiting[key]

    async def _new(self, start: Start, name: str | None) -> Resident:
        definitions = self._shell.definitions
        revision, definition = definitions.find(start.revision) or await definitions.get(start.revision)
        self._open.take()
        started = self._clock.now()
        unique = time_ordered_uuid(started)
        name = name or unique
        arn = express_arn(start.state_machine.arn, name, unique)
        return new_resident(start, revision, definition, key=self._next_key(), arn=arn, name=name, started=started)

    def _begin(self, resident: Resident) -> None:
        """Advance a new execution as far as it goes. Raise `StoreError` where a bug keeps it from starting."""
        refused: StoreError | None = None

        def done(outcome: bool | StoreError) -> None:
            nonlocal refused
            if outcome is not True:
                assert isinstance(outcome, StoreError), "another execution has this one's UUID"
                self._open.give_back()
                self._tell(resident.record.key, outcome)
                refused = outcome

        self._shell.begin(resident, done)
        if refused is not None:
            raise refused

    def _ended(self, resident: Resident) -> None:
        self._open.give_back()
        end = self._waiting.get(resident.record.key)
        if end is not None and not end.done():
            end.set_result(resident.record)

    def _parked(self, resident: Resident, bug: Exception) -> None:
        """End what a bug has parked: no later start tries it again, and who waits for it is told."""
        record = resident.record
        if record.parked is not None:
            return  # that bug was in ending it
        self._tell(record.key, StoreError(f"{record.arn} was ended by a bug: {bug!r}"))
        self._shell.deliver(
            record.key, events.Stop("States.Runtime", f"A bug of Stepwell ended the execution: {bug!r}")
        )

    def _tell(self, key: int, error: StoreError) -> None:
        """Tell whoever waits for an execution that it comes to no end."""
        end = self._waiting.get(key)
        if end is not None and not end.done():
            end.set_exception(error)
