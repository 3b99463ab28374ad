"""Values between states and services, by models of the services themselves."""

from datetime import UTC, datetime

import botocore.session
import pytest

from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES, Service
from stepwell.integrations.aws.shapes import WrongParameter, to_members
from stepwell.language.resources import OPTIMIZED

SDK = Service("x", "X", "X")


@pytest.fixture(scope="module")
def operation():
    session = botocore.session.get_session()
    return lambda service, name: session.get_service_model(service).operation_model(name)


def test_parameters_have_the_names_of_the_sdk_or_of_the_model_at_any_depth(operation):
    shape = operation("ecs", "RunTask").input_shape
    given = {
        "TaskDefinition": "t",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"]}},
        "Tags": [{"Key": "a", "Value": "b"}],
        "Cluster": None,
    }
    assert to_members(given, shape) == {
        "taskDefinition": "t",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s"]}},
        "tags": [{"key": "a", "value": "b"}],
    }
    described = operation("rds", "DescribeDBInstances").input_shape
    for name in ("DBInstanceIdentifier", "DbInstanceIdentifier"):
        assert to_members({name: "i"}, described) == {"DBInstanceIdentifier": "i"}


def test_the_keys_of_maps_are_the_users(operation):
    shape = operation("dynamodb", "PutItem").input_shape
    given = {"TableName": "t", "Item": {"id": {"S": "1"}, "m": {"M": {"x": {"BOOL": True}}}}}
    assert to_members(given, shape) == given


def test_a_text_may_be_given_as_any_json(operation):
    send = operation("sqs", "SendMessage").input_shape
    assert to_members({"MessageBody": {"a": [1, None]}}, send) == {"MessageBody": '{"a":[1,null]}'}
    put = operation("s3", "PutObject").input_shape
    assert to_members({"Body": ["List", 1]}, put) == {"Body": b'["List",1]'}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"QueueUr": "q"}, 'The field "QueueUr" is not supported by Step Functions'),
        ({"DelaySeconds": "soon"}, "The value of the field 'DelaySeconds' has an invalid format"),
        ({"DelaySeconds": True}, "The value of the field 'DelaySeconds' has an invalid format"),
        ({"DelaySeconds": 1.5}, "The value of the field 'DelaySeconds' has an invalid format"),
        ({"MessageAttributes": []}, "The value of the field 'MessageAttributes' has an invalid format"),
        ({"MessageAttributes": {"a": "b"}}, "The value of the field 'MessageAttributes' has an invalid format"),
        ([], "The value of the field 'Parameters' has an invalid format"),
    ],
)
def test_a_wrong_parameter_is_told_by_its_name(operation, given, problem):
    with pytest.raises(WrongParameter) as told:
        to_members(given, operation("sqs", "SendMessage").input_shape)
    assert str(told.value) == problem


def test_scalars_are_taken_from_texts(operation):
    put = operation("s3", "PutObject").input_shape
    given = {"ContentLength": "3", "BucketKeyEnabled": "true", "Expires": "2026-01-01T00:00:00Z"}
    assert to_members(given, put) == {"ContentLength": 3, "BucketKeyEnabled": True, "Expires": 1_767_225_600.0}
    with pytest.raises(WrongParameter):
        to_members({"Expires": "tomorrow"}, put)
    with pytest.raises(WrongParameter):
        to_members({"BucketKeyEnabled": "perhaps"}, put)


def test_an_answer_has_pascal_case_times_and_texts(operation):
    shape = operation("s3", "GetObject").output_shape
    answer = {
        "Body": b"text",
        "LastModified": datetime(2026, 1, 1, tzinfo=UTC),
        "ETag": '"e"',
        "Metadata": {"a-b": "c"},
    }
    assert SDK.shown(answer, shape) == {
        "Body": "text",
        "ETag": '"e"',
        "LastModified": "2026-01-01T00:00:00Z",
        "Metadata": {"a-b": "c"},
    }
    assert SDK.shown({"Body": b"\xff"}, shape) == {"Body": "/w=="}


def test_optimized_integrations_show_times_as_milliseconds(operation):
    shape = operation("ecs", "RunTask").output_shape
    answer = {"tasks": [{"taskArn": "a", "createdAt": datetime(2026, 1, 1, microsecond=500_000, tzinfo=UTC)}]}
    shown = OPTIMIZED_SERVICES["ecs"].shown(answer, shape)
    assert shown == {"Tasks": [{"TaskArn": "a", "CreatedAt": 1_767_225_600_500}]}


def test_every_optimized_integration_has_its_service():
    elsewhere = {"lambda", "states", "http", "apigateway"}
    assert set(OPTIMIZED) - elsewhere == set(OPTIMIZED_SERVICES)
