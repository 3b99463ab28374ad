"""The chunks of histories, in memory."""

from bisect import bisect_left

Chunk = tuple[int, int, bytes]
"""First event, last event, bytes."""


class Histories:
    """Chunks by the key of their execution, in the order of their events."""

    def __init__(self) -> None:
        self._chunks: dict[int, list[Chunk]] = {}

    def append(self, key: int, chunk: Chunk) -> bool:
        """Add a chunk to a history; return False where one begins with the same event."""
        chunks = self._chunks.get(key)
        if chunks is None:
            self._chunks[key] = [chunk]
        elif chunks[-1][0] >= chunk[0]:
            place = bisect_left(chunks, chunk[0], key=_first_event)
            if chunks[place][0] == chunk[0]:
                return False
            chunks.insert(place, chunk)
        else:
            chunks.append(chunk)
        return True

    def between(self, key: int, first_event: int, last_event: int) -> list[Chunk]:
        """Return the chunks that hold events of this range."""
        return [chunk for chunk in self._chunks.get(key, ()) if chunk[0] <= last_event and chunk[1] >= first_event]

    def size(self, key: int) -> int:
        """Return how many bytes a history takes."""
        size = 0
        for _, _, chunk in self._chunks.get(key, ()):
            size += len(chunk)
        return size

    def forget(self, key: int) -> None:
        """Forget a history."""
        self._chunks.pop(key, None)


def _first_event(chunk: Chunk) -> int:
    return chunk[0]
