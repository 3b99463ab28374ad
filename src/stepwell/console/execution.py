"""One execution: what it is doing, its visits, its iterations."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.server import Server
from stepwell.console.finding import Found, find, item
from stepwell.console.request import Asked, invalid
from stepwell.console.stories import Stories
from stepwell.console.story import Story
from stepwell.console.visits import ALARM, FAILED, Line, Visit
from stepwell.console.waits import lanes_of, waits_of

DEFAULT_VISITS, MOST_VISITS = 5_000, 25_000
DEFAULT_ITERATIONS, MOST_ITERATIONS = 100, 1_000

COLUMNS = ("visit", "state", "within", "index", "entered", "exited", "exit", "status", "attempts", "segments")


class Executions:
    """Answers calls about one execution."""

    def __init__(self, server: Server, stories: Stories) -> None:
        self._server = server
        self._stories = stories

    async def summary(self, asked: Asked) -> dict[str, Any]:
        """Return what a page needs at once."""
        found = await find(self._server, asked.scope, asked.required("arn"))
        story = await self._stories.of(found)
        lanes = await lanes_of(found.store, found.record.key) if found.record.status == "RUNNING" else []
        waits, more = waits_of(story, lanes)
        revision = await self._server.registry.revision(found.record.revision)
        return {
            "execution": await self._described(found, story, revision.created, revision.role_arn),
            "definition": revision.definition,
            "states": states_of(story.visits.values()),
            "waits": waits,
            "moreWaits": more,
        }

    async def _described(self, found: Found, story: Story, revised: int, role_arn: str) -> dict[str, Any]:
        record = found.record
        reason: str | None = "Express executions can't be redriven"
        if found.store is self._server.engine.store:
            reason = await self._server.engine.why_not_redrivable(record)
        return item(record) | {
            "input": record.input,
            "output": record.output,
            "revisionDate": revised,
            "lastEvent": story.last,
            "redrivable": reason is None,
            "redriveReason": reason,
            "roleArn": role_arn,
            "traceHeader": record.trace_header,
            "parkedReason": record.parked,
        }

    async def visits(self, asked: Asked) -> dict[str, Any]:
        """Return visits in the order of entering, as rows."""
        story = await self.story(asked)
        limit = asked.number("limit", DEFAULT_VISITS, MOST_VISITS)
        chosen = list(islice(_filtered(story, asked), limit + 1))
        following = chosen[limit - 1].number if len(chosen) > limit > 0 else None
        return {"columns": COLUMNS, **rows_of(chosen[:limit]), "next": following, "lastEvent": story.last}

    async def iterations(self, asked: Asked) -> dict[str, Any]:
        """Return the iterations of a Map, or the branches of a Parallel."""
        visit = visit_of(await self.story(asked), asked)
        after = int(asked.text("after") or -1) if (asked.text("after") or "-1").lstrip("-").isdigit() else None
        if after is None:
            raise invalid("after", "is no number")
        limit = asked.number("limit", DEFAULT_ITERATIONS, MOST_ITERATIONS)
        statuses = set(asked.texts("status"))
        chosen = [
            line
            for index, line in sorted(visit.lines.items())
            if index > after and (not statuses or line.status in statuses)
        ]
        return {
            "iterations": [_iteration(line) for line in chosen[:limit]],
            "next": chosen[limit - 1].index if len(chosen) > limit > 0 else None,
            "length": visit.length,
        }

    async def story(self, asked: Asked) -> Story:
        """Return the story of the execution that a call is about."""
        return await self._stories.of(await find(self._server, asked.scope, asked.required("arn")))


def states_of(visits: Iterable[Visit]) -> dict[str, Any]:
    """Return for each state what its visits came to, and the one that it is shown by."""
    counts: dict[str, Counter[str]] = {}
    shown: dict[str, Visit] = {}
    for visit in visits:
        path = visit.state.path
        counts.setdefault(path, Counter())[visit.status] += 1
        if path not in shown or _alarm(visit) <= _alarm(shown[path]):
            shown[path] = visit
    return {
        path: {"visits": counted.total(), "status": shown[path].status, "last": shown[path].number, "counts": counted}
        for path, counted in counts.items()
    }


def _alarm(visit: Visit) -> int:
    """Return the place of an open visit among those; what has ended comes behind, the last one first."""
    return ALARM.index(visit.status) if visit.open and visit.status in ALARM else len(ALARM)


def rows_of(visits: Iterable[Visit]) -> dict[str, Any]:
    """Return visits as rows, and the states that the rows name by their numbers."""
    paths: dict[str, int] = {}
    rows = [_row(visit, paths) for visit in visits]
    return {"states": list(paths), "rows": rows}


def _row(visit: Visit, paths: dict[str, int]) -> list[Any]:
    within = visit.line.within
    return [
        visit.number,
        paths.setdefault(visit.state.path, len(paths)),
        0 if within is None else within.number,
        visit.line.index,
        visit.entered,
        visit.exited,
        visit.exit,
        visit.status,
        visit.attempts,
        visit.segments,
    ]


def visit_of(story: Story, asked: Asked) -> Visit:
    """Return the visit that a call is about; raise `ApiError` where there is none."""
    visit = story.visits.get(asked.optional_number("visit") or 0)
    if visit is None:
        raise ApiError("VisitDoesNotExist", "There is no such visit: give the id of a …StateEntered event")
    return visit


def _filtered(story: Story, asked: Asked) -> Iterable[Visit]:
    after, state = asked.optional_number("after") or 0, asked.text("state")
    within, index = asked.optional_number("within"), asked.optional_number("index")
    statuses = set(asked.texts("status"))
    for visit in list(story.visits.values()):
        line = visit.line
        if (
            visit.number > after
            and (state is None or visit.state.path == state)
            and (within is None or (0 if line.within is None else line.within.number) == within)
            and (index is None or line.index == index)
            and (not statuses or visit.status in statuses)
        ):
            yield visit


def _iteration(line: Line) -> dict[str, Any]:
    now = line.now
    return {
        "index": line.index,
        "status": line.status,
        "started": line.started,
        "ended": line.ended,
        "visits": line.visits,
        "last": None if now is None else now.number,
        "state": None if now is None else now.state.path,
        "error": (line.error or (None if now is None else now.error)) if line.status == FAILED else None,
    }
