"""One server with emulated services for all tests of this folder, started as users do: tasks go over HTTP to moto."""

import itertools
import json
import re

import boto3
import pytest

from e2e.server import ACCOUNT, REGION, ROLE, Server, ended

HANDLERS = """
import os


def echo(event, context):
    return event


def endpoint(event, context):
    return os.environ["AWS_ENDPOINT_URL"]
"""
SETTINGS = """
[functions.echo]
handler = "handlers.echo"

[functions.endpoint]
handler = "handlers.endpoint"

[aws]
services = "emulated"
emulated_port = 0
"""
_SERVICES = re.compile(r"the services are emulated on (http://[\d.:]+)")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("services")
    (folder / "handlers.py").write_text(HANDLERS)
    (folder / "stepwell.toml").write_text(SETTINGS)
    server = Server(folder / "data", "--config", str(folder / "stepwell.toml")).start()
    yield server
    status = server.stop()
    assert status == 0, server.log_text()


@pytest.fixture(scope="session")
def service(server):
    """Return a boto3 client of an emulated service."""
    url = _SERVICES.search(server.log_text())[1]

    def client(name):
        return boto3.client(
            name, endpoint_url=url, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="local"
        )

    return client


@pytest.fixture(scope="session")
def sfn(server):
    return server.client()


@pytest.fixture(scope="session")
def start(sfn):
    """Start an execution of one Task; return its ARN."""
    numbers = itertools.count(1)

    def start(resource, parameters, **fields):
        task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
        states = {"Call": task | fields, "Caught": {"Type": "Pass", "End": True}}
        if "Catch" not in fields:
            del states["Caught"]
        machine = sfn.create_state_machine(
            name=f"m-{next(numbers)}", definition=json.dumps({"StartAt": "Call", "States": states}), roleArn=ROLE
        )
        return sfn.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]

    return start


@pytest.fixture(scope="session")
def run(sfn, start):
    """Run one Task to its end; return its output."""

    def run(resource, parameters, **fields):
        found = ended(sfn, start(resource, parameters, **fields))
        assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
        return json.loads(found["output"])

    return run


@pytest.fixture(scope="session")
def caught(run):
    """Run one Task that fails with an error, which is caught by its name; return the cause."""

    def caught(error, resource, parameters):
        catch = [{"ErrorEquals": [error], "Next": "Caught"}]
        found = run(resource, parameters, Catch=catch)
        assert found["Error"] == error
        return found["Cause"]

    return caught
