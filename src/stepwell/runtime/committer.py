"""Group commit: what many executions want to write goes to the disk together.

While one transaction is being written, the writes that come meanwhile gather for the next. So the number of
transactions follows the disk, and the number of executions follows the processor. Writes are committed in the order in
which they were submitted, which is what lets an execution be advanced again before its last turn is on the disk.

A store in memory has no disk to wait for: there each write is committed as it is submitted.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from stepwell.storage.port import ImmediateStore, Store, StoreError, Write

log = logging.getLogger("stepwell.engine")

LARGEST_BATCH = 512

Done = Callable[[bool | StoreError], None]


class Commits(Protocol):
    """Whoever commits for a shell, and tells each submitter what became of its write."""

    async def close(self) -> None:
        """Commit what is pending, and end."""

    def submit(self, write: Write, done: Done) -> None:
        """Have a write committed; `done` is called with whether it was taken, or with the error."""

    def after(self, done: Done) -> None:
        """Have `done` called when all that was submitted until now has been committed."""


class Committer:
    """Commits writes in groups, and tells each submitter what became of its write."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: list[tuple[Write | None, Done]] = []
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to commit."""
        self._task = asyncio.create_task(self._run(), name="committer")

    async def close(self) -> None:
        """Commit what is pending, and end."""
        await self._idle.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def submit(self, write: Write, done: Done) -> None:
        """Have a write committed; `done` is called with whether it was taken, or with the error."""
        self._pending.append((write, done))
        self._idle.clear()
        self._wanted.set()

    def after(self, done: Done) -> None:
        """Have `done` called when all that was submitted until now has been committed."""
        self._pending.append((None, done))
        self._idle.clear()
        self._wanted.set()

    async def write(self, write: Write) -> bool:
        """Commit a write and return whether it was taken. Raise `StoreError` where it could not be written."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.submit(write, lambda outcome: settle(future, outcome))
        return await future

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            batch = self._pending[:LARGEST_BATCH]
            del self._pending[:LARGEST_BATCH]
            if not batch:
                self._wanted.clear()
                self._idle.set()
                continue
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Write | None, Done]]) -> None:
        writes = [write for write, _ in batch if write is not None]
        failure: StoreError | None = None
        taken: list[bool] = []
        try:
            taken = await self._store.commit(writes) if writes else []
        except StoreError as error:
            failure = error
        except Exception as bug:
            log.exception("a batch of %d writes broke", len(writes))
            failure = StoreError(f"the writes failed because of a bug: {bug!r}")
        outcomes = iter(taken)
        for write, done in batch:
            _tell(done, failure or (True if write is None else next(outcomes)))


class ImmediateCommitter:
    """Commits each write as it is submitted: before `submit` returns, `done` was called."""

    def __init__(self, store: ImmediateStore) -> None:
        self._store = store

    async def close(self) -> None:
        """There is nothing pending."""

    def submit(self, write: Write, done: Done) -> None:
        """Commit a write, and tell what became of it."""
        outcome: bool | StoreError
        try:
            outcome = self._store.commit_now(write)
        except Exception as bug:
            log.exception("a write broke")
            outcome = StoreError(f"the write failed because of a bug: {bug!r}")
        _tell(done, outcome)

    def after(self, done: Done) -> None:
        """Call `done`: all that was submitted has been committed."""
        _tell(done, True)


def _tell(done: Done, outcome: bool | StoreError) -> None:
    try:
        done(outcome)
    except Exception:  # it is not the next one's fault
        log.critical("what follows a commit broke: a bug of Stepwell", exc_info=True)


def settle(future: asyncio.Future[bool], outcome: bool | StoreError) -> None:
    """Give a future the outcome of a write."""
    if future.done():
        return
    if isinstance(outcome, StoreError):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
