"""The worker: polls activities, has their tasks done a few at a time, and ends in good order."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from stepwell.worker.client import StepFunctions
from stepwell.worker.errors import CallFailed, WorkerRefused
from stepwell.worker.handler import Handler
from stepwell.worker.run import Run, pauses
from stepwell.worker.task import Lease, Task

log = logging.getLogger("stepwell.worker")

CONCURRENCY = 10
MAX_CONCURRENCY = 1_000
HEARTBEAT_SECONDS = 10.0
STOP_SECONDS = 25.0
"""Less than the 30 seconds that most supervisors leave between SIGTERM and SIGKILL."""
LAST_ANSWER_SECONDS = 3.0
POLLS = 4
"""Polls that an activity has open at a time: enough to keep its workers busy, and few beside AWS's limit of 1,000."""
MAX_NAME = 80
_ARN = re.compile(r"arn:aws[a-z-]*:states:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):activity:[^:]{1,80}")

Function = TypeVar("Function", bound=Callable[..., Any])
T = TypeVar("T")


@dataclass(frozen=True)
class _Activity:
    arn: str
    handler: Handler
    concurrency: int
    polls: asyncio.Semaphore


class Worker:
    """Does the tasks of one or more activities of one account and region.

    Endpoint, credentials and profile are found as every AWS tool finds them (`AWS_ENDPOINT_URL_SFN`, …). For a server
    on this machine any credentials do, or none.
    """

    def __init__(
        self,
        *,
        endpoint_url: str | None = None,
        name: str | None = None,
        concurrency: int = CONCURRENCY,
        heartbeat_seconds: float | None = HEARTBEAT_SECONDS,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        if heartbeat_seconds is not None and heartbeat_seconds <= 0:
            raise ValueError("heartbeat_seconds is to be more than 0, or None for heartbeats by hand")
        self.name = (name or f"{socket.gethostname()}:{os.getpid()}")[:MAX_NAME]
        self._endpoint_url = endpoint_url
        self._concurrency = _checked(concurrency)
        self._heartbeat_seconds = heartbeat_seconds
        self._stop_seconds = stop_seconds
        self._activities: dict[str, _Activity] = {}
        self._place: tuple[str, str] | None = None
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runs: set[Run] = set()
        self._has_polled = False

    def activity(self, arn: str, *, concurrency: int | None = None) -> Callable[[Function], Function]:
        """Have a function do the tasks of an activity, `concurrency` of them at a time.

        The function gets the task's input, and as a second argument, if it wants one, the `Task`. What it returns is
        the task's output. A plain function runs in a thread, a coroutine function on the worker's loop.
        """
        parts = _ARN.fullmatch(arn)
        if parts is None:
            raise ValueError(f"{arn!r} is no ARN of an activity: arn:aws:states:REGION:ACCOUNT:activity:NAME")
        place = parts["region"], parts["account"]
        if self._place not in {None, place}:
            raise ValueError(f"{arn} is of another account or region than the others: that takes a worker of its own")
        if arn in self._activities:
            raise ValueError(f"{arn} has a function already")
        most = self._concurrency if concurrency is None else _checked(concurrency)

        def register(function: Function) -> Function:
            self._activities[arn] = _Activity(arn, Handler(function), most, asyncio.Semaphore(POLLS))
            self._place = place
            return function

        return register

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what runs; a second signal ends at once. Raise `WorkerRefused`."""
        asyncio.run(self._run())

    async def serve(self) -> None:
        """Work until `stop` is called: `run` for programs that have a loop of their own. Raise `WorkerRefused`."""
        if self._place is None:
            raise WorkerRefused("the worker has no activity: register a function with @worker.activity(arn)")
        self._loop = asyncio.get_running_loop()
        region, account = self._place
        connections = sum(2 * activity.concurrency + POLLS for activity in self._activities.values())
        try:
            async with StepFunctions(region, account, self._endpoint_url, connections) as api:
                await self._serve(api)
        except CallFailed as failed:  # no client could be made: no such profile, say
            raise WorkerRefused(str(failed)) from failed

    def stop(self) -> None:
        """Take no new task, and end once those that run are done; from any thread."""
        if self._loop is None:
            self._stopping.set()
        else:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _run(self) -> None:
        serving = asyncio.create_task(self.serve())
        loop = asyncio.get_running_loop()

        def signalled() -> None:
            if self._stopping.is_set():
                serving.cancel()
            self._stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, signalled)
        try:
            await serving
        except asyncio.CancelledError:
            log.warning("ended at once; what was not answered comes again after its heartbeat or its time-out")

    async def _serve(self, api: StepFunctions) -> None:
        for activity in self._activities.values():
            log.info("%s polls %s at %s, for %d at a time", self.name, activity.arn, api.endpoint, activity.concurrency)
        slots = {
            asyncio.create_task(self._slot(api, activity))
            for activity in self._activities.values()
            for _ in range(activity.concurrency)
        }
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({*slots, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await self._finish(slots)
        finally:
            stopping.cancel()
            for slot in slots:
                slot.cancel()
            ends = await asyncio.gather(*slots, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _finish(self, slots: set[asyncio.Task[None]]) -> None:
        """Wait for the tasks that run; those that aren't done in time are failed, so that a Retry has them at once."""
        log.info("stopping: %d tasks are under way", len(self._runs))
        _, late = await asyncio.wait(slots, timeout=self._stop_seconds)
        for run in self._runs:
            run.stop()
        if late:
            await asyncio.wait(late, timeout=LAST_ANSWER_SECONDS)

    async def _slot(self, api: StepFunctions, activity: _Activity) -> None:
        """Do one task after the other."""
        failures = pauses()
        while not self._stopping.is_set():
            try:
                async with activity.polls:
                    task = await self._next(api, activity)
            except CallFailed as failed:
                if failed.lasting and not self._has_polled:
                    raise WorkerRefused(_advice(activity.arn, failed)) from failed
                pause = next(failures)
                log.warning("no task of %s could be got, trying again in %.1f s: %s", activity.arn, pause, failed)
                await self._unless_stopping(asyncio.sleep(pause))
                continue
            failures = pauses()
            if task is not None:
                await self._do(Run(api, activity.handler, task, self._heartbeat_seconds))

    async def _do(self, run: Run) -> None:
        self._runs.add(run)
        try:
            await run.to_its_end()
        finally:
            self._runs.discard(run)

    async def _next(self, api: StepFunctions, activity: _Activity) -> Task | None:
        """Return the next task, or None where there was none or the worker stops.

        A server notices that a connection was closed, and gives the task to another worker. It isn't known whether AWS
        does, so there a poll is waited for.
        """
        if self._stopping.is_set():
            return None
        poll = api.poll(activity.arn, self.name)
        found = await (poll if api.is_aws else self._unless_stopping(poll))
        self._has_polled = self._has_polled or not self._stopping.is_set()
        if found is None:
            return None
        token, text = found
        return Task(activity.arn, token, json.loads(text), self.name, Lease())

    async def _unless_stopping(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return what comes of something, or None where the worker stops before."""
        doing = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            stopping.cancel()
            doing.cancel()


def _checked(concurrency: int) -> int:
    if not 1 <= concurrency <= MAX_CONCURRENCY:
        raise ValueError(f"concurrency is to be 1 to {MAX_CONCURRENCY}")
    return concurrency


def _advice(arn: str, failed: CallFailed) -> str:
    if failed.code == "ActivityDoesNotExist":
        name = arn.rpartition(":")[2]
        return f"{failed}. Create it: aws stepfunctions create-activity --name {name}"
    return f"{arn} can't be polled: {failed}"
