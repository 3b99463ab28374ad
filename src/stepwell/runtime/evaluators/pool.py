"""The processes of the evaluators: started when first needed, few, ended when nobody needs them any more."""

import asyncio
import contextlib
import logging
import os
import pickle
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from stepwell.runtime.evaluators import process
from stepwell.storage.port import StoreError

log = logging.getLogger("stepwell.evaluators")

PROCESSES = 2
MOST_WAITING = 1_000
"""So many jobs wait for a process, or are done; what would be a new one is refused."""
IDLE_SECONDS = 30.0
"""A process that has had nothing to do for so long is ended."""
ATTEMPTS = 2
"""A job whose process has died is given to so many in all: it may not have been its fault."""


class Exceeded(Exception):
    """A job has used up the memory or the time that a process has."""


class Broken(Exception):
    """A bug in a job; its traceback is a note of it."""


class _Died(Exception):
    """The process of a job has ended before it had answered."""


class _Process:
    """One process. It is used by one job at a time."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self.idle: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls) -> "_Process":
        """Start a process. Raise `StoreError` where that can't be."""
        command = (sys.executable, "-P", "-m", process.__name__, str(os.getpid()))
        environment = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        pipe = asyncio.subprocess.PIPE
        try:
            child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
            started = cls(child)
            await started._answer()
        except (OSError, _Died) as error:
            log.error("a process to evaluate in can't be started: %s", error)
            raise StoreError(f"a process to evaluate in can't be started: {error}") from None
        return started

    async def do(self, job: bytes) -> tuple[str, Any]:
        """Have a job done. Raise `_Died`."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(process.LENGTH.pack(len(job)) + job)
            await self._child.stdin.drain()
        except (OSError, RuntimeError) as error:
            raise _Died(str(error)) from None
        return await self._answer()

    async def _answer(self) -> tuple[str, Any]:
        assert self._child.stdout is not None
        try:
            head = await self._child.stdout.readexactly(process.LENGTH.size)
            body = await self._child.stdout.readexactly(*process.LENGTH.unpack(head))
        except (asyncio.IncompleteReadError, OSError):
            raise _Died(f"it ended with {await self._child.wait()}") from None
        answer: tuple[str, Any] = pickle.loads(body)  # noqa: S301 (it comes from our own process)
        return answer

    @property
    def alive(self) -> bool:
        return self._child.returncode is None

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()
        await self._child.wait()


class Evaluators:
    """Does jobs in processes of its own."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._places = asyncio.Semaphore(PROCESSES)
        self._ending: set[asyncio.Task[None]] = set()
        self._waiting = 0

    async def close(self) -> None:
        """End all processes. Whoever had jobs done has ended before."""
        for each in [*self._idle, *self._busy]:
            self._end(each)
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    @property
    def full(self) -> bool:
        """Whether so many jobs wait that no new one should come."""
        return self._waiting >= MOST_WAITING

    @asynccontextmanager
    async def place(self) -> AsyncIterator["Place"]:
        """Wait for a process that is free; whoever has it may prepare its job then."""
        self._waiting += 1
        try:
            async with self._places:
                yield Place(self)
        finally:
            self._waiting -= 1

    async def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function of `jobs` returns. Raise `Exceeded`, `Broken`; `StoreError`, so if too many wait."""
        if self.full:
            raise StoreError("too much that takes long to evaluate waits: try again later")
        async with self.place() as place:
            return await place.do(function, *arguments)

    async def _do(self, job: bytes) -> tuple[str, Any]:
        free = self._take() or await _Process.start()
        self._busy.add(free)
        try:
            answer = await free.do(job)
        except BaseException:  # its answer would be taken for the next one's
            self._end(free)
            raise
        finally:
            self._busy.discard(free)
        self._keep(free)
        return answer

    def _take(self) -> _Process | None:
        while self._idle:
            found = self._idle.pop()
            if found.idle is not None:
                found.idle.cancel()
            if found.alive:
                return found
        return None

    def _keep(self, free: _Process) -> None:
        self._idle.append(free)
        free.idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire, free)

    def _retire(self, free: _Process) -> None:
        if free in self._idle:
            self._idle.remove(free)
            self._end(free)

    def _end(self, used: _Process) -> None:
        task = asyncio.create_task(used.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class Place:
    """The right to have one job done at a time."""

    def __init__(self, evaluators: Evaluators) -> None:
        self._evaluators = evaluators

    async def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns. Raise `Exceeded`, `Broken`, or `StoreError` where there can be no process."""
        job = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        for _ in range(ATTEMPTS):
            try:
                kind, answer = await self._evaluators._do(job)  # noqa: SLF001 (they are one)
            except _Died as death:
                log.warning("a process died while it evaluated: %s", death)
                continue
            if kind == process.NO_MEMORY:
                raise Exceeded("memory")
            if kind == process.BROKE:
                reason, trace = answer
                bug = Broken(reason)
                bug.add_note(trace)
                raise bug
            return answer
        raise Exceeded("time")
