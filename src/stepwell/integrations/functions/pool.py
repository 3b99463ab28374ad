"""The workers of one function: started when they are needed, kept while they are, replaced when the code changes."""

import logging
import time
from collections import deque
from contextlib import suppress

from stepwell.integrations.functions.launch import Launch
from stepwell.integrations.functions.outcomes import FunctionsClosed, InvokeRefused
from stepwell.integrations.functions.output import Output
from stepwell.integrations.functions.runtime_api import RuntimeApi
from stepwell.integrations.functions.sources import SourceWatch
from stepwell.integrations.functions.worker import Call, State, Worker

MAX_WAITING = 10_000
"""Invocations of one function that may wait for a worker; more are refused, as Lambda refuses them."""
IDLE_SECONDS = 300.0
_COMING = frozenset({State.STARTING, State.RETURNING})


class Pool:
    """The workers of one function, and the invocations that wait for one, the oldest first."""

    def __init__(self, launch: Launch, concurrency: int, api: RuntimeApi, log: logging.Logger) -> None:
        self._launch = launch
        self._concurrency = concurrency
        self._api = api
        self._log = log
        self._watch = SourceWatch(launch.folder, time.monotonic)
        self._queue: deque[Call] = deque()
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []
        self._leaving: set[Worker] = set()

    def submit(self, call: Call) -> None:
        """Give the call to a worker, now or later."""
        if self._watch.changed():
            self._log.info("the code below %s has changed: new workers from here on", self._launch.folder)
            self._retire_all()
        while self._idle:
            # The last one to become idle first: so the others get old, and are ended.
            if self._idle.pop().deliver(call):
                return
        if len(self._queue) >= MAX_WAITING:
            raise InvokeRefused("TooManyRequestsException", "Rate Exceeded.", 429, call.request_id)
        self._queue.append(call)
        self._staff()

    def withdraw(self, call: Call) -> None:
        """Forget a call that nobody waits for any more.

        A worker that is at it is killed. Lambda would let it finish; but Lambda has always another one, while here
        calls that nobody waits for could take all the workers until they time out.
        """
        if call.worker is None:
            with suppress(ValueError):
                self._queue.remove(call)
        elif call.worker.call is call:
            call.worker.kill()

    def ready(self, worker: Worker) -> None:
        """Give an idle worker the oldest call, or have it wait."""
        if worker not in self._workers:  # its code is out of date
            worker.kill()
            return
        while self._queue:
            call = self._queue.popleft()
            if call.future.done():
                continue
            if not worker.deliver(call):
                self._queue.appendleft(call)
            return
        if worker not in self._idle:
            self._idle.append(worker)

    def ended(self, worker: Worker) -> None:
        """Replace a worker that is no more, where it is needed."""
        if worker in self._idle:
            self._idle.remove(worker)
        retired = worker in self._leaving
        self._leaving.add(worker)
        self._workers.discard(worker)
        if retired:
            return
        if not worker.was_ready and self._queue:
            # It could not be loaded, or not even started: the call that it was started for has failed, as on Lambda.
            call = self._queue.popleft()
            call.resolve(worker.failure(call.request_id), True)
        self._staff()

    def gone(self, worker: Worker) -> None:
        """Forget a worker that nothing is left of."""
        self._leaving.discard(worker)

    def sweep(self, now: float) -> None:
        """End the workers that have been idle for some minutes."""
        while self._idle and now - self._idle[0].idle_since > IDLE_SECONDS:
            self._retire(self._idle[0])

    def close(self) -> list[Worker]:
        """Have no workers and no calls any more; return the workers that are about to end."""
        while self._queue:
            future = self._queue.popleft().future
            if not future.done():
                future.set_exception(FunctionsClosed())
        self._leaving |= self._workers
        self._workers.clear()
        self._idle.clear()
        for worker in self._leaving:
            if worker.call is not None and not worker.call.future.done():
                worker.call.future.set_exception(FunctionsClosed())
            worker.kill()
        return list(self._leaving)

    def _staff(self) -> None:
        missing = len(self._queue) - sum(worker.state in _COMING for worker in self._workers)
        for _ in range(min(missing, self._concurrency - len(self._workers))):
            output = Output(self._log, time.monotonic)
            self._workers.add(Worker(self, self._launch, self._api, output))

    def _retire_all(self) -> None:
        for worker in list(self._workers):
            self._retire(worker)

    def _retire(self, worker: Worker) -> None:
        self._workers.discard(worker)
        self._leaving.add(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        # One that is busy finishes; when it asks for more, it is ended.
        if worker.state is not State.BUSY:
            worker.kill()
