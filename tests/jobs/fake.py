"""A service with a script: what it answers to each operation, one answer after the other, and the last for ever."""

import asyncio
import json

from stepwell.aws import AwsError, Reply
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.jobs import JOBS, JobsIntegration
from stepwell.integrations.port import Failed, Succeeded, TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource

KEY = "0c5fa3f1-7c1c-4a37-9d4d-3d9a5b6c7d8e"


def refusal(code, status=400):
    return AwsError(code, "No.", status)


class Service:
    """Answers submissions and questions (`ask`); a script holds what is answered or raised."""

    def __init__(self, **script):
        self.script = {operation: list(answers) for operation, answers in script.items()}
        self.called = []
        self.submitted = []
        self.asked = []
        self.slept = []

    async def call(self, request):
        self.called.append(request)
        return Succeeded(Document(None, "passed on"))

    async def submit(self, request):
        self.submitted.append(request)
        return self._answer("submit")

    async def ask(self, request, service, operation, parameters, *, once):
        assert not once, "it would get a token that belongs to the submission"
        self.asked.append((operation, dict(parameters), request.role_arn))
        return Answered(self._answer(operation), Reply({}))

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def _answer(self, operation):
        answers = self.script[operation]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise CallFailed(Failed(f"Service.{getattr(answer, 'code', 'Error')}", str(answer))) from answer
        return answer

    @property
    def operations(self):
        return [operation for operation, _, _ in self.asked]

    @property
    def integration(self):
        return JobsIntegration(JOBS, self, self, self.sleep)


def request(action, parameters=None, pattern=".sync", **more):
    return TaskRequest(
        resource=parse_resource(f"arn:aws:states:::{action}{pattern}"),
        parameters=Document(json.dumps(parameters or {})),
        account="123456789012",
        region="us-east-1",
        execution_arn="arn:aws:states:us-east-1:123456789012:execution:m:e",
        idempotency_key=KEY,
        **more,
    )
