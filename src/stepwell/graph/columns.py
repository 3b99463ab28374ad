"""Where in its row everything stands: near what it is connected to, in the order of the row, and nothing overlaps.

Each row is fitted to where its places would like to be, by pooling adjacent violators: what would overlap becomes a
block, which stands at the mean of the wishes in it. Down and up in turn, rows come to rest.
"""

from stepwell.graph.lanes import distance, straighten
from stepwell.graph.rows import Place, Rows

SWEEPS = 8


def spread(rows: Rows) -> None:
    """Set the `x` of all places, the leftmost edge at 0."""
    for row in rows.rows:
        at = 0.0
        for left, place in zip([None, *row], row, strict=False):
            at += distance(left, place)
            place.x = at
        middle = (row[0].x + row[-1].x) / 2 if row else 0.0
        for place in row:
            place.x -= middle
    for sweep in range(SWEEPS):
        last = sweep >= SWEEPS - 2
        if sweep % 2 == 0:
            for row in rows.rows[1:]:
                _fit(row, above=True, below=last)
        else:
            for row in rows.rows[-2::-1]:
                _fit(row, above=last, below=True)
    straighten(rows)
    edge = min((place.x - place.width / 2 for row in rows.rows for place in row), default=0.0)
    for row in rows.rows:
        for place in row:
            place.x = round(place.x - edge)


def _fit(row: list[Place], *, above: bool, below: bool) -> None:
    """Move the places of a row to where they are drawn to, as far as their order and their widths let them."""
    offset = 0.0
    offsets: list[float] = []
    blocks: list[tuple[float, float, int]] = []
    """Wish, weight, how many places."""
    for left, place in zip([None, *row], row, strict=False):
        offset += distance(left, place)
        offsets.append(offset)
        wish, weight = _wish(place, above=above, below=below)
        wish -= offset
        size = 1
        while blocks and blocks[-1][0] >= wish:
            other, heavy, many = blocks.pop()
            wish = (wish * weight + other * heavy) / (weight + heavy)
            weight += heavy
            size += many
        blocks.append((wish, weight, size))
    at = 0
    for wish, _, size in blocks:
        for index in range(at, at + size):
            row[index].x = wish + offsets[index]
        at += size


def _wish(place: Place, *, above: bool, below: bool) -> tuple[float, float]:
    """Return where a place would like to be, and how much: what it is most connected to decides alone."""
    links = [*(place.above if above else ()), *(place.below if below else ())]
    if not links:
        return place.x, 0.1
    strongest = max(weight for _, weight in links)
    wished = [other.x for other, weight in links if weight == strongest]
    return sum(wished) / len(wished), strongest * len(wished)
