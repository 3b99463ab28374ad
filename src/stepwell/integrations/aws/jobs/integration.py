"""Submitting a job, waiting for its end, stopping it: the same for all kinds, by their rows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from stepwell.aws import AnswerTooLarge, AwsError, AwsUnreachable, NoSuchCall
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES, Service
from stepwell.integrations.aws.failures import TASK_FAILED, CallFailed, failed
from stepwell.integrations.aws.jobs.job import Find, Job, Reference, at, filled, prepared, referred
from stepwell.integrations.port import Answer, Failed, Integration, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, decode, to_text
from stepwell.language.resources import SYNC

log = logging.getLogger("stepwell.jobs")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
PAUSE_FACTOR = 1.25
"""A job of some seconds is noticed within a second, one of hours within half a minute."""
MOST_AT_ONCE = 32
"""Descriptions that are asked for at the same time, of all jobs together."""
PATIENCE_SECONDS = 300.0
"""How long a service may say that it doesn't know a job, or doesn't show it, until the job is given up."""
STOP_ATTEMPTS = 5
MOST_PAGES = 20
"""Pages of a listing in which a job is looked for that may have been submitted before."""

_ROLE = "@RoleArn"
"""Beside a job's reference: the role as which it was submitted."""
_GONE = frozenset({"ResourceNotFoundException"})
_PASSING = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "LimitExceededException", "SlowDown", "RequestTimeout", "ServiceUnavailable", "ServerException",
        "InternalFailure", "InternalServerException", "ExpiredToken", "ExpiredTokenException", "RequestExpired",
    }
)  # fmt: skip
_TOO_MANY_REQUESTS, _SERVER_ERRORS = 429, 500


class Requests(Integration, Protocol):
    """The same services, request and response."""

    async def submit(self, request: TaskRequest) -> dict[str, Any]:
        """Call the action, and return its result. Raise `CallFailed`."""


class Calls(Protocol):
    """The services, beyond what a state asks of them."""

    async def ask(
        self, request: TaskRequest, service: Service, operation: str, parameters: Any, *, once: bool = True
    ) -> Answered:
        """Call an operation, named and answered as states have it. Raise `CallFailed`."""


class JobsIntegration:
    """Serves the services that have jobs. What is no job goes to `requests`, as do the submissions."""

    def __init__(
        self,
        jobs: Mapping[str, Mapping[str, Job]],
        requests: Requests,
        calls: Calls,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._jobs = jobs
        self._requests = requests
        self._calls = calls
        self._sleep = sleep
        self._asking = asyncio.Semaphore(MOST_AT_ONCE)

    async def call(self, request: TaskRequest) -> Answer:
        """Submit a job; or do whatever else the resource says."""
        resource, given = request.resource, request.parameters.value
        row = self._jobs.get(resource.service, {}).get(resource.action)
        if row is None or resource.pattern != SYNC:
            return await self._requests.call(request)
        wanted = prepared(row, given if isinstance(given, dict) else {}, request.idempotency_key)
        try:
            found = await self._find(request, row.find, wanted) if request.redelivered and row.find else None
            if found is not None:
                return _submitted(request, found, found)
            output = await self._requests.submit(replace(request, parameters=Document(value=wanted)))
        except CallFailed as error:
            if request.redelivered and _code(error) in row.again:
                reference = referred(row.reference, wanted)
                return _submitted(request, reference, reference)
            return error.failure
        reference = referred(row.reference, output, wanted)
        if len(reference) < len(row.reference):
            said = f"The service {resource.service} took the request, but its answer names no job: "
            return failed(TASK_FAILED, said + to_text(output))
        return _submitted(request, output, reference)

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """Describe a job until it has ended."""
        row, reference = self._job(request), decode(job)
        pause, unseen, described = FIRST_PAUSE_SECONDS, 0.0, None
        while True:
            try:
                described = await self._ask(request, row.describe.operation, filled(row.describe.parameters, reference))
                ended = _end(row, reference, described)
                if ended is not None:
                    return ended
                trouble = None if at(described, row.status) else _not_there(reference)
            except CallFailed as error:
                if row.ends_gone and _code(error) in _GONE:
                    return Succeeded(Document(value=_result(row, reference, described or reference)))
                trouble = None if _is_passing(error) else error.failure
                pause = _told(request, job, error, pause)
            unseen = 0.0 if trouble is None else unseen + pause
            if trouble is not None and unseen > PATIENCE_SECONDS:
                return trouble
            await self._sleep(pause)
            pause = min(pause * PAUSE_FACTOR, LONGEST_PAUSE_SECONDS)

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Stop a job, where AWS would."""
        row, reference = self._job(request), decode(job)
        if row.stop is None:
            return
        asked = replace(request, role_arn=reference.get(_ROLE))
        pause = FIRST_PAUSE_SECONDS
        for left in reversed(range(STOP_ATTEMPTS)):
            try:
                await self._ask(asked, row.stop.operation, filled(row.stop.parameters, reference))
                return
            except CallFailed as error:
                if not left or not _is_passing(error):
                    raise
            await self._sleep(pause)
            pause *= 2

    def _job(self, request: TaskRequest) -> Job:
        return self._jobs[request.resource.service][request.resource.action]

    async def _ask(self, request: TaskRequest, operation: str, parameters: Any) -> dict[str, Any]:
        async with self._asking:
            service = OPTIMIZED_SERVICES[request.resource.service]
            return (await self._calls.ask(request, service, operation, parameters, once=False)).output

    async def _find(self, request: TaskRequest, find: Find, wanted: Mapping[str, Any]) -> Reference | None:
        """Return the reference of the job that this very task has submitted before, if it has."""
        key = request.idempotency_key
        listing = filled(find.listing.parameters, wanted)
        for _ in range(MOST_PAGES):
            try:
                page = await self._patiently(request, find.listing.operation, listing)
            except CallFailed as error:
                if _code(error) in find.absent:
                    return None
                raise
            for item in at(page, find.items) or () if find.items else (page,):
                if any(at(item, name) != wanted.get(other) for name, other in find.same.items()):
                    continue
                reference = referred(find.reference, item, wanted)
                if key in to_text(item) or await self._proves(request, find, {**item, **reference}):
                    return reference
            if not find.page or not page.get(find.page):
                break
            listing = {**listing, find.page: page[find.page]}
        return None

    async def _proves(self, request: TaskRequest, find: Find, values: Mapping[str, Any]) -> bool:
        if find.proof is None:
            return False
        shown = await self._patiently(request, find.proof.operation, filled(find.proof.parameters, values))
        return request.idempotency_key in to_text(shown)

    async def _patiently(self, request: TaskRequest, operation: str, parameters: Any) -> dict[str, Any]:
        """Ask until there is an answer: without one, nothing may be submitted."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await self._ask(request, operation, parameters)
            except CallFailed as error:
                if not _is_passing(error):
                    raise
                pause = _told(request, operation, error, pause)
            await self._sleep(pause)


def _submitted(request: TaskRequest, output: Mapping[str, Any], reference: Reference) -> Submitted:
    noted = reference if request.role_arn is None else {**reference, _ROLE: request.role_arn}
    return Submitted(Document(value=output), to_text(noted))


def _end(job: Job, reference: Reference, described: dict[str, Any]) -> Succeeded | Failed | None:
    """Return how a job has ended, or None while it goes on."""
    status = at(described, job.status)
    if status not in job.succeeded and status not in job.failed:
        return None
    result = _result(job, reference, described)
    went_well = status in job.succeeded and (job.went_well is None or job.went_well(result))
    document = Document(value=result)
    return Succeeded(document) if went_well else failed(TASK_FAILED, document.text)


def _result(job: Job, reference: Reference, described: Mapping[str, Any]) -> dict[str, Any]:
    result = at(described, job.result) or {}
    if job.named:
        return {job.named: result}
    return {**result, **{name: reference[name] for name in job.kept}}


def _not_there(reference: Reference) -> Failed:
    shown = ", ".join(value for name, value in reference.items() if name != _ROLE)
    return failed(TASK_FAILED, f"The job {shown} was submitted, but its service doesn't know it (any more).")


def _code(error: CallFailed) -> str:
    """Return the code of the service's refusal; empty where the call failed otherwise."""
    return error.__cause__.code if isinstance(error.__cause__, AwsError) else ""


def _is_passing(error: CallFailed) -> bool:
    """Return whether the same question may well be answered later."""
    cause = error.__cause__
    if isinstance(cause, AwsError):
        return cause.code in _PASSING or cause.status == _TOO_MANY_REQUESTS or cause.status >= _SERVER_ERRORS
    return isinstance(cause, AwsUnreachable) and not isinstance(cause, AnswerTooLarge | NoSuchCall)


def _told(request: TaskRequest, what: str, error: CallFailed, pause: float) -> float:
    """Return a longer pause, for the service's sake; log why, until the pause is as long as it gets."""
    longer = min(pause * 2, LONGEST_PAUSE_SECONDS)
    if longer > pause:
        log.warning("%s of %s: %s; asked again in %g s", what, request.execution_arn, error, longer)
    return longer
