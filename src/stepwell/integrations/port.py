"""What lies between the durable engine and whatever a Task calls.

The runtime hands a committed task over as a `TaskRequest` and awaits one `Answer`. A task is handed over at least
once: after a crash it comes again, with the same `idempotency_key`. What an integration raises beyond these answers is
a bug of the integration: the runtime reports it and hands the task over again.
"""

from dataclasses import dataclass
from typing import Protocol

from stepwell.language.document import Document
from stepwell.language.resources import Resource


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """One attempt of one Task, as it is handed over."""

    resource: Resource
    parameters: Document
    """What the function or the service is given, after InputPath and Parameters."""
    account: str
    region: str
    execution_arn: str
    idempotency_key: str
    """A UUID that stays the same when this attempt is handed over again, and differs for the next attempt."""
    redelivered: bool = False
    """Whether this attempt may have been handed over before."""
    timeout_seconds: float | None = None
    """How long the state will wait, or None; who calls may give up then."""
    state_name: str = ""
    attempt: int = 0
    """How many times this visit of the state was retried before."""
    test_case: str | None = None
    """The test case, of the file of mocked responses, that the execution was started with."""
    role_arn: str | None = None
    """The role of the state's Credentials, where it has any."""
    execution_role_arn: str = ""
    """The role of the state machine."""
    reveal_secrets: bool = False
    """Whether the answer's exchange may show secrets."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went over HTTP, for whoever looks into a single call: members named as TestState shows them."""

    request: dict[str, str]
    response: dict[str, str]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The task is done: its raw result."""

    output: Document
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The task failed: what Retry and Catch see."""

    error: str | None
    cause: str | None
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service has taken the job, or the token, on: the state goes on waiting. `job` names what is waited for."""

    output: Document
    job: str | None = None


Answer = Succeeded | Failed | Submitted


class Integration(Protocol):
    """What can be called: one object for all the resources that it is registered for."""

    async def call(self, request: TaskRequest) -> Answer:
        """Do what the request says. Cancelled when the state no longer waits (timed out, stopped).

        What submits a job (`.sync`) isn't cancelled then: its job is stopped as soon as it is known.
        """


class JobIntegration(Integration, Protocol):
    """What takes jobs on (`Submitted` with a job) also knows when they end, and can stop them."""

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """Wait until a job that was taken on ends. Called anew after a restart."""

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Stop a job that nobody waits for any more, as well as that can be done."""
