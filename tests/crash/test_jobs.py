"""Jobs of other services while the server is killed: each is submitted once, and its end is seen."""

import json

import pytest

from e2e.definitions import states
from e2e.server import ROLE, Server, ended, eventually, whole_history
from jobs.wire import job_services

TRAINING = {"TrainingJobName": "train", "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"}}
TASKS = {
    "ecs": ("ecs:runTask.sync", {"Cluster": "c", "TaskDefinition": "t"}, "RunTask", "DescribeTasks"),
    "glue": ("glue:startJobRun.sync", {"JobName": "etl"}, "StartJobRun", "GetJobRun"),
    "athena": (
        *("athena:startQueryExecution.sync", {"QueryString": "select 1"}),
        *("StartQueryExecution", "GetQueryExecution"),
    ),
    "sagemaker": (
        *("sagemaker:createTrainingJob.sync", TRAINING),
        *("CreateTrainingJob", "DescribeTrainingJob"),
    ),
}


@pytest.fixture(params=TASKS)
def task(request):
    return TASKS[request.param]


@pytest.fixture
def services():
    with job_services() as services:
        yield services


@pytest.fixture
def server(tmp_path, services):
    server = Server(tmp_path / "data", environment={"AWS_ENDPOINT_URL": services.url})
    yield server
    server.kill()


def start(server, resource, parameters):
    definition = states(Job={"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters})
    client = server.start().client()
    machine = client.create_state_machine(name="m", definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    return client.start_execution(stateMachineArn=machine)["executionArn"]


def types(server, arn):
    return [event["type"] for event in whole_history(server.client(), arn)]


def test_a_job_that_is_waited_for_is_picked_up_again_and_not_submitted_twice(server, services, task):
    resource, parameters, submit, describe = task
    arn = start(server, resource, parameters)
    for _ in range(2):
        seen = services.count(describe)
        eventually(lambda seen=seen: services.count(describe), lambda now, seen=seen: now > seen + 1)
        server.kill()
        server.start()
    services.end()
    assert ended(server.client(), arn)["status"] == "SUCCEEDED"
    assert services.count(submit) == len(services.jobs) == 1
    assert types(server, arn).count("TaskSubmitted") == 1


def test_a_job_whose_submission_was_not_noted_is_known_again(server, services, task):
    resource, parameters, submit, _ = task
    services.gate.clear()
    arn = start(server, resource, parameters)
    eventually(lambda: len(services.jobs), lambda jobs: jobs == 1)
    server.kill()
    services.gate.set()
    server.start()
    services.end()
    eventually(lambda: (services.end(), ended(server.client(), arn)), lambda seen: seen[1]["status"] == "SUCCEEDED")
    assert len(services.jobs) == 1
    assert services.count(submit) == (2 if services.tokens else 1)
    assert types(server, arn).count("TaskSubmitted") == 1


def test_a_job_that_ended_while_the_server_was_down_is_seen_at_the_next_start(server, services, task):
    resource, parameters, submit, describe = task
    arn = start(server, resource, parameters)
    eventually(lambda: services.count(describe), bool)
    server.kill()
    services.end("badly")
    server.start()
    found = ended(server.client(), arn)
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    assert services.count(submit) == 1
