"""One task in the hands of its handler: it is kept alive, answered, and let go of where nobody waits for it."""

import asyncio
import logging
import random
from collections.abc import Iterator

from stepwell.worker.answers import STOPPED, Answer, Failure, Success
from stepwell.worker.client import StepFunctions
from stepwell.worker.errors import CallFailed, TokenRefused
from stepwell.worker.handler import Handler
from stepwell.worker.task import Task

log = logging.getLogger("stepwell.worker")

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
SHORTEST_BEAT_SECONDS = 1.0
_NO_OUTPUT = {"InvalidOutput", "ValidationException"}


def pauses() -> Iterator[float]:
    """Yield how long to wait before the next try: longer each time, and never quite the same."""
    longest = FIRST_PAUSE_SECONDS
    while True:
        yield random.uniform(longest / 2, longest)  # noqa: S311 (nothing is to be kept secret)
        longest = min(longest * 2, LONGEST_PAUSE_SECONDS)


class Run:
    """One task, from its token to its answer."""

    def __init__(self, api: StepFunctions, handler: Handler, task: Task, heartbeat_seconds: float | None) -> None:
        self._api = api
        self._handler = handler
        self._task = task
        self._heartbeat_seconds = heartbeat_seconds
        self._handling: asyncio.Future[Answer] | None = None
        self._stopped: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    async def to_its_end(self) -> None:
        """Have the task done, and answer it."""
        beating = asyncio.create_task(self._beat())
        try:
            answer = await self._answer()
            if answer is not None:
                await self._send(answer)
        finally:
            beating.cancel()
            if self._handling is not None:
                self._handling.cancel()

    def stop(self) -> None:
        """Have the task failed now, done or not: the worker ends."""
        if not self._stopped.done() and not (self._handling is not None and self._handling.done()):
            self._stopped.set_result(STOPPED)
            self._let_go(None)

    async def _answer(self) -> Answer | None:
        """Return what the handler has answered; None where nobody waits for it any more."""
        self._handling = self._handler.start(self._task)
        await asyncio.wait({self._handling, self._stopped}, return_when=asyncio.FIRST_COMPLETED)
        if self._stopped.done():
            return self._stopped.result()
        return None if self._task.cancelled else self._handling.result()

    async def _send(self, answer: Answer) -> None:
        """Send an answer until it is taken, or its token is refused."""
        if isinstance(answer, Failure):
            log.warning("a task of %s fails with %s", self._task.activity_arn, answer.error)
        try:
            for pause in pauses():
                try:
                    return await self._send_once(answer)
                except TokenRefused as refused:
                    log.warning("nobody waits for an answer to a task of %s: %s", self._task.activity_arn, refused)
                    return None
                except CallFailed as failed:
                    if isinstance(answer, Success) and failed.code in _NO_OUTPUT:
                        answer = Failure(failed.code, str(failed))
                    log.warning(
                        "an answer to a task of %s could not be sent, trying again in %.1f s: %s",
                        self._task.activity_arn,
                        pause,
                        failed,
                    )
                await asyncio.sleep(pause)
        except asyncio.CancelledError:
            log.error("an answer to a task of %s was not sent: the worker has ended", self._task.activity_arn)
            raise

    async def _send_once(self, answer: Answer) -> None:
        match answer:
            case Success(output):
                await self._api.succeed(self._task.token, output)
            case Failure(error, cause):
                await self._api.fail(self._task.token, error, cause)

    async def _beat(self) -> None:
        """Send heartbeats: every so often, and when the handler wants one; at most one a second."""
        wanted = self._task.lease.wanted
        every = self._heartbeat_seconds
        shortest = SHORTEST_BEAT_SECONDS if every is None else min(SHORTEST_BEAT_SECONDS, every)
        while True:
            try:
                async with asyncio.timeout(None if every is None else max(every - shortest, 0)):
                    await wanted.wait()
            except TimeoutError:
                pass
            wanted.clear()
            try:
                await self._api.heartbeat(self._task.token)
            except TokenRefused as refused:
                log.warning("nobody waits for a task of %s any more: %s", self._task.activity_arn, refused)
                self._let_go(refused)
                return
            except CallFailed as failed:
                log.warning("no heartbeat could be sent for a task of %s: %s", self._task.activity_arn, failed)
                wanted.set()
            await asyncio.sleep(shortest)

    def _let_go(self, refused: TokenRefused | None) -> None:
        """Tell the handler: what runs on the loop is cancelled, what runs in a thread sees it when it looks."""
        self._task.lease.end(refused)
        if self._handler.is_async and self._handling is not None:
            self._handling.cancel()
