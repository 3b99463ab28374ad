"""Handing over: what was committed goes to its integration, and the answer comes back as an event.

A task that was handed over is leased: as long as this node holds the lease, a coroutine of its own cares for it. The
lease ends with the answer, with the ticket (the state timed out, was stopped), or with the node; after a restart every
task that still waits is handed over again. An integration that breaks (which is a bug of it, not an answer) gets the
task again, after a pause that grows.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.integrations.registry import Integrations
from stepwell.language.resources import SYNC, SYNC_2
from stepwell.machine import events

log = logging.getLogger("stepwell.handover")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

Deliver = Callable[[int, events.Event], None]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which wait of which execution a task is for."""

    execution: int
    lane: int
    number: int


class Handover:
    """Holds the leases of this node: one coroutine for each task that was handed over."""

    def __init__(self, integrations: Integrations, deliver: Deliver) -> None:
        self._integrations = integrations
        self._deliver = deliver
        self._leases: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._unwanted: set[tuple[int, int]] = set()
        """The submissions of jobs that nobody waits for any more: what comes of them is stopped."""
        self._submitted: dict[tuple[int, int], str] = {}
        """The jobs of which the machine was told, until it says to watch or to stop them."""
        self._closed = False

    async def close(self) -> None:
        """Let go of all leases, and take no more: another node, or the next start, takes them up."""
        self._closed = True
        leases = list(self._leases.values())
        for lease in leases:
            lease.cancel()
        await asyncio.gather(*leases, return_exceptions=True)

    def __len__(self) -> int:
        return len(self._leases)

    def holds(self, ticket: Ticket) -> bool:
        """Return whether this node cares for a task."""
        lease = self._leases.get((ticket.execution, ticket.number))
        return lease is not None and not lease.done()

    def call(self, ticket: Ticket, request: TaskRequest) -> None:
        """Hand a task over."""
        self._lease(ticket, self._call(ticket, request))

    def watch(self, ticket: Ticket, request: TaskRequest, job: str) -> None:
        """Have the end of a job brought."""
        self._submitted.pop((ticket.execution, ticket.number), None)
        self._lease(ticket, self._watch(ticket, request, job))

    def cancel(self, ticket: Ticket, request: TaskRequest | None, job: str | None) -> None:
        """End the lease of a ticket that nobody waits for any more, and stop its job, even one that is yet to come."""
        key = (ticket.execution, ticket.number)
        job = self._submitted.pop(key, job)
        if key in self._leases and job is None and request is not None and request.resource.pattern in {SYNC, SYNC_2}:
            self._unwanted.add(key)
            return
        lease = self._leases.pop(key, None)
        if lease is not None:
            lease.cancel()
        if job is not None and request is not None:
            self._lease(ticket, self._stop(request, job))

    def _lease(self, ticket: Ticket, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        key = (ticket.execution, ticket.number)
        task = asyncio.create_task(work)
        self._leases[key] = task

        def ended(done: asyncio.Task[None]) -> None:
            if self._leases.get(key) is done:
                del self._leases[key]
                self._unwanted.discard(key)
            if not done.cancelled() and done.exception() is not None:
                log.error("a lease broke", exc_info=done.exception())

        task.add_done_callback(ended)

    async def _call(self, ticket: Ticket, request: TaskRequest) -> None:
        integration = self._integrations.find(request.resource)
        key = (ticket.execution, ticket.number)
        answer = await _until_answered(integration.call, request, lambda: key not in self._unwanted)
        job = answer.job if isinstance(answer, Submitted) else None
        if key not in self._unwanted:
            if job is not None:
                self._submitted[key] = job
            self._deliver(ticket.execution, _event(ticket, answer))
        elif job is not None:
            await self._stop(request, job)

    async def _watch(self, ticket: Ticket, request: TaskRequest, job: str) -> None:
        integration: Any = self._integrations.find(request.resource)
        answer = await _until_answered(lambda asked: integration.watch(asked, job), request)
        self._deliver(ticket.execution, _event(ticket, answer, by_call=False))

    async def _stop(self, request: TaskRequest, job: str) -> None:
        integration: Any = self._integrations.find(request.resource)
        try:
            await integration.stop(request, job)
        except Exception:  # stopping is best effort, as on AWS
            log.exception("the job %s of %s could not be stopped", job, request.execution_arn)


async def _until_answered(
    ask: Callable[[TaskRequest], Coroutine[Any, Any, Answer]],
    request: TaskRequest,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Answer:
    """Return the answer, however often it has to be asked for, unless it isn't wanted any more: then be cancelled."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await ask(request)
        except (Exception, asyncio.CancelledError):
            if _is_over():
                raise
            log.exception(
                "the integration of %s broke; the task of %s is handed over again in %g s",
                request.resource.arn,
                request.execution_arn,
                pause,
            )
        await asyncio.sleep(pause)
        if not is_wanted():
            raise asyncio.CancelledError
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        request = replace(request, redelivered=True)


def _is_over() -> bool:
    """Return whether this lease was ended: else what was cancelled is something within the integration."""
    lease = asyncio.current_task()
    return lease is not None and lease.cancelling() > 0


def _event(ticket: Ticket, answer: Answer, *, by_call: bool = True) -> events.Event:
    lane, number = ticket.lane, ticket.number
    match answer:
        case Succeeded(output):
            return events.TaskSucceeded(lane, number, output)
        case Failed(error, cause):
            return events.TaskFailed(lane, number, error, cause, by_call)
        case Submitted(output, job):
            return events.TaskSubmitted(lane, number, output, job)
