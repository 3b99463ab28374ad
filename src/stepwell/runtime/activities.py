"""Activities: tasks that wait for workers, and workers that wait for tasks.

The lanes in the store are the queue; what is kept here are hints to it, oldest first. A hint whose ticket is stale is
found out when it is handed out. A worker's poll that nobody can serve waits in line, at most a minute, as on AWS.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from stepwell.runtime.errors import ActivityWorkerLimitExceeded
from stepwell.storage.port import Store, StoreError

POLL_SECONDS = 60.0
MOST_POLLERS = 1_000
BATCH = 1_000
MOST_HINTS = 10_000
"""So many tasks of one activity are kept in mind; the store has the others."""

Hint = tuple[int, int, int]
Take = Callable[[int, int, int], Awaitable[tuple[str, str] | None]]
"""(execution, lane, ticket) -> (task token, input), or None where the hint was stale."""


class _Queue:
    __slots__ = ("hints", "loaded", "missed", "pollers", "reading", "seen", "waiting")

    def __init__(self) -> None:
        self.hints: deque[Hint] = deque()
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.pollers = 0
        self.loaded = False
        """Whether the hints are all that there is; else the store has more, which come after these."""
        self.missed = False
        """Whether a task was offered meanwhile."""
        self.seen: set[Hint] = set()
        """What the store had when it was read last: that is not read again."""
        self.reading = asyncio.Lock()


class Activities:
    """The queues of all activities."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queues: dict[str, _Queue] = {}

    def offer(self, arn: str, hint: Hint) -> None:
        """Note a task that was committed, and wake the worker who waits longest."""
        queue = self._queues.setdefault(arn, _Queue())
        if queue.loaded and len(queue.hints) < MOST_HINTS:
            queue.hints.append(hint)
        else:  # it is read in its turn
            queue.loaded = False
            queue.missed = True
        _wake(queue)

    async def poll(self, arn: str, take: Take) -> tuple[str, str] | None:
        """Return the next task of an activity, or None when none came in a minute."""
        queue = self._queues.setdefault(arn, _Queue())
        if queue.pollers >= MOST_POLLERS:
            raise ActivityWorkerLimitExceeded
        queue.pollers += 1
        deadline = asyncio.get_running_loop().time() + POLL_SECONDS
        try:
            while True:
                async with asyncio.timeout_at(deadline):  # for the wait alone: a task that is taken is never let fall
                    hint = await self._next(arn, queue)
                task = await _taken(queue, hint, take)
                if task is not None:
                    return task
        except TimeoutError:
            return None
        finally:
            queue.pollers -= 1

    async def _next(self, arn: str, queue: _Queue) -> Hint:
        while not queue.hints:
            async with queue.reading:
                if not queue.hints and not queue.loaded:
                    await self._read(arn, queue)
            if not queue.hints and queue.loaded:
                await _woken(queue)
        return queue.hints.popleft()

    async def _read(self, arn: str, queue: _Queue) -> None:
        """Take the next tasks from the store, behind those that it had the last time."""
        queue.missed = False
        limit = BATCH + len(queue.seen)
        stored = await self._store.activity_tasks(arn, limit)
        queue.hints.extend(hint for hint in stored if hint not in queue.seen)
        queue.loaded = len(stored) < limit and not queue.missed
        queue.seen = set() if queue.loaded else set(stored)


async def _taken(queue: _Queue, hint: Hint, take: Take) -> tuple[str, str] | None:
    try:
        return await take(*hint)
    except (asyncio.CancelledError, StoreError):  # the worker went away, or the disk is full: another is to have it
        queue.hints.appendleft(hint)
        _wake(queue)
        raise


async def _woken(queue: _Queue) -> None:
    woken = asyncio.get_running_loop().create_future()
    queue.waiting.append(woken)
    try:
        await woken
    except asyncio.CancelledError:
        if not woken.cancelled():
            _wake(queue)  # it was woken in vain: somebody else is to have the task
        raise


def _wake(queue: _Queue) -> None:
    while queue.waiting:
        woken = queue.waiting.popleft()
        if not woken.done():
            woken.set_result(None)
            return
