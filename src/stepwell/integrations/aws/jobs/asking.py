"""Asking services about jobs: some questions at a time, each for a bounded time; and which errors pass."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from stepwell.aws import AnswerTooLarge, AwsError, AwsUnreachable, NoCredentials, NoSuchCall
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES, Service
from stepwell.integrations.aws.failures import CallFailed, unreachable
from stepwell.integrations.port import TaskRequest

log = logging.getLogger("stepwell.jobs")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
PAUSE_FACTOR = 1.25
"""A job of some seconds is noticed within a second, one of hours within half a minute."""
MOST_AT_ONCE = 32
"""Questions to a service at the same time, about all jobs together."""
ANSWER_SECONDS = 60.0
"""How long an answer may take."""

_PASSING = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "LimitExceededException", "SlowDown", "RequestTimeout", "ServiceUnavailable", "ServerException",
        "InternalFailure", "InternalServerException", "ExpiredToken", "ExpiredTokenException", "RequestExpired",
    }
)  # fmt: skip
_TOO_MANY_REQUESTS, _SERVER_ERRORS = 429, 500


Sleep = Callable[[float], Awaitable[None]]
_T = TypeVar("_T")


class Calls(Protocol):
    """The services, beyond what a state asks of them."""

    async def ask(
        self, request: TaskRequest, service: Service, operation: str, parameters: Any, *, once: bool = True
    ) -> Answered:
        """Call an operation, named and answered as states have it. Raise `CallFailed`."""


class Asking:
    """Asks the service of a task. `sleep` is what pauses are made with."""

    def __init__(self, calls: Calls, sleep: Sleep) -> None:
        self._calls = calls
        self._under_way: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_AT_ONCE))
        self.sleep = sleep

    async def ask(self, request: TaskRequest, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation, as the task's role, and return its answer. Raise `CallFailed`."""
        service = OPTIMIZED_SERVICES[request.resource.service]
        async with self._under_way[service.name]:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return (await self._calls.ask(request, service, operation, parameters, once=False)).output
            except TimeoutError:
                words = f"Unable to execute HTTP request: no answer within {ANSWER_SECONDS:g} s"
                raise CallFailed(unreachable(service, words)) from AwsUnreachable(words)

    async def ask_often(
        self, request: TaskRequest, operation: str, parameters: Mapping[str, Any], attempts: int | None
    ) -> dict[str, Any]:
        """Ask so often, or without a number until there is an answer. Raise `CallFailed`."""
        return await insistently(
            lambda: self.ask(request, operation, parameters), request, operation, attempts, self.sleep
        )


async def insistently(
    ask: Callable[[], Awaitable[_T]], request: TaskRequest, what: str, attempts: int | None, sleep: Sleep
) -> _T:
    """Ask so often, or without a number until there is an answer. Raise `CallFailed`."""
    pause, asked = FIRST_PAUSE_SECONDS, 0
    while True:
        try:
            return await ask()
        except CallFailed as error:
            asked += 1
            if asked == attempts or not is_passing(error):
                raise
            pause = after_trouble(request, what, error, pause)
        await sleep(pause)


def code_of(error: CallFailed) -> str:
    """Return the code of the service's refusal; empty where the call failed otherwise."""
    return error.__cause__.code if isinstance(error.__cause__, AwsError) else ""


def is_passing(error: CallFailed) -> bool:
    """Return whether the same question may well be answered later."""
    cause = error.__cause__
    if isinstance(cause, AwsError):
        return cause.code in _PASSING or cause.status == _TOO_MANY_REQUESTS or cause.status >= _SERVER_ERRORS
    return isinstance(cause, AwsUnreachable) and not isinstance(cause, AnswerTooLarge | NoSuchCall)


def may_have_taken_effect(error: CallFailed) -> bool:
    """Return whether what was asked may have been done, though there was no answer that says so."""
    cause = error.__cause__
    if isinstance(cause, AwsError):
        return cause.status >= _SERVER_ERRORS
    return is_passing(error) and not isinstance(cause, NoCredentials)


def after_trouble(request: TaskRequest, what: str, error: CallFailed, pause: float) -> float:
    """Return a longer pause, for the service's sake; log why, until the pause is as long as it gets."""
    longer = min(pause * 2, LONGEST_PAUSE_SECONDS)
    if longer > pause:
        log.warning("%s of %s: %s; asked again in %g s", what, request.execution_arn, error, longer)
    return longer
