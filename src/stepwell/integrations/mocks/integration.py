"""Answering Tasks from the mocked responses, in front of the integrations that answer all others.

What waits for a task token or a job is taken on at once, and then ends by itself with what is mocked: so its history
has the events of a real one. Its job has a name that no service gives, and a restart changes nothing about its end.
"""

from typing import cast

from stepwell.integrations.mocks.file import MockedResponses
from stepwell.integrations.port import Answer, Failed, Integration, JobIntegration, Submitted, Succeeded, TaskRequest
from stepwell.integrations.registry import Integrations
from stepwell.language.document import Document
from stepwell.language.resources import Resource

MOCKED_JOB = "mocked"
_NOTHING = Document("{}")


class MockingIntegrations(Integrations):
    """A registry whose integrations answer from mocked responses first."""

    has_mocks = True

    def __init__(self, served: dict[str, Integration], mocks: MockedResponses) -> None:
        super().__init__(served)
        self._mocks = mocks

    def has_test_case(self, state_machine: str, test_case: str) -> bool:
        """Return whether there is a test case of this name for a state machine."""
        return self._mocks.has_test_case(state_machine, test_case)

    def find(self, resource: Resource) -> Integration:
        """Return what serves a resource."""
        return _Mocking(self._mocks, super().find(resource))


class _Mocking:
    """One integration behind the mocked responses."""

    def __init__(self, mocks: MockedResponses, behind: Integration) -> None:
        self._mocks = mocks
        self._behind = behind
        self._jobs = cast("JobIntegration", behind)  # if there is a job, then what took it on knows of jobs

    async def call(self, request: TaskRequest) -> Answer:
        """Answer with the mocked response of the attempt, where the test case has one for the state."""
        answer = self._mocked(request)
        if answer is None:
            return await self._behind.call(request)
        if not request.resource.pattern:
            return answer
        return Submitted(_NOTHING if isinstance(answer, Failed) else answer.output, MOCKED_JOB)

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """End a job that was taken on."""
        answer = self._mocked(request) if job == MOCKED_JOB else None
        if answer is not None:
            return answer
        return await self._jobs.watch(request, job)

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Stop a job, unless there is none."""
        if job != MOCKED_JOB:
            await self._jobs.stop(request, job)

    def _mocked(self, request: TaskRequest) -> Succeeded | Failed | None:
        if request.test_case is None:
            return None
        machine = request.execution_arn.split(":")[6].partition("/")[0]  # an item of a Map has a label behind it
        response = self._mocks.response(machine, request.test_case, request.state_name)
        if response is None:
            return None
        answer = response.get(request.attempt)
        if answer is None:
            return Failed(
                "States.Runtime",
                f"The test case '{request.test_case}' has no mocked response for attempt {request.attempt} at the "
                f"state '{request.state_name}'.",
            )
        if request.resource.kind == "function" and isinstance(answer, Succeeded):
            return Succeeded(_payload(answer.output))
        return answer


def _payload(answered: Document) -> Document:
    """Return what a function's own ARN has for a result: mocked is the answer of Lambda's Invoke."""
    value = answered.value
    return Document(None, value["Payload"]) if isinstance(value, dict) and "Payload" in value else answered
