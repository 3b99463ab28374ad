"""Two executions side by side: visits aligned by where they are and in which order they came."""

from typing import Any

from stepwell.api.server import Server
from stepwell.console.finding import find
from stepwell.console.request import Asked
from stepwell.console.stories import Stories
from stepwell.console.story import Story
from stepwell.console.visits import Visit

MOST_ROWS = 5_000

_Place = tuple[str, tuple[tuple[str, int], ...], int]
"""State, iterations, and which of the visits there."""


class Comparisons:
    """Answers the call that compares."""

    def __init__(self, server: Server, stories: Stories) -> None:
        self._server = server
        self._stories = stories

    async def compare(self, asked: Asked) -> dict[str, Any]:
        """Return the visits of two executions, aligned."""
        one, other = [
            _places(await self._stories.of(await find(self._server, asked.scope, asked.required(name))))
            for name in ("a", "b")
        ]
        order = sorted({*one, *other}, key=lambda place: min(_rank(one, place), _rank(other, place)))
        rows = [_row(place, one.get(place), other.get(place)) for place in order[:MOST_ROWS]]
        first = next((number for number, row in enumerate(rows) if not _is_same(row)), None)
        return {"rows": rows, "first": first, "more": len(order) > MOST_ROWS}


def _places(story: Story) -> dict[_Place, Visit]:
    """Return the visits of a story by what is the same in another run of the same machine."""
    found: dict[_Place, Visit] = {}
    times: dict[tuple[str, tuple[tuple[str, int], ...]], int] = {}
    for visit in story.visits.values():
        where = visit.state.path, tuple(visit.iteration())
        times[where] = times.get(where, -1) + 1
        found[(*where, times[where])] = visit
    return found


def _rank(places: dict[_Place, Visit], place: _Place) -> float:
    return places[place].number if place in places else float("inf")


def _row(place: _Place, one: Visit | None, other: Visit | None) -> dict[str, Any]:
    both = one is not None and other is not None
    return {
        "state": place[0],
        "iteration": place[1],
        "a": None if one is None else one.number,
        "b": None if other is None else other.number,
        "input": both and one.given == other.given,  # type: ignore[union-attr]
        "output": both and one.gave == other.gave,  # type: ignore[union-attr]
        "status": both and one.status == other.status,  # type: ignore[union-attr]
    }


def _is_same(row: dict[str, Any]) -> bool:
    return bool(row["input"] and row["output"] and row["status"])
