"""The lanes of all executions, with the small indexes by which they are found while they wait."""

import heapq
from collections.abc import Iterator

from msgspec.structs import replace

from stepwell.storage.records import LaneRecord

CLAIMABLE = ("claimable", "")
"""Where lanes are found that wait for a task or a turn."""

TOKENS = ("token", "")
"""Where lanes are found that wait for somebody with their task token."""

STALE_ENTRIES = 1_000
"""So many entries of the heap may be stale, or as many as there are lanes, before they are swept out."""


class Lanes:
    """Lanes by execution and number."""

    def __init__(self) -> None:
        self._lanes: dict[int, dict[int, LaneRecord]] = {}
        self._waiting: dict[tuple[str, str], set[tuple[int, int]]] = {}
        self._due: list[tuple[int, int, int, int]] = []
        self._timed = 0

    def of(self, execution: int) -> list[LaneRecord]:
        """Return the lanes of an execution, in the order of their numbers."""
        lanes = self._lanes.get(execution, {})
        return [lanes[number] for number in sorted(lanes)]

    def put(self, execution: int, lane: LaneRecord) -> None:
        """Insert a lane, or put it in the place of the one with its number, whose frame stays where none is given."""
        lanes = self._lanes.setdefault(execution, {})
        old = lanes.get(lane.lane)
        if old is not None:
            if lane.frame is None:
                lane = replace(lane, frame=old.frame)
            self._forget(execution, old)
        lanes[lane.lane] = lane
        place = _place(lane)
        if place is not None:
            self._waiting.setdefault(place, set()).add((execution, lane.lane))
        if lane.due is not None:
            self._timed += 1
            if old is None or (old.due, old.ticket) != (lane.due, lane.ticket):
                self._push((lane.due, execution, lane.lane, lane.ticket))

    def remove(self, execution: int, number: int) -> None:
        """Remove a lane, if it is there."""
        lanes = self._lanes.get(execution, {})
        lane = lanes.pop(number, None)
        if lane is not None:
            self._forget(execution, lane)
            if not lanes:
                del self._lanes[execution]

    def remove_all(self, execution: int) -> None:
        """Remove all the lanes of an execution."""
        for lane in self._lanes.pop(execution, {}).values():
            self._forget(execution, lane)

    def due(self, until: int, limit: int) -> list[tuple[int, int, int, int]]:
        """Return (due, execution, lane, ticket) of what falls due until a moment, earliest first."""
        heap = self._due
        found: list[tuple[int, int, int, int]] = []
        while heap and heap[0][0] <= until and len(found) < limit:
            entry = heapq.heappop(heap)
            if self._is_current(entry) and (not found or found[-1] != entry):
                found.append(entry)
        for entry in found:
            heapq.heappush(heap, entry)
        return found

    def waiting(self, kind: str, resource: str) -> Iterator[tuple[int, LaneRecord]]:
        """Yield (execution, lane) of the lanes that wait in this way for this resource, in no order."""
        for execution, number in self._waiting.get((kind, resource), ()):
            yield execution, self._lanes[execution][number]

    def resources(self, kind: str) -> list[str]:
        """Return the resources for which lanes wait in this way."""
        return [resource for waits, resource in self._waiting if waits == kind]

    def _forget(self, execution: int, lane: LaneRecord) -> None:
        """Take a lane out of the indexes. Its entry of the heap stays, and is known as stale when it is met."""
        self._timed -= lane.due is not None
        place = _place(lane)
        if place is not None:
            waiting = self._waiting[place]
            waiting.discard((execution, lane.lane))
            if not waiting:
                del self._waiting[place]

    def _push(self, entry: tuple[int, int, int, int]) -> None:
        heapq.heappush(self._due, entry)
        if len(self._due) > 2 * self._timed + STALE_ENTRIES:
            self._due = list({entry for entry in self._due if self._is_current(entry)})
            heapq.heapify(self._due)

    def _is_current(self, entry: tuple[int, int, int, int]) -> bool:
        due, execution, number, ticket = entry
        lane = self._lanes.get(execution, {}).get(number)
        return lane is not None and lane.due == due and lane.ticket == ticket


def _place(lane: LaneRecord) -> tuple[str, str] | None:
    """Return where a lane is found while it waits, or None where nobody looks for it."""
    waits = lane.waits
    if waits in ("task", "turn"):
        return CLAIMABLE
    if waits == "token":
        return TOKENS
    if waits in ("activity", "job"):
        return waits, lane.resource or ""
    return None
