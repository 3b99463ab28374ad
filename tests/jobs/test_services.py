"""Jobs through real HTTP to services that do what an emulator can't: fail, throttle, hold answers up."""

import json

import pytest

from e2e.definitions import states
from e2e.server import ROLE, Server, ended, eventually, whole_history
from jobs.wire import CLUSTER, job_services

TRAINING = {"TrainingJobName": "train", "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"}}
TASKS = {
    "ecs": ("ecs:runTask", {"Cluster": "c", "TaskDefinition": "t"}, "DescribeTasks", "StopTask"),
    "glue": ("glue:startJobRun", {"JobName": "etl"}, "GetJobRun", "BatchStopJobRun"),
    "athena": (
        *("athena:startQueryExecution", {"QueryString": "select 1"}),
        *("GetQueryExecution", "StopQueryExecution"),
    ),
    "sagemaker": (
        *("sagemaker:createTrainingJob", TRAINING),
        *("DescribeTrainingJob", "StopTrainingJob"),
    ),
}


@pytest.fixture(params=TASKS)
def task(request):
    return TASKS[request.param]


@pytest.fixture(scope="module")
def shared():
    with job_services() as services:
        yield services


@pytest.fixture
def services(shared):
    shared.gate.set()
    shared.jobs, shared.ended, shared.tokens, shared.calls, shared.troubles = {}, {}, {}, [], []
    return shared


@pytest.fixture(scope="module")
def server(shared, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("jobs") / "data", environment={"AWS_ENDPOINT_URL": shared.url}).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def client(server):
    return server.client()


def start(client, name, resource, parameters, **fields):
    job = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}.sync", "Parameters": parameters, **fields}
    made = client.create_state_machine(name=name, definition=json.dumps(states(Job=job)), roleArn=ROLE)
    return client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]


def test_a_job_that_fails_fails_the_task_and_can_be_caught(client, services, task, request):
    resource, parameters, describe, _ = task
    services.troubles = [describe]
    arn = start(client, f"fails-{request.node.callspec.id}", resource, parameters)
    eventually(lambda: services.count(describe), lambda asked: asked > 1)
    services.end("badly")
    found = ended(client, arn)
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    assert isinstance(json.loads(found["cause"]), dict)
    kinds = [event["type"] for event in whole_history(client, arn)]
    assert kinds[3:] == ["TaskStarted", "TaskSubmitted", "TaskFailed", "ExecutionFailed"]


def test_a_state_gets_what_the_service_says_of_its_job_with_times_in_milliseconds(client, services):
    arn = start(client, "ends", *TASKS["ecs"][:2])
    eventually(lambda: services.jobs, bool)
    services.end()
    assert json.loads(ended(client, arn)["output"]) == {
        "TaskArn": next(iter(services.jobs)),
        "ClusterArn": CLUSTER,
        "LastStatus": "STOPPED",
        "StartedBy": "AWS Step Functions",
        "CreatedAt": 1767225600500,
        "Containers": [{"Name": "main", "ExitCode": 0}],
    }


def test_stopping_an_execution_stops_its_job(client, services, task, request):
    resource, parameters, describe, stop = task
    arn = start(client, f"stops-{request.node.callspec.id}", resource, parameters)
    eventually(lambda: services.count(describe), bool)
    services.troubles = [stop]
    client.stop_execution(executionArn=arn)
    eventually(lambda: services.ended, lambda ended: [*ended.values()] == ["stopped"])
    assert services.count(stop) == 2


def test_stopping_an_execution_stops_the_job_that_it_is_submitting(client, services, task, request):
    resource, parameters, _, _ = task
    services.gate.clear()
    arn = start(client, f"early-{request.node.callspec.id}", resource, parameters)
    eventually(lambda: services.jobs, bool)
    client.stop_execution(executionArn=arn)
    services.gate.set()
    eventually(lambda: services.ended, lambda ended: [*ended.values()] == ["stopped"])
    assert ended(client, arn)["status"] == "ABORTED"


def test_a_state_that_times_out_stops_its_job_and_another_attempt_is_another_job(client, services, request):
    resource, parameters, _, _ = TASKS["ecs"]
    again = {
        "TimeoutSeconds": 1,
        "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}],
    }
    arn = start(client, "retries", resource, parameters, **again)
    eventually(lambda: len(services.jobs), lambda jobs: jobs == 2)
    services.end()
    assert ended(client, arn)["status"] == "SUCCEEDED"
    first, second = services.jobs
    assert services.ended == {first: "stopped", second: "well"}
    assert len(services.tokens) == 2
