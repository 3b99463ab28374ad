"""The store over one file of SQLite."""

import asyncio
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stepwell.storage.port import StoreError, Write
from stepwell.storage.records import (
    ActivityRecord,
    AliasRecord,
    DeliveryRecord,
    ExecutionRecord,
    LaneRecord,
    RedriveRecord,
    ResourceRecord,
    RevisionRecord,
    StateMachineRecord,
    VersionRecord,
)
from stepwell.storage.sqlite.listings import listing
from stepwell.storage.sqlite.lock import DirectoryLock
from stepwell.storage.sqlite.queries import text
from stepwell.storage.sqlite.rows import EVENT_LIMIT, chunk_id, split_arn
from stepwell.storage.sqlite.schema import migrate, migrations, open_reader, open_writer
from stepwell.storage.sqlite.searches import SqliteSearches
from stepwell.storage.sqlite.thread import WriterThread
from stepwell.storage.sqlite.writer import Writer

DATABASE_FILE = "stepwell.db"

NO_KEY_BEFORE = (1 << 63) - 1
"""Above every key: where a listing from the newest on begins."""

JOBS_PAGE = 500
"""So many jobs are read at once, and then others have their turn."""

_decode = msgspec.json.Decoder().decode


class SqliteStore:
    """A `Store` in the file stepwell.db of a directory, which is made where there is none."""

    _reader: sqlite3.Connection
    _writer: Writer
    _thread: WriterThread
    _lock: DirectoryLock

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / DATABASE_FILE
        self.searches = SqliteSearches(self._path, _execution)

    async def open(self) -> None:
        """Lock the directory, bring the schema up to date, check the settings. Raise `StoreError` if it can't be."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = DirectoryLock(self._directory)
        except OSError as error:
            raise StoreError(
                f"{self._directory} can't be used ({error}). Use a directory that can be written."
            ) from error
        self._thread = WriterThread()
        try:
            self._reader = await self._thread.run(self._open_connections)
        except BaseException as error:
            self._thread.end()
            self._lock.release()
            if isinstance(error, sqlite3.Error | OSError):
                raise StoreError(f"{self._path} can't be opened: {error}.") from error
            raise

    def _open_connections(self) -> sqlite3.Connection:
        """Open the writer in its thread, and return the reader, which the thread of the event loop will use."""
        # Made here for its mode: SQLite gives its other files the mode of the database.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = open_writer(self._path)
        try:
            migrate(connection, self._path, migrations())
            connection.execute(text("insert_secret"), (secrets.token_bytes(32),))
            reader = open_reader(self._path)
        except BaseException:
            connection.close()
            raise
        self._writer = Writer(connection, self._path)
        return reader

    async def close(self) -> None:
        """Close the files and let go of the directory. What was committed stays."""
        await self.searches.close()
        self._reader.close()
        await self._thread.run(self._writer.close)
        self._thread.end()
        self._lock.release()

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Write all in one durable transaction, in order; for each whether it was taken."""
        return await self._thread.run(self._writer.commit, writes) if writes else []

    def _all(self, name: str, *parameters: Any) -> list[Any]:
        return self._read(text(name), *parameters)

    def _read(self, statement: str, *parameters: Any) -> list[Any]:
        try:
            return self._reader.execute(statement, parameters).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} can't be read: {error}.") from error

    def _one(self, name: str, *parameters: Any) -> Any:
        rows = self._all(name, *parameters)
        return rows[0] if rows else None

    def _number(self, name: str, *parameters: Any) -> int:
        number: int = self._one(name, *parameters)[0]
        return number

    async def secret(self) -> bytes:
        """Return the 32 random bytes of this installation."""
        secret: bytes = self._one("secret")[0]
        return secret

    async def state_machine(self, arn: str) -> StateMachineRecord | None:
        """Return a state machine."""
        row = self._one("state_machine", arn)
        return row and _state_machine(row)

    async def state_machines(
        self, account: str, region: str, limit: int, before: int | None
    ) -> list[StateMachineRecord]:
        """List state machines, newest first."""
        return [_state_machine(row) for row in self._all("state_machines", account, region, _below(before), limit)]

    async def state_machine_count(self, account: str, region: str) -> int:
        """Return how many state machines an account has in a region."""
        return self._number("state_machine_count", account, region)

    async def revision(self, key: int) -> RevisionRecord | None:
        """Return a revision."""
        row = self._one("revision", key)
        return row and _revision(row)

    async def version(self, arn: str) -> VersionRecord | None:
        """Return a version of a state machine."""
        row = self._one("version", arn)
        return row and VersionRecord(*row)

    async def versions(self, state_machine_arn: str, limit: int, before: int | None) -> list[VersionRecord]:
        """List versions of a state machine, the last published first."""
        return [VersionRecord(*row) for row in self._all("versions", state_machine_arn, _below(before), limit)]

    async def alias(self, arn: str) -> AliasRecord | None:
        """Return an alias of a state machine."""
        row = self._one("alias", arn)
        return row and _alias(row)

    async def aliases(self, state_machine_arn: str, limit: int, after: int | None) -> list[AliasRecord]:
        """List aliases of a state machine, oldest first."""
        above = -1 if after is None else after
        return [_alias(row) for row in self._all("aliases", state_machine_arn, above, limit)]

    async def activity(self, arn: str) -> ActivityRecord | None:
        """Return an activity."""
        row = self._one("activity", arn)
        return row and _activity(row)

    async def activities(self, account: str, region: str, limit: int, after: int | None) -> list[ActivityRecord]:
        """List activities, oldest first."""
        above = -1 if after is None else after
        return [_activity(row) for row in self._all("activities", account, region, above, limit)]

    async def activity_count(self, account: str, region: str) -> int:
        """Return how many activities an account has in a region."""
        return self._number("activity_count", account, region)

    async def activity_arns(self) -> list[str]:
        """Return the ARNs of all activities."""
        return [arn for (arn,) in self._all("activity_arns")]

    async def resource(self, kind: str, account: str, region: str, name: str) -> ResourceRecord | None:
        """Return a resource of another service."""
        row = self._one("resource", kind, account, region, name)
        return row and ResourceRecord(*row)

    async def resources(
        self, kind: str, account: str, region: str, limit: int, after: int | None, prefix: str = ""
    ) -> list[ResourceRecord]:
        """List resources of a kind, oldest first."""
        above = -1 if after is None else after
        return [ResourceRecord(*row) for row in self._all("resources", kind, account, region, prefix, above, limit)]

    async def all_resources(self, kind: str) -> list[ResourceRecord]:
        """Return the resources of a kind of all accounts and regions, oldest first."""
        return [ResourceRecord(*row) for row in self._all("all_resources", kind)]

    async def deliveries(self, limit: int) -> list[DeliveryRecord]:
        """Return deliveries, at most `limit`, those that are due first."""
        return [DeliveryRecord(*row) for row in self._all("deliveries", limit)]

    async def execution(self, arn: str) -> ExecutionRecord | None:
        """Return an execution by its ARN."""
        row = self._one("execution", *split_arn(arn))
        return row and _execution(row)

    async def execution_by_key(self, key: int) -> ExecutionRecord | None:
        """Return an execution by its key."""
        row = self._one("execution_by_key", key)
        return row and _execution(row)

    async def executions(
        self, state_machine_arn: str, status: str | None, limit: int, before: int | None, redriven: bool | None = None
    ) -> list[ExecutionRecord]:
        """List executions of a state machine, a version or an alias, newest first, without what is large."""
        statement, parameters = listing(state_machine_arn, status, _below(before), limit, redriven)
        return [_execution(row) for row in self._read(statement, *parameters)]

    async def open_count(self) -> int:
        """Return how many executions run."""
        return self._number("open_count")

    async def chunks(self, key: int, first_event: int, last_event: int) -> list[tuple[int, int, bytes]]:
        """Return the chunks that hold events of this range, in order."""
        first, last = (min(max(event, 0), EVENT_LIMIT) for event in (first_event, last_event))
        return self._all("chunks", chunk_id(key, 0), chunk_id(key, first), chunk_id(key, last), first)

    async def lanes(self, key: int) -> list[LaneRecord]:
        """Return the lanes of an execution, in the order of their numbers."""
        return [LaneRecord(*row) for row in self._all("lanes", key)]

    async def due(self, until: int, limit: int) -> list[tuple[int, int, int, int]]:
        """Return (due, execution, lane, ticket) of what falls due until a moment, earliest first."""
        return self._all("due", until, limit)

    async def claimable(self, node: str, after: tuple[int, int], limit: int) -> list[tuple[int, int]]:
        """Return (execution, lane) of lanes that wait for a task or a turn and that this node doesn't care for."""
        return self._all("claimable", node, *after, limit)

    async def activity_tasks(self, activity_arn: str, limit: int) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of tasks that wait for a worker, the longest waiting first."""
        return self._all("activity_tasks", activity_arn, limit)

    async def jobs(self, job: str) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of lanes that wait for a job of this name."""
        return self._all("jobs", job)

    async def waiting_jobs(self) -> AsyncIterator[tuple[int, int, int, str]]:
        """Yield (execution, lane, ticket, job) of all the lanes that wait for a job."""
        last: tuple[str, int, int] = ("", 0, 0)
        while rows := self._all("waiting_jobs", *last, JOBS_PAGE):
            for row in rows:
                yield row
            execution, lane, _, job = rows[-1]
            last = (job, execution, lane)
            await asyncio.sleep(0)

    async def parked(self, limit: int) -> list[ExecutionRecord]:
        """Return executions that are parked, the oldest first."""
        return [_execution(row) for row in self._all("parked", limit)]

    async def newest_key(self) -> int:
        """Return the highest key of all rows, 0 if there are none."""
        key: int = self._one("newest_key")[0]
        return key


def _below(before: int | None) -> int:
    return NO_KEY_BEFORE if before is None else before


def _execution(row: tuple[Any, ...]) -> ExecutionRecord:
    *given, times, redriven, tokens = row
    redrive = None if times is None else RedriveRecord(times, redriven, tuple(map(tuple, _decode(tokens))))
    return ExecutionRecord(*[*given, redrive])


def _state_machine(row: tuple[Any, ...]) -> StateMachineRecord:
    return StateMachineRecord(*[*row[:9], _decode(row[9]), *row[10:]])


def _revision(row: tuple[Any, ...]) -> RevisionRecord:
    return RevisionRecord(*[*row[:5], *map(_decode, row[5:8]), row[8]])


def _alias(row: tuple[Any, ...]) -> AliasRecord:
    return AliasRecord(*[*row[:5], tuple(map(tuple, _decode(row[5]))), *row[6:]])


def _activity(row: tuple[Any, ...]) -> ActivityRecord:
    return ActivityRecord(*row[:6], *map(_decode, row[6:]))
