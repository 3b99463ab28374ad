"""The questions over all executions, in SQL, on a connection and in threads of their own: the event loop goes on.

What is asked is worked out for one row after the other, from the newest on, so that a search can stop at any of them.
Where statuses or a state machine are given, the rows come by the index of each, merged; else by their keys.
"""

import asyncio
import heapq
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from stepwell.storage.port import StoreError
from stepwell.storage.records import ExecutionRecord
from stepwell.storage.search import (
    KEY_AHEAD,
    MOST_EXAMINED,
    MOST_SECONDS,
    STATUSES,
    ExecutionSearch,
    Page,
    Tally,
    WaitingLane,
)
from stepwell.storage.sqlite.listings import column_of
from stepwell.storage.sqlite.queries import text
from stepwell.storage.sqlite.schema import open_reader

T = TypeVar("T")

Row = tuple[Any, ...]


class SqliteSearches:
    """Searches a database, on a connection that is made when it is first needed."""

    def __init__(self, path: Path, record_of: Callable[[Row], ExecutionRecord]) -> None:
        self._path = path
        self._record_of = record_of
        self._connection: sqlite3.Connection | None = None
        self._free = asyncio.Lock()

    async def close(self) -> None:
        """Close the connection, when nobody uses it."""
        async with self._free:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    async def executions(self, search: ExecutionSearch, limit: int, before: int | None) -> Page:
        """Return at most `limit` executions with keys below `before`."""
        return await self._ask(self._executions, search, limit, before)

    async def tally(self, account: str, region: str, since: int, stretch: int) -> tuple[list[Tally], bool]:
        """Count executions by stretches of time since a moment, and by status; say whether all were counted."""
        return await self._ask(self._tally, account, region, since, stretch)

    async def tokens(self, after: tuple[int, int], limit: int) -> list[WaitingLane]:
        """Return lanes that wait for somebody with their task token, from behind `after` on."""
        return [WaitingLane(*row) for row in await self._ask(_all, text("waiting_tokens"), (*after, limit))]

    async def token_count(self, most: int) -> int:
        """Count those lanes, as far as a bound."""
        ((count,),) = await self._ask(_all, text("token_count"), (most,))
        return int(count)

    async def scopes(self) -> list[tuple[str, str, int]]:
        """Return the (account, region, how many) of all state machines."""
        return [(account, region, count) for account, region, count in await self._ask(_all, text("scopes"), ())]

    async def _ask(self, question: Callable[..., T], *given: Any) -> T:
        async with self._free:
            if self._connection is None:
                self._connection = open_reader(self._path)
            try:
                return await asyncio.to_thread(question, self._connection, *given)
            except sqlite3.Error as error:
                raise StoreError(f"{self._path} can't be read: {error}.") from error

    def _executions(
        self, connection: sqlite3.Connection, search: ExecutionSearch, limit: int, before: int | None
    ) -> Page:
        parameters = _parameters(search, before)
        found: list[ExecutionRecord] = []
        deadline = time.monotonic() + MOST_SECONDS
        for examined, row in enumerate(_rows(connection, search, parameters), 1):
            if row[-1]:
                found.append(self._record_of(row[:-1]))
            if len(found) == limit or examined == MOST_EXAMINED or time.monotonic() > deadline:
                return Page(found, row[0])
        return Page(found, None)

    def _tally(
        self, connection: sqlite3.Connection, account: str, region: str, since: int, stretch: int
    ) -> tuple[list[Tally], bool]:
        given = (_like_of(account, region), since, since - KEY_AHEAD, stretch, MOST_EXAMINED)
        rows = _all(connection, text("tally"), given)
        ((examined,),) = _all(connection, text("examined"), (since - KEY_AHEAD, MOST_EXAMINED + 1))
        return [Tally(*row) for row in rows], examined <= MOST_EXAMINED


def _all(connection: sqlite3.Connection, statement: str, parameters: tuple[Any, ...]) -> list[Row]:
    return connection.execute(statement, parameters).fetchall()


def _rows(connection: sqlite3.Connection, search: ExecutionSearch, parameters: Row) -> Iterator[Row]:
    """Yield rows, newest first, each with whether it is what is looked for."""
    if search.arn is None and not search.statuses:
        yield from connection.execute(text("searched"), parameters)
        return
    if search.arn is None:
        column = "machine"
        ids = [row[0] for row in connection.execute(text("machines_of"), parameters[:1])]
    else:
        column = column_of(search.arn)
        ids = [row[0] for row in connection.execute(text("arn_id"), (search.arn,))]
    statement = text("searched_by").replace("$column", column)
    yield from heapq.merge(
        *(
            connection.execute(statement, (*parameters, each, status))
            for each in ids
            for status in search.statuses or STATUSES
        ),
        key=_newest_first,
    )


def _newest_first(row: Row) -> int:
    return -int(row[0])


def _parameters(search: ExecutionSearch, before: int | None) -> Row:
    highest = (1 << 63) - 1 if search.until is None else search.until + KEY_AHEAD
    return (
        _like_of(search.account, search.region),
        highest if before is None else min(before, highest),
        0 if search.since is None else search.since - KEY_AHEAD,
        search.since,
        search.until,
        None if search.name is None else _part(search.name),
        None if search.text is None else _part(search.text),
    )


def _like_of(account: str, region: str) -> str:
    return f"arn:%:states:{region}:{account}:%"


def _part(given: str) -> str:
    """Return what LIKE takes for a text with this part."""
    escaped = given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
