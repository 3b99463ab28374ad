"""Timers: what falls due soon, in memory; what falls due later, in the store.

The store's `due` columns are the truth. A heap holds those of the near future, so that most moments cost no query; the
rest is read when its time comes near. Entries are hints: who is called looks at the lane itself.
"""

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Callable

from stepwell.runtime.clock import Clock
from stepwell.storage.port import Store, StoreError

log = logging.getLogger("stepwell.engine")

HORIZON_MS = 60_000
BATCH = 2_000
BREATH_SECONDS = 0.02
RETRY_SECONDS = 1.0

Fire = Callable[[int, int], None]


class Timers:
    """Calls `fire(execution, lane)` when a lane's `due` has come, never earlier."""

    def __init__(self, store: Store, clock: Clock, fire: Fire) -> None:
        self._store = store
        self._clock = clock
        self._fire = fire
        self._heap: list[tuple[int, int, int]] = []
        self._known_until = 0
        """Every stored timer that falls due until then is in the heap."""
        self._next_read = 0
        """When the store is to be asked for more."""
        self._seen: set[tuple[int, int, int]] = set()
        """What it had the last time, where that was but a part: the rest is behind it."""
        self._sooner = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the clock."""
        self._task = asyncio.create_task(self._run(), name="timers")

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def set(self, due: int, execution: int, lane: int) -> None:
        """Note a timer that was committed."""
        if due <= self._known_until:
            if not self._heap or due < self._heap[0][0]:
                self._sooner.set()
            heapq.heappush(self._heap, (due, execution, lane))

    def look(self) -> None:
        """Look at the clock again: it may have been moved."""
        self._sooner.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._watch()
            except StoreError as error:
                log.error("timers can't be read, trying again in %g s: %s", RETRY_SECONDS, error)
            except Exception:
                log.critical("a timer broke: a bug of Stepwell", exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)

    async def _watch(self) -> None:
        while True:
            now = self._clock.now()
            if self._next_read <= now and not (self._seen and self._heap and self._heap[0][0] <= now):
                await self._read(now)
            fired = 0
            while self._heap and self._heap[0][0] <= now and fired < BATCH:
                _, execution, lane = heapq.heappop(self._heap)
                self._fire(execution, lane)
                fired += 1
            if fired == BATCH:
                await asyncio.sleep(BREATH_SECONDS)  # others have their turn, and what fired is committed
                continue
            until = min(self._heap[0][0], self._next_read) if self._heap else self._next_read
            self._sooner.clear()
            with contextlib.suppress(TimeoutError):  # no wait_for: in Python 3.11 it may swallow that it is cancelled
                async with asyncio.timeout(max(until - now, 1) / 1000):
                    await self._sooner.wait()

    async def _read(self, now: int) -> None:
        """Take what falls due until the horizon from the store, as much as one batch holds."""
        horizon = now + HORIZON_MS
        limit = BATCH + len(self._seen)
        found = [(due, execution, lane) for due, execution, lane, _ in await self._store.due(horizon, limit)]
        self._heap = [*{*self._heap, *(entry for entry in found if entry not in self._seen)}]
        heapq.heapify(self._heap)
        if len(found) == limit:  # the rest is read when the last of these has fallen due
            self._known_until = self._next_read = found[-1][0]
            self._seen = set(found)
        else:
            self._known_until, self._next_read = horizon, now + HORIZON_MS // 2
            self._seen = set()
