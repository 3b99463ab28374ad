"""The writer: the one connection that writes, in the one thread that has it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from stepwell.storage.port import Single, StoreError, Write
from stepwell.storage.records import Turn
from stepwell.storage.sqlite.queries import text
from stepwell.storage.sqlite.rows import single_statements, turn_statements

KNOWN_ARNS = 10_000
"""So many ids of ARNs are kept in mind; beyond it, all are looked up anew."""


class Refused(Exception):
    """A write can't be taken as things are."""


class Writer:
    """Writes batches. All of it runs in the thread that opened the connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._arn_ids: dict[str, int] = {}

    def close(self) -> None:
        """Close the connection; being the last one, it moves the write-ahead log into the database."""
        self._connection.close()

    def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Write all in one transaction, in order; for each whether it was taken."""
        try:
            try:
                return self._commit_together(writes)
            except Refused:
                self._undo("ROLLBACK")
                return self._commit_one_by_one(writes)
        except BaseException as error:
            with suppress(sqlite3.Error):  # SQLite may have rolled back already
                self._undo("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise StoreError(
                    f"{self._path} can't be written ({error}); nothing of the batch was stored. "
                    f"Look for space on the disk, and for the rights to the directory."
                ) from error
            raise

    def _commit_together(self, writes: Sequence[Write]) -> list[bool]:
        """Write all at once; raise `Refused` where one of them can't be taken."""
        self._connection.execute("BEGIN IMMEDIATE")
        for together in _rounds(writes):
            self._write(together)
        self._connection.execute("COMMIT")
        return [True] * len(writes)

    def _commit_one_by_one(self, writes: Sequence[Write]) -> list[bool]:
        """Write each behind a savepoint, so that a refusal undoes it and nothing else."""
        self._connection.execute("BEGIN IMMEDIATE")
        taken = []
        for write in writes:
            self._connection.execute("SAVEPOINT before_write")
            try:
                self._write([write] if isinstance(write, Turn) else write)
                taken.append(True)
            except Refused:
                self._undo("ROLLBACK TO before_write")
                taken.append(False)
            self._connection.execute("RELEASE before_write")
        self._connection.execute("COMMIT")
        return taken

    def _undo(self, statement: str) -> None:
        self._arn_ids.clear()  # some of them may be undone
        self._connection.execute(statement)

    def _write(self, together: list[Turn] | Single) -> None:
        """Write what doesn't depend on one another; raise `Refused`, with a part written, where it can't be taken."""
        execute = self._connection.execute
        if isinstance(together, list):
            statements = turn_statements(together, self._arn_id)
        else:
            statements = single_statements(together)
        for query, parameters, counted in statements:
            if parameters:
                for sql, rows, values in query.runs(parameters):
                    changed = execute(sql, values).rowcount
                    if counted and changed != rows:
                        raise Refused

    def _arn_id(self, arn: str) -> int:
        """Return the id of a text that many executions share."""
        found = self._arn_ids.get(arn)
        if found is None:
            if len(self._arn_ids) >= KNOWN_ARNS:
                self._arn_ids.clear()
            self._connection.execute(text("insert_arn"), (arn,))
            (found,) = self._connection.execute(text("arn_id"), (arn,)).fetchone()
            self._arn_ids[arn] = found
        return found


def _rounds(writes: Sequence[Write]) -> Iterator[list[Turn] | Single]:
    """Yield the writes in order; turns of different executions, which don't depend on one another, as one list."""
    together: list[Turn] = []
    keys: set[int] = set()
    for write in writes:
        if not isinstance(write, Turn):
            if together:
                yield together
                together, keys = [], set()
            yield write
            continue
        key = write.execution.key
        if key in keys:
            yield together
            together, keys = [], set()
        together.append(write)
        keys.add(key)
    if together:
        yield together
