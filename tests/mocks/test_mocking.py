import asyncio
from dataclasses import replace

import pytest

from stepwell.integrations.mocks import MockedResponses, MockingIntegrations
from stepwell.integrations.mocks.integration import MOCKED_JOB
from stepwell.integrations.port import Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource

REAL = Succeeded(Document(None, "real"))
PAID = Succeeded(Document(None, {"paid": True}))
BUSY = Failed("Busy", "try later")
INVOKED = Succeeded(Document(None, {"StatusCode": 200, "Payload": [1]}))
SERVICE = "arn:aws:states:::dynamodb:putItem"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:pay"
TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


class Real:
    """A service that notes what it is asked for."""

    def __init__(self):
        self.asked = []

    async def call(self, request):
        self.asked.append("call")
        return REAL

    async def watch(self, request, job):
        self.asked.append(job)
        return REAL

    async def stop(self, request, job):
        self.asked.append(job)


@pytest.fixture
def real():
    return Real()


@pytest.fixture
def registry(real):
    responses = {"Charge": {0: BUSY, 1: PAID}, "Invoke": {0: INVOKED}}
    served = dict.fromkeys(("dynamodb", "sqs", "function", "states"), real)
    return MockingIntegrations(served, MockedResponses({("Orders", "Case"): responses}))


def request(resource=SERVICE, **fields):
    given = {
        "resource": parse_resource(resource), "parameters": Document("{}"), "account": "123456789012",
        "region": "us-east-1", "execution_arn": "arn:aws:states:us-east-1:123456789012:execution:Orders:run",
        "idempotency_key": "key", "state_name": "Charge", "test_case": "Case",
    }  # fmt: skip
    return TaskRequest(**given | fields)


def called(registry, asked):
    return asyncio.run(registry.find(asked.resource).call(asked))


def test_each_attempt_has_its_own_answer(registry, real):
    assert called(registry, request(attempt=0)) is BUSY
    assert called(registry, request(attempt=1)) is PAID
    assert real.asked == []


def test_an_attempt_without_an_answer_fails_the_execution(registry):
    answer = called(registry, request(attempt=2))
    assert answer.error == "States.Runtime"
    assert "no mocked response for attempt 2 at the state 'Charge'" in answer.cause


def test_an_execution_without_a_test_case_calls_the_service(registry, real):
    assert called(registry, request(test_case=None)) is REAL
    assert called(registry, request(state_name="Ship")) is REAL
    assert real.asked == ["call", "call"]


def test_a_resource_that_nothing_serves_can_be_mocked(registry):
    assert called(registry, request("arn:aws:states:::sns:publish", attempt=1)) is PAID


def test_a_function_has_the_payload_for_its_result(registry):
    assert called(registry, request(FUNCTION, state_name="Invoke")).output.value == [1]
    assert called(registry, request("arn:aws:states:::lambda:invoke", state_name="Invoke")) is INVOKED
    assert called(registry, request(FUNCTION, attempt=1)).output.value == {"paid": True}


def test_the_children_of_a_map_belong_to_the_test_case(registry):
    arn = "arn:aws:states:us-east-1:123456789012:execution:Orders/Each:run"
    assert called(registry, request(execution_arn=arn, attempt=1)) is PAID


@pytest.mark.parametrize("attempt", [0, 1])
def test_what_waits_for_a_token_is_submitted_and_ends_by_itself(registry, real, attempt):
    asked = request(TOKEN, attempt=attempt)
    submitted = called(registry, asked)
    assert isinstance(submitted, Submitted)
    assert submitted.job == MOCKED_JOB
    ended = asyncio.run(registry.find(asked.resource).watch(asked, MOCKED_JOB))
    assert ended is (BUSY, PAID)[attempt]
    asyncio.run(registry.find(asked.resource).stop(asked, MOCKED_JOB))
    assert real.asked == []


def test_a_real_job_is_watched_and_stopped_by_its_service(registry, real):
    asked = replace(request("arn:aws:states:::states:startExecution.sync"), test_case=None)
    assert asyncio.run(registry.find(asked.resource).watch(asked, "job")) is REAL
    asyncio.run(registry.find(asked.resource).stop(asked, "job"))
    assert real.asked == ["job", "job"]
