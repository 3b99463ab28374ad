"""`bedrock:invokeModel`, with answers that are laid down."""

import asyncio

import botocore.session
import pytest

from stepwell.aws import Reply
from stepwell.integrations.aws.optimized import OptimizedIntegration
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource

ANSWERS = {
    "InvokeModel": {"body": b'{"text":"hello"}', "contentType": "application/json"},
    "GetObject": {"Body": b'{"prompt":"from s3"}'},
    "PutObject": {},
}


class Aws:
    def __init__(self):
        self.called = []
        self._session = botocore.session.get_session()

    async def model(self, service):
        return self._session.get_service_model(service)

    async def call(self, service, operation, parameters, **_):
        self.called.append((service, operation, parameters))
        return Reply(ANSWERS[operation])


@pytest.fixture
def invoke():
    def once(**parameters):
        aws = Aws()
        resource = parse_resource("arn:aws:states:::bedrock:invokeModel")
        request = TaskRequest(resource, Document(None, parameters), "123456789012", "eu-west-1", "e", "k")
        return asyncio.run(OptimizedIntegration(aws).call(request)), aws.called

    return once


def test_the_body_is_json_in_both_directions(invoke):
    answer, ((service, operation, parameters),) = invoke(ModelId="m", Body={"prompt": "p"})
    assert answer.output.value == {"Body": {"text": "hello"}, "ContentType": "application/json"}
    assert (service, operation) == ("bedrock-runtime", "InvokeModel")
    assert parameters == {
        "modelId": "m",
        "body": b'{"prompt":"p"}',
        "contentType": "application/json",
    }


def test_the_body_may_rest_in_amazon_s3_before_and_after(invoke):
    answer, called = invoke(ModelId="m", Input={"S3Uri": "s3://b/in/1"}, Output={"S3Uri": "s3://b/out"})
    assert [operation for _, operation, _ in called] == ["GetObject", "InvokeModel", "PutObject"]
    assert called[1][2]["body"] == b'{"prompt":"from s3"}'
    assert called[2][2] == {"Bucket": "b", "Key": "out", "Body": b'{"text":"hello"}', "ContentType": "application/json"}
    assert answer.output.value["Body"] == "s3://b/out"


def test_a_place_that_is_none_is_told(invoke):
    answer, called = invoke(ModelId="m", Input={"S3Uri": "b/in"})
    assert answer.error == "States.Runtime"
    assert answer.cause.endswith("[The value of the field 'Input' has an invalid format]")
    assert called == []
