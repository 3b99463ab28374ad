"""What falls due at a moment that is known before: the next firing of each schedule."""

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Awaitable, Callable

from stepwell.runtime.clock import Clock
from stepwell.storage.port import StoreError

log = logging.getLogger("stepwell.bus")

LONGEST_SLEEP_SECONDS = 60.0
"""So often at least the clock is looked at: it may have been set."""

RETRY_MS = 1_000

Ring = Callable[[], Awaitable[None]]


class Alarms:
    """Calls back when a moment has come, never earlier. A name has one alarm: a new one replaces it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[str, tuple[int, Ring]] = {}
        self._heap: list[tuple[int, str]] = []
        self._sooner = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the clock."""
        self._task = asyncio.create_task(self._run(), name="alarms")

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def set(self, name: str, due: int | None, ring: Ring) -> None:
        """Set the alarm of a name; with None for the moment, there is none any more."""
        self._due.pop(name, None)
        if due is not None:
            self._due[name] = (due, ring)
            heapq.heappush(self._heap, (due, name))
            self._sooner.set()

    def clear(self, name: str) -> None:
        """Take away the alarm of a name."""
        self._due.pop(name, None)

    def look(self) -> None:
        """Look at the clock again: it may have been moved."""
        self._sooner.set()

    async def _run(self) -> None:
        while True:
            self._sooner.clear()
            now = self._clock.now()
            while self._heap and self._heap[0][0] <= now:
                due, name = heapq.heappop(self._heap)
                known = self._due.get(name)
                if known is not None and known[0] == due:  # else it was set anew
                    del self._due[name]
                    await self._ring(name, known[1])
            seconds = (self._heap[0][0] - now) / 1000 if self._heap else LONGEST_SLEEP_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(seconds, 0.001), LONGEST_SLEEP_SECONDS)):
                    await self._sooner.wait()

    async def _ring(self, name: str, ring: Ring) -> None:
        try:
            await ring()
        except StoreError as error:
            log.error("%s can't fire, trying again in %d ms: %s", name, RETRY_MS, error)
            self.set(name, self._clock.now() + RETRY_MS, ring)
        except Exception:  # it keeps no other from firing
            log.critical("%s can't fire: a bug of Stepwell", name, exc_info=True)
