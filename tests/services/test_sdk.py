"""AWS SDK integrations through real HTTP to emulated services."""

import json

import pytest
from click.testing import CliRunner

from e2e.server import ROLE, ended
from stepwell.cli import main


def test_objects_go_to_amazon_s3_and_come_back_as_text(run, caught, service):
    run("aws-sdk:s3:createBucket", {"Bucket": "bucket-of-objects"})
    place = {"Bucket": "bucket-of-objects", "Key": "k"}
    put = run("aws-sdk:s3:putObject", place | {"Body": {"a": [1]}})
    assert "SdkHttpMetadata" not in put
    assert service("s3").get_object(**place)["ContentType"] == "text/plain; charset=UTF-8"
    found = run("aws-sdk:s3:getObject", place)
    assert (found["Body"], found["ContentLength"], found["ETag"]) == ('{"a":[1]}', 9, put["ETag"])
    listed = run("aws-sdk:s3:listObjectsV2", {"Bucket": "bucket-of-objects"})
    assert [each["Key"] for each in listed["Contents"]] == ["k"]
    assert listed["Contents"][0]["LastModified"].endswith("Z")
    assert run("aws-sdk:s3:deleteObject", place) == {}
    cause = caught("S3.NoSuchKeyException", "aws-sdk:s3:getObject", place)
    assert cause.startswith("The specified key does not exist. (Service: S3, Status Code: 404, Request ID: ")
    caught("S3.NoSuchBucketException", "aws-sdk:s3:getObject", place | {"Bucket": "bucket-that-is-missing"})


def test_members_have_the_names_of_the_sdk_in_both_directions(run, caught):
    made = {"DbInstanceIdentifier": "db", "DbInstanceClass": "db.t3.micro", "Engine": "postgres"}
    secrets = {"MasterUsername": "u", "MasterUserPassword": "password", "AllocatedStorage": 20}
    run("aws-sdk:rds:createDBInstance", made | secrets)
    (found,) = run("aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "db"})["DbInstances"]
    assert found["DbInstanceArn"].endswith(":db:db")
    caught("Rds.DbInstanceNotFoundException", "aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "x"})


def test_pages_are_followed_by_their_tokens(run, service):
    for number in range(3):
        service("secretsmanager").create_secret(Name=f"s{number}", SecretString="x")
    first = run("aws-sdk:secretsmanager:listSecrets", {"MaxResults": 2})
    rest = run("aws-sdk:secretsmanager:listSecrets", {"MaxResults": 2, "NextToken": first["NextToken"]})
    assert [len(page["SecretList"]) for page in (first, rest)] == [2, 1]


def test_an_operation_that_answers_nothing_gives_an_empty_object(run, service):
    url = service("sqs").create_queue(QueueName="purged")["QueueUrl"]
    assert run("aws-sdk:sqs:purgeQueue", {"QueueUrl": url}) == {}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"QueueUr.$": "$$.State.Name"}, '[The field "QueueUr" is not supported by Step Functions]'),
        ({"QueueUrl": "q", "DelaySeconds": "x"}, "[The value of the field 'DelaySeconds'"),
    ],
)
def test_wrong_parameters_fail_the_execution_and_say_which(sfn, start, parameters, told):
    found = ended(sfn, start("aws-sdk:sqs:sendMessage", parameters))
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert told in found["cause"]


@pytest.mark.parametrize(
    ("resource", "parameters", "unknown"),
    [
        ("aws-sdk:sqs:receiveMessage", {"QueueUrl": "q", "queueUrl": "q"}, "queueUrl"),
        ("aws-sdk:verifiedpermissions:createPolicy", {"Definition": {"static": {"Statement": "x"}}}, "static"),
        ("dynamodb:putItem", {"TableName": "t", "Item": {"a": {"N": "1", "Confidence": 1}}}, "Confidence"),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": {"any": "thing"}, "Body": "b"}, "Body"),
        ("ecs:runTask.sync", {"TaskDefinition": "t", "Overrides": {"ContainerOverrides": [{"env": 1}]}}, "env"),
        ("lambda:invoke", {"FunctionName": "f", "TaskToken": "t"}, "TaskToken"),
    ],
)
@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_parameter_that_the_action_does_not_have_is_refused_when_the_state_machine_is_created(
    sfn, language, resource, parameters, unknown
):
    field = "Parameters" if language == "JSONPath" else "Arguments"
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", field: parameters, "End": True}
    definition = {"QueryLanguage": language, "StartAt": "Call", "States": {"Call": task}}
    with pytest.raises(sfn.exceptions.InvalidDefinition) as told:
        sfn.create_state_machine(name="refused", definition=json.dumps(definition), roleArn=ROLE)
    assert told.value.response["Error"]["Message"] == (
        f'Invalid State Machine Definition: \'SCHEMA_VALIDATION_FAILED: The field "{unknown}" is not supported by '
        f"Step Functions at /States/Call/{field}'"
    )


@pytest.mark.parametrize(
    "missing", ["nothing:sendMessage", "sqs:sendNothing", "kinesis:subscribeToShard", "sfn:noSuchAction"]
)
def test_a_service_or_an_action_that_there_is_none_of_is_refused_when_the_state_machine_is_created(
    sfn, tmp_path, missing
):
    arn = f"arn:aws:states:::aws-sdk:{missing}"
    task = {"Type": "Task", "Resource": arn, "Parameters": {}, "End": True}
    definition = json.dumps({"StartAt": "Call", "States": {"Call": task}})
    with pytest.raises(sfn.exceptions.InvalidDefinition) as told:
        sfn.create_state_machine(name="refused", definition=definition, roleArn=ROLE)
    assert told.value.response["Error"]["Message"] == (
        f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided {arn} is "
        "not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at "
        "/States/Call/Resource'"
    )
    (found,) = sfn.validate_state_machine_definition(definition=definition)["diagnostics"]
    assert found["location"] == "/States/Call/Resource"
    with pytest.raises(sfn.exceptions.InvalidDefinition, match=r"is not recognized.* at /Resource'"):
        sfn.test_state(definition=json.dumps(task), mock={"result": "{}"})
    (tmp_path / "refused.asl.json").write_text(definition)
    said = CliRunner().invoke(main, ["validate", str(tmp_path / "refused.asl.json")])
    assert said.exit_code == 1
    assert f"error: {found['message']} [SCHEMA_VALIDATION_FAILED] (at /States/Call/Resource)" in said.stdout
