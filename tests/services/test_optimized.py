"""The optimized integrations, through real HTTP to emulated services: what succeeds, and errors caught by name."""

import json
import re

import pytest

from e2e.server import ended, eventually, whole_history

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
REQUEST_ID = re.compile(r"Request ID: [\w-]+")


def plain(cause):
    return REQUEST_ID.sub("Request ID: R", cause)


@pytest.fixture(scope="module")
def inbox(service):
    """A queue that a topic, and events of `stepwell.tests`, lead to."""
    sqs, sns, events = service("sqs"), service("sns"), service("events")
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="inbox")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    events.put_rule(Name="inbox", EventPattern='{"source": ["stepwell.tests"]}')
    events.put_targets(Rule="inbox", Targets=[{"Id": "q", "Arn": arn}])
    return Inbox(sqs, url, topic)


class Inbox:
    def __init__(self, sqs, url, topic):
        self._sqs, self.url, self.topic = sqs, url, topic

    def received(self):
        """Return the one message that is there, or comes; it is there no more."""
        (found,) = self._sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=10)["Messages"]
        self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=found["ReceiptHandle"])
        return found["Body"]


def test_sqs_sends_objects_as_json_and_tells_of_the_call(run, inbox):
    found = run("sqs:sendMessage", {"QueueUrl": inbox.url, "MessageBody": {"n": 1}})
    assert inbox.received() == '{"n":1}'
    assert found["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert found["SdkResponseMetadata"]["RequestId"]
    assert {"MD5OfMessageBody", "MessageId"} < set(found)


def test_sqs_errors_have_the_names_and_the_words_of_the_older_sdk(caught, inbox):
    missing = inbox.url.replace("inbox", "missing")
    cause = caught("SQS.QueueDoesNotExistException", "sqs:sendMessage", {"QueueUrl": missing, "MessageBody": "m"})
    assert plain(cause) == (
        "The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; "
        "Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: R; Proxy: null)"
    )
    cause = caught("SQS.SdkClientException", "sqs:sendMessage", {"QueueUrl": "no-such-queue", "MessageBody": "m"})
    assert cause == "Unable to execute HTTP request: no-such-queue: Name or service not known"
    cause = caught("SQS.AmazonSQSException", "sqs:sendMessage", {"QueueUrl": inbox.url, "MessageBody": None})
    assert cause.startswith("The request must contain the parameter MessageBody. (Service: AmazonSQS; ")


def test_sns_publishes_objects_as_json(run, caught, inbox):
    assert run("sns:publish", {"TopicArn": inbox.topic, "Message": {"n": 2}})["MessageId"]
    assert json.loads(inbox.received())["Message"] == '{"n":2}'
    caught("SNS.NotFoundException", "sns:publish", {"TopicArn": f"{inbox.topic}-missing", "Message": "m"})


def test_dynamodb_puts_updates_gets_and_deletes_an_item(run, caught, service):
    service("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    key = {"TableName": "t", "Key": {"id": {"S": "1"}}}
    put = run("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "1"}, "n": {"N": "1"}}})
    assert put["SdkHttpMetadata"]["HttpStatusCode"] == 200
    update = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}}
    run("dynamodb:updateItem", key | update)
    assert run("dynamodb:getItem", key)["Item"] == {"id": {"S": "1"}, "n": {"N": "2"}}
    run("dynamodb:deleteItem", key)
    assert "Item" not in run("dynamodb:getItem", key)
    cause = caught("DynamoDB.ResourceNotFoundException", "dynamodb:getItem", key | {"TableName": "missing"})
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; " in cause
    failing = key | update | {"ConditionExpression": "attribute_exists(id)"}
    caught("DynamoDB.ConditionalCheckFailedException", "dynamodb:updateItem", failing)
    cause = caught("DynamoDB.AmazonDynamoDBException", "dynamodb:getItem", key | {"TableName": "/t"})
    assert plain(cause) == (
        "1 validation error detected: Value '/t' at 'tableName' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: [a-zA-Z0-9_.-]+ (Service: AmazonDynamoDBv2; Status Code: 400; "
        "Error Code: ValidationException; Request ID: R; Proxy: null)"
    )
    cause = caught("DynamoDB.AmazonDynamoDBException", "dynamodb:getItem", {"TableName": "t", "Key": None})
    assert cause.startswith("1 validation error detected: Value null at 'key' failed to satisfy constraint: Member ")


def test_eventbridge_is_given_the_execution_and_refused_entries_fail_the_task(run, caught, inbox):
    entry = {"Source": "stepwell.tests", "DetailType": "made", "Detail": {"n": 3}, "Resources": ["mine"]}
    found = run("events:putEvents", {"Entries": [entry]})
    assert set(found) == {"Entries", "FailedEntryCount"}
    event = json.loads(inbox.received())
    assert (event["detail"], event["resources"][0]) == ({"n": 3}, "mine")
    assert [part.split(":")[5] for part in event["resources"][1:]] == ["stateMachine", "execution"]
    del entry["Source"]
    cause = caught("EventBridge.FailedEntry", "events:putEvents", {"Entries": [entry]})
    assert json.loads(cause)["FailedEntryCount"] == 1


def test_ecs_runs_tasks(run, caught, service):
    ecs = service("ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "main", "image": "i", "memory": 1}])
    caught("ECS.ClusterNotFoundException", "ecs:runTask", {"TaskDefinition": "f", "Cluster": "missing"})
    given = fargate(service, "f", "c")
    (task,) = run("ecs:runTask", given)["Tasks"]
    assert task["TaskArn"].startswith("arn:aws:ecs:us-east-1:")
    assert task["Containers"][0]["Name"] == "main"


def test_a_task_of_ecs_answers_the_state_by_the_token_that_it_was_given(sfn, start, service):
    ecs = service("ecs")
    ecs.create_cluster(clusterName="askers")
    ecs.register_task_definition(family="asker", containerDefinitions=[{"name": "main", "image": "i", "memory": 1}])
    told = {"Name": "main", "Environment": [{"Name": "TOKEN", "Value.$": "$$.Task.Token"}]}
    overrides = {"Overrides": {"ContainerOverrides": [told]}}
    arn = start("ecs:runTask.waitForTaskToken", fargate(service, "asker", "askers") | overrides)
    tasks = eventually(lambda: ecs.list_tasks(cluster="askers")["taskArns"], bool)
    (task,) = ecs.describe_tasks(cluster="askers", tasks=tasks)["tasks"]
    token = task["overrides"]["containerOverrides"][0]["environment"][0]["value"]
    sfn.send_task_success(taskToken=token, output='{"done":true}')
    assert ended(sfn, arn)["output"] == '{"done":true}'


def fargate(service, definition, cluster):
    """Return parameters of `ecs:runTask` that moto can place."""
    network = {"AwsvpcConfiguration": {"Subnets": [service("ec2").describe_subnets()["Subnets"][0]["SubnetId"]]}}
    return {"TaskDefinition": definition, "Cluster": cluster, "LaunchType": "FARGATE", "NetworkConfiguration": network}


def test_batch_submits_jobs(run, caught, service):
    batch, iam = service("batch"), service("iam")
    role = iam.create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    environment = batch.create_compute_environment(
        computeEnvironmentName="environment", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": environment}]
    batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {"image": "i", "vcpus": 1, "memory": 4, "command": ["true"]}
    batch.register_job_definition(jobDefinitionName="d", type="container", containerProperties=container)
    given = {"JobName": "j", "JobQueue": "queue", "JobDefinition": "d"}
    overrides = {"ContainerOverrides": {"Environment": [{"Name": "A", "Value": "b"}]}}
    found = run("batch:submitJob", given | overrides)
    assert (found["JobName"], bool(found["JobId"])) == ("j", True)
    cause = caught("Batch.ClientException", "batch:submitJob", given | {"JobDefinition": "missing"})
    assert "(Service: AWSBatch; Status Code: 400; Error Code: ClientException; " in cause


def test_glue_starts_job_runs_and_names_the_job(run, caught, service):
    service("glue").create_job(Name="g", Role=ROLE, Command={"Name": "glueetl"})
    found = run("glue:startJobRun", {"JobName": "g", "Arguments": {"--day": "1"}})
    assert (found["JobName"], bool(found["JobRunId"])) == ("g", True)
    caught("Glue.EntityNotFoundException", "glue:startJobRun", {"JobName": "missing"})


def test_sagemaker_creates_models(run, caught):
    given = {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "i"}}
    found = run("sagemaker:createModel", given)
    assert found["ModelArn"] == f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model/m"
    config = {"EndpointConfigName": "c", "ProductionVariants": [{"VariantName": "v", "ModelName": "missing"}]}
    caught("SageMaker.AmazonSageMakerException", "sagemaker:createEndpointConfig", config)


def test_lambda_invokes_local_functions_beside_the_emulated_services(run, caught):
    assert run("lambda:invoke", {"FunctionName": "echo", "Payload": {"n": 1}})["Payload"] == {"n": 1}
    caught("Lambda.ResourceNotFoundException", "lambda:invoke", {"FunctionName": "missing"})


@pytest.mark.parametrize("answer", ["success", "failure"])
@pytest.mark.parametrize("resource", ["sqs:sendMessage", "sns:publish", "events:putEvents", "aws-sdk:sqs:sendMessage"])
def test_who_gets_the_token_answers_the_state(sfn, start, inbox, resource, answer):
    token = {"token.$": "$$.Task.Token"}
    if resource.startswith("sns"):
        parameters = {"TopicArn": inbox.topic, "Message": token}
    elif resource.startswith("events"):
        entry = {"Source": "stepwell.tests", "DetailType": "asked", "Detail": token}
        parameters = {"Entries": [entry]}
    else:
        parameters = {"QueueUrl": inbox.url, "MessageBody": token}
    arn = start(f"{resource}.waitForTaskToken", parameters)
    body = json.loads(inbox.received())
    body = json.loads(body["Message"]) if "Message" in body else body.get("detail", body)
    if answer == "success":
        sfn.send_task_success(taskToken=body["token"], output='{"done":true}')
    else:
        sfn.send_task_failure(taskToken=body["token"], error="Mine", cause="because")
    found = ended(sfn, arn)
    expected = {"status": "SUCCEEDED", "output": '{"done":true}'}
    if answer == "failure":
        expected = {"status": "FAILED", "error": "Mine", "cause": "because"}
    assert expected.items() <= found.items()
    submitted = [event for event in whole_history(sfn, arn) if event["type"] == "TaskSubmitted"]
    assert len(submitted) == 1
