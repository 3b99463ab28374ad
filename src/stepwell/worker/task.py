"""A task as its handler sees it."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from stepwell.worker.errors import TokenRefused


class Lease:
    """Whether somebody still waits for a task. Handlers look at it from their threads, the worker from its loop."""

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        """A heartbeat is to be sent."""
        self._loop = asyncio.get_running_loop()
        self._ended = threading.Event()
        self._refusal: TokenRefused | None = None

    @property
    def is_over(self) -> bool:
        """Whether the task's result is of no use any more."""
        return self._ended.is_set()

    def end(self, refusal: TokenRefused | None = None) -> None:
        """Note that nobody waits for the task any more, or that the worker can't any longer."""
        self._refusal = refusal
        self._ended.set()

    def beat(self) -> None:
        """Have a heartbeat sent, from any thread. Raise `TokenRefused` where the lease is over."""
        if self._ended.is_set():
            raise self._refusal or TokenRefused("Worker.Stopped", "the worker was stopped before the task was done")
        self._loop.call_soon_threadsafe(self.wanted.set)


@dataclass(frozen=True)
class Task:
    """The second argument of a handler that has two: its task, and how it stands."""

    activity_arn: str
    token: str = field(repr=False)
    input: Any = field(repr=False)
    worker_name: str
    lease: Lease = field(repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more: the state has timed out, its execution was stopped."""
        return self.lease.is_over

    def heartbeat(self) -> None:
        """Say that the task is alive. Returns at once; raises `TokenRefused` once nobody waits for the task.

        It may be called as often as is convenient: what is sent is at most one a second.
        """
        self.lease.beat()
