"""The engine: all that may be asked of executions, and their recovery at the start."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from stepwell.integrations.registry import Integrations
from stepwell.language.document import Document
from stepwell.language.evaluation import Entropy
from stepwell.language.source import json_problem
from stepwell.machine import events
from stepwell.machine.data import ACTIVITY
from stepwell.machine.history import decode_chunk, show
from stepwell.machine.limits import Limits
from stepwell.machine.step import Step
from stepwell.runtime.announcer import Announcer
from stepwell.runtime.arns import Scope, account_of, execution_arn
from stepwell.runtime.clock import Clock, Keys, time_ordered_uuid
from stepwell.runtime.committer import Committer, settle
from stepwell.runtime.definitions import Definitions
from stepwell.runtime.errors import (
    ExecutionAlreadyExists,
    InvalidOutput,
    TaskDoesNotExist,
    TaskTimedOut,
    UnknownTestCase,
)
from stepwell.runtime.evaluators.diagnoses import CallProblems
from stepwell.runtime.evaluators.pool import Evaluators
from stepwell.runtime.parking import parked_event
from stepwell.runtime.quotas import OpenExecutions
from stepwell.runtime.redrives import Redrives
from stepwell.runtime.residents import Resident, last_event_of
from stepwell.runtime.shell import Shell
from stepwell.runtime.starts import Start, new_resident
from stepwell.runtime.state_tests import StateTests
from stepwell.runtime.tokens import TaskTokens
from stepwell.storage.port import DeleteActivity, Park, PutActivity, Store, StoreError, Write
from stepwell.storage.records import ExecutionRecord, StateMachineRecord, VersionRecord
from stepwell.testing.trial import Outcome

log = logging.getLogger("stepwell.engine")

CLAIM_BATCH = 1_000


class Engine:
    """Runs the executions of one store."""

    def __init__(
        self,
        store: Store,
        integrations: Integrations,
        clock: Clock,
        entropy: Entropy,
        limits: Limits | None = None,
        evaluators: Evaluators | None = None,
        call_problems: CallProblems | None = None,
    ) -> None:
        self.store = store
        self._clock = clock
        self._integrations = integrations
        self._entropy = entropy
        limits = limits or Limits()
        self._committer = Committer(store)
        self._shell = Shell(store, integrations, clock, entropy, limits, self._committer, evaluators=evaluators)
        self._tests = StateTests(integrations, clock, entropy, limits, evaluators, call_problems)
        self._shell.on_ended = self._ended
        self._open = OpenExecutions()
        self._redrives = Redrives(self._shell, self._open)
        self._keys = Keys(clock, 0)
        self._ends: dict[str, list[asyncio.Future[ExecutionRecord]]] = {}

    def watch(self, on_turn: Callable[[Resident, Step], None]) -> None:
        """Have a function, which must not raise, called for each turn, once it is on the disk."""
        self._shell.on_turn.append(on_turn)

    def announce_to(self, announcer: Announcer) -> None:
        """Have the turns told to whoever makes deliveries of them."""
        self._shell.announcer = announcer

    @property
    def definitions(self) -> Definitions:
        """The compiled definitions of the store's revisions."""
        return self._shell.definitions

    async def start(self) -> None:
        """Take up what the store, which is open, holds: nothing that waits there is forgotten."""
        shell = self._shell
        shell.tokens = TaskTokens(await self.store.secret())
        self._keys = Keys(self._clock, await self.store.newest_key())
        shell.activity_arns.update(await self.store.activity_arns())
        self._open.count = await self.store.open_count()
        self._committer.start()
        await self._recover()
        shell.timers.start()

    async def close(self) -> None:
        """Commit what is on its way, and let go. What waits goes on at the next start."""
        await self._shell.close()

    async def _recover(self) -> None:
        shell = self._shell
        for record in await self.store.parked(CLAIM_BATCH):
            await self._or_show(record.key, self._unpark(record))
        after = (0, 0)
        while claimable := await self.store.claimable(shell.node, after, CLAIM_BATCH):
            for key in dict.fromkeys(execution for execution, _ in claimable):
                await self._or_show(key, shell.take_up(key))
            after = claimable[-1]
        async for key, _, _, _ in self.store.waiting_jobs():
            await self._or_show(key, shell.take_up(key))

    async def _or_show(self, key: int, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreError:
            raise
        except Exception:  # it keeps no other from going on
            log.critical("execution %d can't be taken up: a bug of Stepwell", key, exc_info=True)

    async def _unpark(self, record: ExecutionRecord) -> None:
        """Try again what an execution was parked at. It stays parked until the turn that comes of it is on the disk."""
        assert record.parked is not None
        event, residents = parked_event(record.parked), self._shell.residents
        resident = await residents.get(record.key)
        if resident is not None and event is not None:
            resident.record = replace(resident.record, parked=None)
            await self._shell.deliver_and_wait(record.key, event)
            if resident.record.version != record.version or residents.find(record.key) is not resident:
                return  # it has gone on, or is parked again
        await self._committer.write(Park(record.key, None))

    # For the registry

    def now(self) -> int:
        """Return the moment, in milliseconds since the epoch."""
        return self._clock.now()

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return self._entropy.random()

    def next_key(self) -> int:
        """Return a key for a new row."""
        return self._keys.next()

    async def write(self, write: Write, /) -> bool:
        """Commit a write; return whether it was taken."""
        taken = await self._committer.write(write)
        if taken and isinstance(write, PutActivity):
            self._shell.activity_arns.add(write.activity.arn)
        elif taken and isinstance(write, DeleteActivity):
            self._shell.activity_arns.discard(write.arn)
        return taken

    # Executions

    async def start_execution(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        test_case: str | None = None,
        alias_arn: str | None = None,
        revision: int | None = None,
    ) -> ExecutionRecord:
        """Start an execution durably; with `version`, of that. Raise `ExecutionAlreadyExists` where the name is taken.

        With `test_case`, its tasks are answered as that case of the file of mocked responses says. Raise
        `UnknownTestCase` where the file doesn't have it.

        The same name with the same input, while that execution runs, gives its record: the call may be repeated.
        Raise `ExecutionLimitExceeded` where too many run.
        """
        if test_case is not None and not self._integrations.has_test_case(state_machine.name, test_case):
            raise UnknownTestCase(state_machine.name, test_case)
        start = Start(state_machine, version, alias_arn, input, trace_header, test_case, revision)
        if name is None:
            name = time_ordered_uuid(self._clock.now())
            return await self._begin(start, execution_arn(state_machine.arn, name), name)
        arn = execution_arn(state_machine.arn, name)
        try:  # the insert finds out whether the name is taken; to read first would cost every start
            return await self._begin(start, arn, name)
        except ExecutionAlreadyExists:
            existing = await self.store.execution(arn)
        if existing is not None and existing.status == "RUNNING" and existing.input == input:
            return existing
        raise ExecutionAlreadyExists(arn)

    async def _begin(self, start: Start, arn: str, name: str) -> ExecutionRecord:
        definitions = self._shell.definitions
        revision, definition = definitions.find(start.revision) or await definitions.get(start.revision)
        resident = new_resident(
            start, revision, definition, key=self._keys.next(), arn=arn, name=name, started=self._clock.now()
        )
        committed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._open.take()
        self._shell.begin(resident, self._open.held(lambda outcome: settle(committed, outcome)))
        if not await committed:
            raise ExecutionAlreadyExists(arn)
        return resident.record

    async def stop_execution(self, record: ExecutionRecord, error: str | None, cause: str | None) -> int:
        """Stop an execution; return when it stopped, in ms. One that has ended is left as it is."""
        await self._shell.deliver_and_wait(record.key, events.Stop(error, cause))
        ended = await self.store.execution_by_key(record.key)
        stopped = record.stopped if ended is None else ended.stopped
        return self._clock.now() if stopped is None else stopped

    async def redrive_execution(self, record: ExecutionRecord, token: str | None) -> int:
        """Let an execution go on that ended without success; return when it was redriven, in ms.

        The same token, within a quarter of an hour, gives the same moment: the call may be repeated. Raise
        `ExecutionNotRedrivable`.
        """
        return await self._redrives.redrive(record.key, token)

    async def why_not_redrivable(self, record: ExecutionRecord) -> str | None:
        """Return why an execution can't be redriven at this moment, or None where it can be."""
        return await self._redrives.why_not(record)

    def last_event(self, record: ExecutionRecord) -> int:
        """Return the id of the newest event of an execution."""
        return last_event_of(record)

    async def history(self, record: ExecutionRecord, first: int, last: int) -> list[dict[str, Any]]:
        """Return the events of these ids (both included) as the wire shows them, in their order."""
        return [
            show(number, event)
            for first_event, _, chunk in await self.store.chunks(record.key, first, last)
            for number, event in enumerate(decode_chunk(chunk), first_event)
            if first <= number <= last
        ]

    async def ended(self, arn: str) -> ExecutionRecord | None:
        """Wait until an execution has ended; return its row, or None where there is no such execution."""
        end: asyncio.Future[ExecutionRecord] = asyncio.get_running_loop().create_future()
        self._ends.setdefault(arn, []).append(end)
        try:
            record = await self.store.execution(arn)
            return await end if record is not None and record.status == "RUNNING" else record
        finally:
            self._ends[arn].remove(end)
            if not self._ends[arn]:
                del self._ends[arn]

    def _ended(self, resident: Resident) -> None:
        self._open.give_back()
        for end in self._ends.get(resident.record.arn, ()):
            if not end.done():
                end.set_result(resident.record)

    @property
    def has_mocks(self) -> bool:
        """Whether there is a file of mocked responses, and so test cases to start executions with."""
        return self._integrations.has_mocks

    async def test_state(self, request: dict[str, Any], scope: Scope) -> Outcome:
        """Run one state alone; nothing of it is stored. Raises what `StateTests.run` raises."""
        return await self._tests.run(request, scope)

    # Tasks

    def task_token(self, record: ExecutionRecord, lane: int, ticket: int) -> str:
        """Return the task token of a lane's ticket. Whether it is still good shows when it is used."""
        return self._shell.tokens.make(record.key, lane, ticket)

    async def complete_task(self, token: str, output: str, *, account: str) -> None:
        """Answer a task token with a result (JSON text).

        Raise `InvalidToken`, `TaskDoesNotExist`, `TaskTimedOut`, and after these `InvalidOutput`.
        """
        key, lane, ticket = await self._open_task(token, account)
        problem = json_problem(output)
        if problem is not None:
            raise InvalidOutput(problem)
        await self._shell.deliver_and_wait(key, events.TaskSucceeded(lane, ticket, Document(output)))

    async def fail_task(self, token: str, error: str | None, cause: str | None, *, account: str) -> None:
        """Answer a task token with an error. Raise `InvalidToken`, `TaskDoesNotExist` or `TaskTimedOut`."""
        key, lane, ticket = await self._open_task(token, account)
        await self._shell.deliver_and_wait(key, events.TaskFailed(lane, ticket, error, cause))

    async def heartbeat(self, token: str, *, account: str) -> None:
        """Say that the holder of a task token is alive. Raises what `fail_task` raises."""
        key, lane, ticket = await self._open_task(token, account)
        await self._shell.deliver_and_wait(key, events.TaskHeartbeat(lane, ticket))

    async def _open_task(self, token: str, account: str) -> tuple[int, int, int]:
        """Return (execution, lane, ticket) of a token that can be answered; the account has to be the execution's."""
        key, number, ticket = self._shell.tokens.read(token)
        resident = await self._shell.residents.get(key)
        if resident is None:
            ended = await self.store.execution_by_key(key)
            if ended is None or account_of(ended.arn) != account:
                raise TaskDoesNotExist
            raise TaskTimedOut
        if account_of(resident.record.arn) != account:
            raise TaskDoesNotExist
        lane = resident.execution.lanes.get(number)
        if lane is None or lane.ticket != ticket:
            await self._shell.settled(resident)  # what has closed the task may yet be lost
            raise TaskTimedOut
        return key, number, ticket

    async def poll_activity(self, activity_arn: str, worker_name: str | None) -> tuple[str, str] | None:
        """Return (task token, input) of an activity's next task, or None when there was none for a minute."""

        async def take(key: int, number: int, ticket: int) -> tuple[str, str] | None:
            resident = await self._shell.residents.get(key)
            lane = resident.execution.lanes.get(number) if resident is not None else None
            if lane is None or lane.ticket != ticket or lane.waits != ACTIVITY or lane.parameters is None:
                return None
            if resident is None or resident.record.parked is not None:
                return None
            task = self._shell.tokens.make(key, number, ticket), lane.parameters.text
            await self._shell.deliver_and_wait(key, events.ActivityStarted(number, ticket, worker_name))
            return task

        return await self._shell.activities.poll(activity_arn, take)
