"""A Job of Kubernetes while the server is killed: created once, seen to its end; deleted when its execution stops."""

import json

import pytest

from e2e.definitions import states
from e2e.server import ROLE, Server, ended, eventually, whole_history
from kubernetes.cluster import cluster_server

JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "spec": {"backoffLimit": 0}}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture
def cluster(tmp_path):
    with cluster_server(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def server(tmp_path):
    (tmp_path / "stepwell.toml").write_text('[http]\nallow = ["127.0.0.1"]\n')
    server = Server(tmp_path / "data", environment=KEYS)
    yield server
    server.kill()


def start(server, cluster):
    parameters = cluster.parameters | {"Job": JOB, "LogOptions": {"RetrieveLogs": True}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::eks:runJob.sync", "Parameters": parameters}
    client = server.start().client()
    made = client.create_state_machine(name="m", definition=json.dumps(states(Job=task)), roleArn=ROLE)
    return client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"]


def types(server, arn):
    return [event["type"] for event in whole_history(server.client(), arn)]


@pytest.mark.parametrize("noted", [False, True])
def test_a_job_is_picked_up_again_and_created_once(server, cluster, noted):
    if not noted:
        cluster.gate.clear()
    arn = start(server, cluster)
    eventually(lambda: cluster.count("GET") if noted else len(cluster.jobs), bool)
    server.kill()
    cluster.gate.set()
    cluster.end()
    server.start()
    found = ended(server.client(), arn)
    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["logs"]["pods"]["p-1"]["containers"]["pi"] == {"log": {"pi": 3.14}}
    assert len(cluster.jobs) == 1
    assert cluster.count("POST") == (1 if noted else 2)
    assert types(server, arn).count("TaskSubmitted") == 1


def test_a_job_is_deleted_when_its_execution_is_stopped(server, cluster):
    arn = start(server, cluster)
    eventually(lambda: cluster.count("GET"), bool)
    server.client().stop_execution(executionArn=arn)
    eventually(lambda: len(cluster.jobs), lambda jobs: jobs == 0)


def test_a_job_that_fails_fails_the_execution_and_no_token_is_in_log_or_history(server, cluster):
    arn = start(server, cluster)
    eventually(lambda: cluster.count("GET"), bool)
    cluster.end("Failed")
    found = ended(server.client(), arn)
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    assert "k8s-aws-v1" not in server.log_text() + str(whole_history(server.client(), arn))
