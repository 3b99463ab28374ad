import pytest

from stepwell.language.resources import parse_resource
from stepwell.testing.models import result_shape
from stepwell.testing.refusal import TestRefused
from stepwell.testing.schemas import PRESENT, STRICT, check_result, sdk_name

STATES = "arn:aws:states:::"
LESS = "Field 'Timeout' is less than the minimum value"


def problem(resource, value, mode=STRICT):
    with pytest.raises(TestRefused) as caught:
        check_result(parse_resource(STATES + resource), value, mode)
    return caught.value.message.removeprefix("Mock result schema validation error: ")


@pytest.mark.parametrize(
    ("resource", "value", "expected"),
    [
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": ""}, "Field 'CiphertextBlob' is smaller than the minimum length"),
        ("aws-sdk:lambda:getFunction", {"Configuration": {"Timeout": 0}}, LESS),
        ("aws-sdk:lambda:getFunction", {"Configuration": {"Timeout": "1"}}, "Field 'Timeout' must be a number"),
        ("aws-sdk:lambda:getFunction", {"Configuration": []}, "Field 'Configuration' must be an object"),
        ("aws-sdk:s3:getObject", {"StorageClass": "Papyrus"}, "Field 'StorageClass' is not an expected value"),
        ("aws-sdk:s3:getObject", {"DeleteMarker": "no"}, "Field 'DeleteMarker' must be a boolean"),
        ("aws-sdk:sfn:startExecution", {"ExecutionArn": "a"}, "Required field 'StartDate' is missing"),
        ("events:putEvents", {"Entries": {}}, "Field 'Entries' must be an array"),
        ("events:putEvents", {"Entries": [{"EventId": 1}]}, "Field 'EventId' must be a string"),
        ("dynamodb:getItem", {"Item": {"id": {"S": 1}}}, "Field 'S' must be a string"),
        ("dynamodb:getItem", {"Item": {"id": 1}}, "Field 'id' must be an object"),
        ("states:startExecution.sync:2", {"Status": "Odd"}, "Required field 'ExecutionArn' is missing"),
    ],
)  # fmt: skip
def test_a_result_that_the_service_could_not_have_given_is_refused(resource, value, expected):
    assert problem(resource, value) == expected


@pytest.mark.parametrize(
    ("resource", "value"),
    [
        ("events:putEvents", {"Unknown": 1}),
        ("lambda:invoke", {"Payload": {"any": "JSON"}, "StatusCode": 200}),
        ("sqs:sendMessage.waitForTaskToken", [1]),
        ("http:invoke", 1),
        ("apigateway:invoke", {"approval": True}),
        ("aws-sdk:nosuchservice:doIt", 1),
        ("aws-sdk:s3:noSuchAction", 1),
        ("aws-sdk:rds:describeDBClusters", {"DBClusters": [{"DbClusterArn": "arn"}]}),
        ("ecs:runTask.sync", 1),
    ],
)
def test_what_is_not_known_to_be_wrong_is_taken(resource, value):
    check_result(parse_resource(STATES + resource), value, STRICT)


def test_present_asks_for_no_field():
    check_result(parse_resource(f"{STATES}states:startExecution"), {}, PRESENT)
    assert problem("states:startExecution", {"StartDate": 1}, PRESENT) == "Field 'StartDate' must be a string"


@pytest.mark.parametrize(
    ("resource", "shape"),
    [
        ("aws-sdk:eventbridge:putEvents", "PutEventsResponse"),
        ("aws-sdk:cloudwatchlogs:getLogEvents", "GetLogEventsResponse"),
        ("aws-sdk:cognitoidentityprovider:adminGetUser", "AdminGetUserResponse"),
        ("aws-sdk:elasticloadbalancingv2:describeTags", "DescribeTagsOutput"),
        ("elasticmapreduce:createCluster", "RunJobFlowOutput"),
        ("emr-containers:startJobRun", "StartJobRunResponse"),
        ("bedrock:invokeModel", "InvokeModelResponse"),
    ],
)
def test_the_model_of_a_service_is_found_by_the_key_of_the_sdk(resource, shape):
    assert result_shape(parse_resource(STATES + resource)).name == shape


def test_names_are_those_of_the_sdk():
    assert [sdk_name(name) for name in ("DBClusterArn", "KMSKeyId", "executionArn", "InstanceID")] == [
        *("DbClusterArn", "KmsKeyId", "ExecutionArn", "InstanceId"),
    ]
