"""Executions of all state machines, found and counted."""

from typing import Any

from stepwell.api.server import Server
from stepwell.console.finding import item
from stepwell.console.request import Asked, invalid
from stepwell.runtime.port import STATUSES, ExecutionRecord, ExecutionSearch

DEFAULT_PAGE, MOST_IN_PAGE = 50, 200
RECENT = 10
DAY, HOUR = 86_400_000, 3_600_000
MOST_COUNTED = 1_000
MOST_PARKED = 20
FAILURES = ("FAILED", "TIMED_OUT", "ABORTED")


class Lists:
    """Answers calls about many executions."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def executions(self, asked: Asked) -> dict[str, Any]:
        """Return a page of the executions that are looked for."""
        limit = asked.number("limit", DEFAULT_PAGE, MOST_IN_PAGE)
        found, following = await self._search(_search(asked), max(limit, 1), asked.optional_number("next"))
        return {
            "executions": [item(record) for record in found],
            "next": None if following is None else str(following),
            "searchedTo": following,
        }

    async def _search(
        self, search: ExecutionSearch, limit: int, before: int | None
    ) -> tuple[list[ExecutionRecord], int | None]:
        """Return what both engines have: as far as both have looked."""
        pages = [
            await engine.store.searches.executions(search, limit, before)
            for engine in (self._server.engine, self._server.express)
        ]
        floor = max((page.following for page in pages if page.following is not None), default=None)
        found = sorted((record for page in pages for record in page.executions), key=_newest_first)
        if floor is not None:
            found = [record for record in found if record.key >= floor]
        if len(found) > limit:
            return found[:limit], found[limit - 1].key
        return found, floor

    async def overview(self, asked: Asked) -> dict[str, Any]:
        """Return what there is, what goes on, and what went wrong lately."""
        scope, engine = asked.scope, self._server.engine
        store, now = engine.store, engine.now()
        since = now // HOUR * HOUR - DAY + HOUR
        everything = ExecutionSearch(scope.account, scope.region)
        failed = ExecutionSearch(scope.account, scope.region, statuses=FAILURES)
        buckets, complete = await self._buckets(scope.account, scope.region, since)
        return {
            "now": now,
            "running": await store.open_count() + await self._server.express.store.open_count(),
            "machines": await store.state_machine_count(scope.account, scope.region),
            "inbox": await store.searches.token_count(MOST_COUNTED),
            "parked": [item(record) for record in await store.parked(MOST_PARKED)],
            "recent": [item(record) for record in (await self._search(everything, RECENT, None))[0]],
            "failures": [item(record) for record in (await self._search(failed, RECENT, None))[0]],
            "since": since,
            "bucket": HOUR,
            "buckets": buckets,
            "complete": complete,
            "scopes": [
                {"account": account, "region": region, "machines": count}
                for account, region, count in await store.searches.scopes()
            ],
        }

    async def _buckets(self, account: str, region: str, since: int) -> tuple[list[dict[str, Any]], bool]:
        """Return how many executions started in each hour, by what has become of them."""
        buckets: dict[int, dict[str, Any]] = {
            at: {"at": at, "started": 0, **dict.fromkeys(STATUSES, 0)} for at in range(since, since + DAY, HOUR)
        }
        complete = True
        for engine in (self._server.engine, self._server.express):
            tallies, whole = await engine.store.searches.tally(account, region, since, HOUR)
            complete = complete and whole
            for tally in tallies:
                if tally.at in buckets:
                    buckets[tally.at]["started"] += tally.executions
                    buckets[tally.at][tally.status] += tally.executions
        return list(buckets.values()), complete


def _newest_first(record: ExecutionRecord) -> int:
    return -record.key


def _search(asked: Asked) -> ExecutionSearch:
    statuses = tuple(asked.texts("status"))
    if not set(statuses) <= set(STATUSES):
        raise invalid("status", f"must be of {', '.join(STATUSES)}")
    return ExecutionSearch(
        asked.scope.account,
        asked.scope.region,
        asked.text("machine") or None,
        tuple(dict.fromkeys(statuses)),
        asked.text("name") or None,
        asked.text("text") or None,
        asked.optional_number("from"),
        asked.optional_number("to"),
    )
