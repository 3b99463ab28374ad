"""Submitting a job, waiting for its end, stopping it: the same for all kinds, by their rows."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from stepwell.integrations.aws.calls import parameters_of
from stepwell.integrations.aws.failures import TASK_FAILED, CallFailed, failed
from stepwell.integrations.aws.jobs.asking import (
    FIRST_PAUSE_SECONDS,
    Asking,
    Calls,
    Sleep,
    after_trouble,
    code_of,
    may_have_taken_effect,
)
from stepwell.integrations.aws.jobs.finding import find_submitted
from stepwell.integrations.aws.jobs.job import ROLE, Job, Reference, at, filled, prepared, referred, unmarked
from stepwell.integrations.aws.jobs.watching import Seen, watch_for_end
from stepwell.integrations.port import Answer, Failed, Integration, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, decode, to_text
from stepwell.language.resources import SYNC

SUBMIT_ATTEMPTS = 3
"""How often a job is submitted whose service doesn't answer, if it would know the job again."""
STOP_ATTEMPTS = 5

_GONE = frozenset({"ResourceNotFoundException"})


class Requests(Integration, Protocol):
    """The same services, request and response."""

    async def submit(self, request: TaskRequest) -> dict[str, Any]:
        """Call the action, and return its result. Raise `CallFailed`."""


class JobsIntegration:
    """Serves the services that have jobs. What is no job goes to `requests`, as do the submissions."""

    def __init__(
        self,
        jobs: Mapping[str, Mapping[str, Job]],
        requests: Requests,
        calls: Calls,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._jobs = jobs
        self._requests = requests
        self._asking = Asking(calls, sleep)

    async def call(self, request: TaskRequest) -> Answer:
        """Submit a job; or do whatever else the resource says."""
        resource = request.resource
        row = self._jobs.get(resource.service, {}).get(resource.action)
        if row is None or resource.pattern != SYNC:
            return await self._requests.call(request)
        wanted = prepared(row, parameters_of(request), request.idempotency_key)
        try:
            output = await self._submit(request, row, wanted)
        except CallFailed as error:
            return error.failure
        reference = referred(row.reference, output, wanted)
        if len(reference) < len(row.reference):
            said = f"The service {resource.service} took the request, but its answer names no job: "
            return failed(TASK_FAILED, said + to_text(output))
        noted = reference if request.role_arn is None else {**reference, ROLE: request.role_arn}
        return Submitted(Document(None, output), to_text(noted))

    async def _submit(self, request: TaskRequest, row: Job, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Submit a job, or find the one that was submitted; return what names it."""
        again, pause = request.redelivered, FIRST_PAUSE_SECONDS
        asked = replace(request, parameters=Document(None, wanted))
        for left in reversed(range(SUBMIT_ATTEMPTS)):
            try:
                if again and row.find is not None:
                    attempts = None if request.redelivered else 1
                    found = await find_submitted(self._asking, request, row.find, wanted, attempts)
                    if found is not None:
                        return row.answer_for(found)
                return await self._requests.submit(asked)
            except CallFailed as error:
                if again and code_of(error) in row.again:
                    return {}
                if not (left and row.is_known_again and may_have_taken_effect(error)):
                    raise
                pause = after_trouble(request, f"submitting {request.resource.label}", error, pause)
            await self._asking.sleep(pause)
            again = True
        raise AssertionError("the last attempt returns or raises")

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """Describe a job until it has ended."""
        row, reference = self._job(request), decode(job)
        parameters = filled(row.describe.parameters, reference)
        described: dict[str, Any] | None = None

        async def look() -> Seen:
            nonlocal described
            try:
                described = await self._asking.ask(request, row.describe.operation, parameters)
            except CallFailed as error:
                if row.ends_gone and code_of(error) in _GONE:
                    return Seen(Succeeded(Document(None, _result(row, reference, described or reference))))
                raise
            trouble = None if at(described, row.status) else _not_there(reference)
            return Seen(_end(row, reference, described), trouble)

        return await watch_for_end(request, job, look, self._asking.sleep)

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Stop a job, where AWS would."""
        row, reference = self._job(request), decode(job)
        if row.stop is not None:
            asked = replace(request, role_arn=reference.get(ROLE))
            parameters = filled(row.stop.parameters, reference)
            await self._asking.ask_often(asked, row.stop.operation, parameters, STOP_ATTEMPTS)

    def _job(self, request: TaskRequest) -> Job:
        return self._jobs[request.resource.service][request.resource.action]


def _end(job: Job, reference: Reference, described: dict[str, Any]) -> Succeeded | Failed | None:
    """Return how a job has ended, or None while it goes on."""
    status = at(described, job.status)
    if status not in job.succeeded and status not in job.failed:
        return None
    result = _result(job, reference, described)
    went_well = status in job.succeeded and (job.went_well is None or job.went_well(result))
    document = Document(None, result)
    return Succeeded(document) if went_well else failed(TASK_FAILED, document.text)


def _result(job: Job, reference: Reference, described: Mapping[str, Any]) -> dict[str, Any]:
    result = unmarked(at(described, job.result) or {})
    if job.named:
        return {job.named: result}
    return {**result, **{name: reference[name] for name in job.kept}}


def _not_there(reference: Reference) -> Failed:
    shown = ", ".join(value for name, value in reference.items() if name != ROLE)
    return failed(TASK_FAILED, f"The job {shown} was submitted, but its service doesn't know it (any more).")
