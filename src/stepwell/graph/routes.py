"""The ways of the edges: down from a port, along a track in the channel between two rows, and on to the next row.

All edges of a lane share its track in a channel, so they are one net there. A channel is as high as its tracks and the
labels in it need.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stepwell.graph.model import Edge, Point
from stepwell.graph.rows import Lane, Place, Rows

ABOVE_TRACKS = 14.0
BELOW_TRACKS = 16.0
TRACK_HEIGHT = 8.0
LABEL_HEIGHT = 15.0
PORT_GAP = 16.0
PORT_MARGIN = 8.0


@dataclass(slots=True, eq=False)
class _Net:
    """What a lane has to connect in one channel."""

    tops: list[float] = field(default_factory=list)
    bottoms: list[float] = field(default_factory=list)
    labels: list[Edge] = field(default_factory=list)
    """The edges that have theirs here."""
    track: int = 0
    y: float = 0.0

    def left(self) -> float:
        return min(*self.tops, *self.bottoms) if self.tops and self.bottoms else min(self.tops or self.bottoms)

    def right(self) -> float:
        return max(*self.tops, *self.bottoms) if self.tops and self.bottoms else max(self.tops or self.bottoms)


class Routes:
    """Finds the ways of all edges of a scope whose places have their columns."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows.rows
        self._lanes = rows.lanes
        self._ins: dict[Lane, float] = {}
        self._outs: dict[tuple[Place, Lane], float] = {}
        self._channels: list[dict[Lane, _Net]] = [{} for _ in range(len(self._rows))]
        self._tops: list[float] = []
        """Where each channel begins."""

    def find(self) -> tuple[float, float]:
        """Set the `y` of all nodes and the points of all edges; return how wide and how high it is in all."""
        self._find_ports()
        for lane in self._lanes:
            self._enter_nets(lane)
        height = self._stack()
        for lane in self._lanes:
            for edge, source in lane.edges:
                edge.points = _simplified(self._way(edge, source, lane))
        places = (place.x + place.width / 2 for row in self._rows for place in row)
        return max(places, default=0.0), height

    # Ports

    def _find_ports(self) -> None:
        ins: dict[Place, list[Lane]] = {}
        outs: dict[Place, dict[Lane, None]] = {}
        for lane in self._lanes:
            ins.setdefault(lane.target, []).append(lane)
            for _, source in lane.edges:
                outs.setdefault(source, {})[lane] = None
        for target, lanes in ins.items():
            wishes = [self._comes_from(lane) if lane.back or lane.caught else target.x for lane in lanes]
            self._ins.update(zip(lanes, _ports(target, wishes if len(lanes) > 1 else [target.x]), strict=True))
        for source, leaving in outs.items():
            ports = _ports(source, [self._goes_to(source, lane) for lane in leaving])
            self._outs.update(zip([(source, lane) for lane in leaving], ports, strict=True))

    def _comes_from(self, lane: Lane) -> float:
        if lane.back:
            return lane.places[lane.target.rank].x
        last = lane.places.get(lane.target.rank - 1)
        return sum(source.x for _, source in lane.edges) / len(lane.edges) if last is None else last.x

    def _goes_to(self, source: Place, lane: Lane) -> float:
        if lane.back:
            return lane.places[source.rank].x
        following = lane.places.get(source.rank + 1)
        return self._ins[lane] if following is None else following.x

    # Channels

    def _enter_nets(self, lane: Lane) -> None:
        for row, place in lane.places.items():
            self._net(row, lane).tops.append(place.x)
            self._net(row - 1, lane).bottoms.append(place.x)
        self._net(lane.target.rank - 1, lane).bottoms.append(self._ins[lane])
        for edge, source in lane.edges:
            net = self._net(source.rank, lane)
            port = self._outs[source, lane]
            if port not in net.tops:
                net.tops.append(port)
            if edge.label:
                net.labels.append(edge)

    def _net(self, channel: int, lane: Lane) -> _Net:
        return self._channels[channel].setdefault(lane, _Net())

    def _stack(self) -> float:
        """Put rows and channels below each other; return the whole height."""
        y = 0.0
        for number, row in enumerate(self._rows):
            for place in row:
                if place.node is not None:
                    place.node.y = y
            y += max((place.node.height for place in row if place.node is not None), default=0.0)
            self._tops.append(y)
            nets = list(self._channels[number].values())
            if nets:
                tracks = _assign_tracks(nets)
                labels = _most_labels(nets)
                for net in nets:
                    net.y = y + ABOVE_TRACKS + labels[0] * LABEL_HEIGHT + net.track * TRACK_HEIGHT
                y += ABOVE_TRACKS + sum(labels) * LABEL_HEIGHT + max(tracks - 1, 0) * TRACK_HEIGHT + BELOW_TRACKS
        return y

    # Ways

    def _way(self, edge: Edge, source: Place, lane: Lane) -> list[Point]:
        assert source.node is not None
        assert lane.target.node is not None
        at = self._outs[source, lane]
        points = [(at, source.node.y + source.node.height)]
        rows = range(source.rank, lane.target.rank - 1, -1) if lane.back else range(source.rank + 1, lane.target.rank)
        channel = source.rank
        for row in rows:
            x = lane.places[row].x
            y = self._channels[channel][lane].y
            points += [(at, y), (x, y)]
            at, channel = x, (row - 1 if lane.back else row)
        y = self._channels[channel][lane].y
        end = self._ins[lane]
        points += [(at, y), (end, y), (end, lane.target.node.y)]
        if edge.label:
            edge.label_at = self._label_at(edge, source, lane)
        return points

    def _label_at(self, edge: Edge, source: Place, lane: Lane) -> Point:
        """Return the middle of the label: before the arrow where that is of this state alone, else behind the port."""
        net = self._channels[source.rank][lane]
        if _before_arrow(net):
            place = lane.places.get(source.rank + 1)
            x = self._ins[lane] if place is None else place.x
            below = len(net.labels) - net.labels.index(edge)
            bottom = self._rows_top(source.rank + 1)
            return x, bottom - BELOW_TRACKS / 2 - (below - 0.5) * LABEL_HEIGHT
        above = [other.source for other in net.labels[: net.labels.index(edge)]].count(edge.source)
        return self._outs[source, lane], self._tops[source.rank] + 6 + (above + 0.5) * LABEL_HEIGHT

    def _rows_top(self, row: int) -> float:
        return next(place.node.y for place in self._rows[row] if place.node is not None)


def _before_arrow(net: _Net) -> bool:
    """Whether the labels of a net stand at its lower end: they are of one state, and it leads down."""
    return len({edge.source.id for edge in net.labels}) == 1 and len(net.tops) == 1 and len(net.bottoms) == 1


def _most_labels(nets: Sequence[_Net]) -> tuple[int, int]:
    """Return how many labels stand on each other at most, at the upper and at the lower end of a channel."""
    upper = lower = 0
    for net in nets:
        if not net.labels:
            continue
        if _before_arrow(net):
            lower = max(lower, len(net.labels))
        else:
            sources = [edge.source.id for edge in net.labels]
            upper = max(upper, *map(sources.count, sources))
    return upper, lower


def _ports(place: Place, wishes: Sequence[float]) -> list[float]:
    """Return where edges meet a box: as near as can be to where each would like, and apart from each other."""
    room = max(place.width - 2 * PORT_MARGIN, 0.0)
    left = place.x - room / 2
    order = sorted(range(len(wishes)), key=wishes.__getitem__)
    gap = min(PORT_GAP, room / max(len(order) - 1, 1))
    ports = [0.0] * len(wishes)
    at = left
    for index in order:  # from the left, each as far left as it wants and the ones before let it
        ports[index] = at = max(at, min(wishes[index], left + room))
        at += gap
    most = left + room
    for index in reversed(order):
        ports[index] = most = min(ports[index], most)
        most -= gap
    return [round(port) for port in ports]


def _assign_tracks(nets: Sequence[_Net]) -> int:
    """Give the nets of a channel their tracks; return how many there are.

    Of those that go right the rightmost gets the upper track, of those that go left the leftmost: so they don't cross.
    """
    crossing = [net for net in nets if net.right() - net.left() > 0]
    crossing.sort(key=_upper_first)
    tracks: list[tuple[float, float, int]] = []
    for net in crossing:
        left, right = net.left(), net.right()
        net.track = max((track + 1 for begin, end, track in tracks if begin <= right and left <= end), default=0)
        tracks.append((left, right, net.track))
    return max((track + 1 for *_, track in tracks), default=0)


def _upper_first(net: _Net) -> tuple[bool, float, float]:
    begin = sum(net.tops) / len(net.tops) if net.tops else net.left()
    end = sum(net.bottoms) / len(net.bottoms) if net.bottoms else net.right()
    return end < begin, (begin if end < begin else -begin), end


def _simplified(points: list[Point]) -> list[Point]:
    """Return the polyline without points that change nothing."""
    simple: list[Point] = []
    for point in points:
        if simple and simple[-1] == point:
            continue
        if len(simple) > 1 and (
            simple[-2][0] == simple[-1][0] == point[0] or simple[-2][1] == simple[-1][1] == point[1]
        ):
            simple[-1] = point
        else:
            simple.append(point)
    return simple
