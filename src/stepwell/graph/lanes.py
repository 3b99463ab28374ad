"""Lanes, made straight: as few bends as the boxes beside them allow.

A lane that no box stands outside of may move out as far as it needs, and so is one straight line past all the rows. The
inner ones are set first; those further out stand clear of them.
"""

from math import inf

from stepwell.graph.rows import Lane, Place, Rows

GAP = 32.0
LANE_GAP = 10.0


def distance(left: Place | None, right: Place) -> float:
    """Return how far the centres of two neighbours have to be apart."""
    if left is None:
        return 0.0
    gap = GAP if left.node is not None and right.node is not None else LANE_GAP
    return left.width / 2 + gap + right.width / 2


def straighten(rows: Rows) -> None:
    """Move the places of the lanes, within the order of their rows, to where they are straight."""
    at = {place: index for row in rows.rows for index, place in enumerate(row)}
    lanes = [(lane, _side(lane, rows, at)) for lane in rows.lanes if lane.places]
    for side in (0, -1, 1):
        for lane in sorted((lane for lane, its in lanes if its == side), key=_mean, reverse=side < 0):
            _set(lane, rows, at, side)


def _mean(lane: Lane) -> float:
    return sum(place.x for place in lane.places.values()) / len(lane.places)


def _side(lane: Lane, rows: Rows, at: dict[Place, int]) -> int:
    """Return 1 where nothing but lanes is right of a lane, in every row; -1 for the left; else 0."""
    left = right = True
    for rank, place in lane.places.items():
        row, index = rows.rows[rank], at[place]
        left = left and all(other.node is None for other in row[:index])
        right = right and all(other.node is None for other in row[index + 1 :])
    return 1 if right else -1 if left else 0


def _set(lane: Lane, rows: Rows, at: dict[Place, int], side: int) -> None:
    """Give a lane the places where it is straight, row by row as long as one column fits all."""
    run: list[Place] = []
    low, high = -inf, inf
    for rank in sorted(lane.places):
        place = lane.places[rank]
        least, most = _room(place, rows.rows[rank], at[place], side)
        if run and max(low, least) > min(high, most):
            _move(run, low, high, side)
            run, low, high = [], -inf, inf
        run.append(place)
        low, high = max(low, least), min(high, most)
    _move(run, low, high, side)


def _room(place: Place, row: list[Place], index: int, side: int) -> tuple[float, float]:
    """Return between which columns a place may stand; lanes further out make way."""
    least, most = -inf, inf
    if index and side >= 0:
        least = row[index - 1].x + distance(row[index - 1], place)
    if index + 1 < len(row) and side <= 0:
        most = row[index + 1].x - distance(place, row[index + 1])
    return least, most


def _move(run: list[Place], low: float, high: float, side: int) -> None:
    if side > 0 and low > -inf:
        x = low
    elif side < 0 and high < inf:
        x = high
    else:
        x = min(max(sorted(place.x for place in run)[len(run) // 2], low), high)
    for place in run:
        place.x = x
