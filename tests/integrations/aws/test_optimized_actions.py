"""Every action of the optimized integrations leads somewhere: what leads nowhere would be tried for ever."""

import asyncio

import botocore.session
import pytest

from jobs.fake import request
from stepwell.aws import Reply
from stepwell.integrations.aws.calls import Answered
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES
from stepwell.integrations.aws.names import capitalised
from stepwell.integrations.aws.optimized import ADAPTERS, operation_of
from stepwell.integrations.aws.shapes import to_members
from stepwell.language.parameters import known_fields
from stepwell.language.resources import OPTIMIZED, parse_resource

SESSION = botocore.session.get_session()
CLUSTERS = {"eks:call", "eks:runJob"}
ACTIONS = [(service, action) for service in OPTIMIZED_SERVICES for action in OPTIMIZED[service]]


@pytest.mark.parametrize(("service", "action"), ACTIONS)
def test_an_action_is_an_operation_of_its_service_or_has_an_adapter_or_goes_to_a_cluster(service, action):
    name = f"{service}:{action}"
    operations = SESSION.get_service_model(OPTIMIZED_SERVICES[service].name).operation_names
    assert [name in ADAPTERS, name in CLUSTERS, operation_of(action) in operations].count(True) >= 1


@pytest.mark.parametrize(("said", "body"), [('{"text":"hello"}', {"text": "hello"}), ("not JSON", "not JSON")])
def test_a_model_is_invoked_with_json_and_answers_with_json(said, body):
    class Bedrock:
        async def ask(self, request, service, operation, parameters):
            shape = SESSION.get_service_model(service.name).operation_model(operation).input_shape
            assert to_members(parameters, shape) == {
                "modelId": "m",
                "body": b'{"prompt":"hi"}',
                "contentType": "application/json",
            }
            return Answered({"Body": said, "ContentType": "application/json"}, Reply({}))

    asked = request("bedrock:invokeModel", {"ModelId": "m", "Body": {"prompt": "hi"}}, "")
    answer = asyncio.run(ADAPTERS["bedrock:invokeModel"](Bedrock(), asked, OPTIMIZED_SERVICES["bedrock"]))
    assert answer == {"Body": body, "ContentType": "application/json"}


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sqs", "SendMessage", "sqs:sendMessage"),
        ("sns", "Publish", "sns:publish"),
        ("events", "PutEvents", "events:putEvents"),
        ("stepfunctions", "StartExecution", "states:startExecution"),
    ],
)
def test_the_fields_that_are_known_without_a_model_are_those_of_the_model(service, operation, action):
    members = SESSION.get_service_model(service).operation_model(operation).input_shape.members
    resource = parse_resource(f"arn:aws:states:::{action}")
    assert {capitalised(member) for member in members} == set(known_fields(resource) or ())
