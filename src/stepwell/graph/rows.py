"""The rows of a scope: its nodes, and between them the places where long edges pass.

A long edge needs a place in each row that it passes, and all edges of a kind that lead to one target share them: one
lane. A lane of edges that lead down has places in the rows between; one of edges that lead back goes beside the boxes
of all the rows from its lowest source up to its target.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass, field

from stepwell.graph.model import CATCH, END, Edge, Node, Scope
from stepwell.graph.ranks import rank

SWEEPS = 6
LANE_WIDTH = 10.0

# How much two places that are connected want to stand below each other.
_STRAIGHT = 8.0
_MAIN = 4.0
_ASIDE = 1.0
_WEAK = 0.25


@dataclass(slots=True, eq=False)
class Place:
    """What stands in a row: a node, or (without one) a lane that passes. `x` is its centre."""

    rank: int
    width: float
    node: Node | None = None
    x: float = 0.0
    above: list[tuple["Place", float]] = field(default_factory=list)
    below: list[tuple["Place", float]] = field(default_factory=list)
    order: float = 0.0


@dataclass(slots=True, eq=False)
class Lane:
    """The way of all edges of a kind to one target. `places` are those of the rows that it passes, by rank."""

    target: Place
    caught: bool
    back: bool
    edges: list[tuple[Edge, Place]] = field(default_factory=list)
    """With the places of their sources."""
    places: dict[int, Place] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Rows:
    """The rows from the top down, each from left to right, and the lanes."""

    rows: list[list[Place]]
    lanes: list[Lane]


def arrange(scope: Scope) -> Rows:
    """Return the rows of a scope, ordered so that few edges cross."""
    ranks, found = rank(scope)
    places = {node.id: Place(ranks[index], node.width, node) for index, node in enumerate(scope.nodes)}
    rows: list[list[Place]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for index in found:
        rows[ranks[index]].append(places[scope.nodes[index].id])
    lanes = _lanes(scope, places)
    for lane in lanes:
        _lay(lane, rows)
    _order(rows)
    return Rows(rows, lanes)


def _lanes(scope: Scope, places: dict[str, Place]) -> list[Lane]:
    lanes: dict[tuple[str, bool, bool], Lane] = {}
    for edge in scope.edges:
        caught = edge.kind == CATCH
        key = (edge.target.id, caught, edge.back)
        lane = lanes.get(key)
        if lane is None:
            lane = lanes[key] = Lane(places[edge.target.id], caught, edge.back)
        lane.edges.append((edge, places[edge.source.id]))
    return list(lanes.values())


def _lay(lane: Lane, rows: list[list[Place]]) -> None:
    """Give a lane its places, and let what it connects know of each other."""
    sources = [source.rank for _, source in lane.edges]
    lowest, last = (lane.target.rank, max(sources)) if lane.back else (min(sources) + 1, lane.target.rank - 1)
    for row in range(lowest, last + 1):
        place = lane.places[row] = Place(row, LANE_WIDTH)
        rows[row].append(place)
        if row - 1 in lane.places:
            _connect(lane.places[row - 1], place, _STRAIGHT)
    weak = lane.caught or lane.target.node is None or lane.target.node.kind == END
    for _, source in lane.edges:
        if lane.back:
            if source.rank - 1 in lane.places:
                _connect(lane.places[source.rank - 1], source, _WEAK)
            continue
        following = lane.places.get(source.rank + 1)
        if following is None:
            _connect(source, lane.target, _WEAK if weak else _MAIN)
        else:
            _connect(source, following, _WEAK if weak else _ASIDE)
    if not lane.back and lane.target.rank - 1 in lane.places:
        _connect(lane.places[lane.target.rank - 1], lane.target, _WEAK if weak else _ASIDE)


def _connect(above: Place, below: Place, weight: float) -> None:
    above.below.append((below, weight))
    below.above.append((above, weight))


def _order(rows: list[list[Place]]) -> None:
    """Order the rows by the barycenters of what they are connected to, down and up in turn; keep the best order."""
    for row in rows:
        _number(row)
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            keys = {}
            for index, place in enumerate(row):
                links = place.above if down else place.below
                total = sum(weight for _, weight in links)
                keys[place] = (
                    sum(other.order * weight for other, weight in links) / total if total else index / len(row)
                )
            row.sort(key=keys.__getitem__)
            _number(row)
        crossings = _crossings(rows)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _number(row: list[Place]) -> None:
    size = len(row)
    for index, place in enumerate(row):
        place.order = (index + 0.5) / size


def _crossings(rows: list[list[Place]]) -> int:
    """Return how often links between neighbouring rows cross."""
    crossings = 0
    for row in rows:
        ends: list[float] = []
        for place in row:
            if place.below:
                reached = sorted(other.order for other, _ in place.below)
                crossings += sum(len(ends) - bisect_right(ends, end) for end in reached)
                for end in reached:
                    insort(ends, end)
    return crossings
