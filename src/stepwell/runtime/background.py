"""Work that goes on beside whatever asked for it, for as long as its owner is open."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("stepwell.engine")


class Background:
    """Does work in tasks of their own."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self.closed = False

    async def close(self) -> None:
        """End what goes on; nothing begins any more."""
        self.closed = True
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something, unless this is closed."""
        if self.closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("work in the background failed", exc_info=task.exception())
