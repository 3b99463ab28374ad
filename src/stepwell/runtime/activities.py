"""Activities: tasks that wait for workers, and workers that wait for tasks.

The lanes in the store are the queue; what is kept here are hints to it, oldest first. A hint whose ticket is stale is
found out when it is handed out. A worker's poll that nobody can serve waits in line, at most a minute, as on AWS.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from stepwell.runtime.errors import ActivityWorkerLimitExceeded
from stepwell.storage.port import Store

POLL_SECONDS = 60.0
MOST_POLLERS = 1_000
BATCH = 1_000

Hint = tuple[int, int, int]
Take = Callable[[int, int, int], Awaitable[tuple[str, str] | None]]
"""(execution, lane, ticket) -> (task token, input), or None where the hint was stale."""


class _Queue:
    __slots__ = ("hints", "loaded", "pollers", "waiting")

    def __init__(self) -> None:
        self.hints: deque[Hint] = deque()
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.pollers = 0
        self.loaded = False


class Activities:
    """The queues of all activities."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queues: dict[str, _Queue] = {}

    def offer(self, arn: str, hint: Hint) -> None:
        """Note a task that was committed, and wake the worker who waits longest."""
        queue = self._queues.setdefault(arn, _Queue())
        queue.hints.append(hint)
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
                task = await take(*hint)
                if task is not None:
                    return task
        except TimeoutError:
            return None
        finally:
            queue.pollers -= 1

    async def _next(self, arn: str, queue: _Queue) -> Hint:
        if not queue.loaded:
            queue.loaded = True
            known = set(queue.hints)
            stored = await self._store.activity_tasks(arn, BATCH)
            queue.hints.extendleft(reversed([hint for hint in stored if hint not in known]))
            queue.loaded = len(stored) < BATCH
        while not queue.hints:
            woken = asyncio.get_running_loop().create_future()
            queue.waiting.append(woken)
            try:
                await woken
            except asyncio.CancelledError:
                if not woken.cancelled():
                    _wake(queue)  # it was woken in vain: somebody else is to have the task
                raise
        return queue.hints.popleft()


def _wake(queue: _Queue) -> None:
    while queue.waiting:
        woken = queue.waiting.popleft()
        if not woken.done():
            woken.set_result(None)
            return
