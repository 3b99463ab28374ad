"""Executions in memory: read from the store when something happens to them, kept while they are busy.

What is in memory is ahead of the store only by turns that are on their way to the disk. If one of those can't be
written, the execution is forgotten and read again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec

from stepwell.language.definition import Definition
from stepwell.language.document import Document
from stepwell.machine.data import ACTIVITY, JOB, TASK, TOKEN, Execution, Lane
from stepwell.machine.history import decode_chunk, parameters_of, role_of
from stepwell.machine.snapshot import restore_counters, restore_lane, restore_variables
from stepwell.machine.step import Step
from stepwell.runtime.definitions import Definitions
from stepwell.storage.port import Store
from stepwell.storage.records import ExecutionRecord, RevisionRecord, Turn

KEPT = 4_096

_counters = msgspec.msgpack.Decoder(list[Any]).decode
_WITH_PARAMETERS = {TASK, TOKEN, JOB, ACTIVITY}


class Resident:
    """An execution in memory, with its row as it was last submitted."""

    __slots__ = ("definition", "execution", "held", "logging", "lost", "pending", "record")

    def __init__(
        self,
        record: ExecutionRecord,
        execution: Execution,
        definition: Definition,
        logging: Mapping[str, Any] | None = None,
    ) -> None:
        self.record = record
        self.execution = execution
        self.definition = definition
        self.logging = logging
        """The logging configuration of the revision that it follows."""
        self.pending = 0
        """Turns on their way to the disk."""
        self.lost = False
        """Whether one of them could not be written: what is here was never so."""
        self.held: list[tuple[Step, Turn]] | None = None
        """While what is here is of no use: the turns that are committed and not yet carried out."""


def last_event_of(record: ExecutionRecord) -> int:
    """Return the id of the newest event of an execution, which is how many there are."""
    following: int = _counters(record.progress)[0]
    return following - 1


def new_execution(record: ExecutionRecord, revision: RevisionRecord) -> Execution:
    """Return an execution as its row says that it is, but for what it counts, and its lanes."""
    execution = Execution(
        record.arn,
        record.name,
        record.state_machine_arn,
        revision.role_arn,
        Document(record.input),
        record.started,
        record.state_machine_version_arn,
        record.state_machine_alias_arn,
    )
    execution.status = record.status
    if record.redrive is not None:
        execution.redrive_count = record.redrive.count
        execution.redriven_at = record.redrive.redriven
        execution.redrive_tokens = record.redrive.tokens
    return execution


class Residents:
    """The executions that this node has in memory."""

    def __init__(self, store: Store, definitions: Definitions, limit: int | None = None) -> None:
        self._store = store
        self._definitions = definitions
        self._limit = KEPT if limit is None else limit
        self._kept: OrderedDict[int, Resident] = OrderedDict()
        self._loading: dict[int, asyncio.Task[Resident | None]] = {}
        self._unwritten: dict[int, asyncio.Future[None]] = {}

    def add(self, resident: Resident) -> None:
        """Keep an execution that was started, read or redriven just now."""
        self._kept[resident.record.key] = resident
        if len(self._kept) > self._limit:
            self._make_room()

    def find(self, key: int) -> Resident | None:
        """Return an execution that is in memory."""
        return self._kept.get(key)

    def forget(self, resident: Resident, *, until: asyncio.Future[None] | None = None) -> None:
        """Forget an execution: what is in memory counts no longer. It is not read again before `until` is done."""
        key = resident.record.key
        if self._kept.get(key) is resident:
            del self._kept[key]
        if until is not None:
            self._unwritten[key] = until
            until.add_done_callback(lambda _: self._unwritten.pop(key, None))

    async def get(self, key: int) -> Resident | None:
        """Return an execution, from memory or from the store; None where there is none, or it has ended."""
        while True:
            found = self._kept.get(key)
            if found is not None:
                return found
            loaded = await asyncio.shield(self._loading_of(key))
            if loaded is None or self._kept.get(key) is loaded:
                return loaded  # else it was forgotten again before its turn came here: there may be a newer one

    def _loading_of(self, key: int) -> asyncio.Task[Resident | None]:
        loading = self._loading.get(key)
        if loading is None or loading.done():
            loading = self._loading[key] = asyncio.create_task(self._load(key))
            loading.add_done_callback(lambda done: self._loading.pop(key) if self._loading.get(key) is done else None)
        return loading

    async def _load(self, key: int) -> Resident | None:
        unwritten = self._unwritten.get(key)
        if unwritten is not None:
            await asyncio.wait((unwritten,))
            kept = self._kept.get(key)
            if kept is not None:
                return kept
        record = await self._store.execution_by_key(key)
        if record is None or record.status != "RUNNING":
            return None
        resident = await self.read(record)
        self.add(resident)
        return resident

    async def read(self, record: ExecutionRecord) -> Resident:
        """Return an execution as it rests, be it at its end; it is not kept yet."""
        key = record.key
        revision, definition = await self._definitions.get(record.revision)
        execution = new_execution(record, revision)
        restore_counters(execution, record.progress)
        for row in await self._store.lanes(key):
            assert row.frame is not None
            lane = restore_lane(row.lane, row.frame, row.progress)
            lane.waits, lane.ticket, lane.due, lane.resource = row.waits, row.ticket, row.due, row.resource
            if row.waits in _WITH_PARAMETERS:
                await self._restore_task(key, lane)
            execution.lanes[lane.number] = lane
        restore_variables(execution)
        return Resident(record, execution, definition, revision.logging_configuration)

    async def _restore_task(self, key: int, lane: Lane) -> None:
        """Take up what a task was given: its …Scheduled event says so."""
        first, _, chunk = (await self._store.chunks(key, lane.scheduled, lane.scheduled))[0]
        event = decode_chunk(chunk)[lane.scheduled - first]
        lane.parameters = Document(parameters_of(event))
        lane.role_arn = role_of(event)

    def _make_room(self) -> None:
        """Let go of the executions that were started or read longest ago and have nothing on the way."""
        excess = len(self._kept) - self._limit + self._limit // 8
        for key, resident in list(islice(self._kept.items(), excess)):
            if not resident.pending:
                del self._kept[key]
