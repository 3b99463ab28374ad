"""The writer's thread, and the event loop that gives way to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 0.0005
"""Seconds that a call may take before the event loop gives way to it."""

GIVING_WAY = 0.00025
"""Seconds that the event loop then stands still, again and again until the call is done."""


class WriterThread:
    """One thread, which does one thing after the other."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "stepwell-writer")

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the thread, and return what it returns."""
        result = self._executor.submit(function, *arguments)
        loop = asyncio.get_running_loop()
        loop.call_later(PATIENCE, _give_way, loop, result)
        return await asyncio.wrap_future(result)

    def end(self) -> None:
        """End the thread when it has done what it was given."""
        self._executor.shutdown()


def _give_way(loop: asyncio.AbstractEventLoop, result: Future[Any]) -> None:
    """Let the thread have the interpreter lock, which it may not get from a busy loop that polls often."""
    if not result.done():
        wait((result,), GIVING_WAY)
        loop.call_later(PATIENCE, _give_way, loop, result)
