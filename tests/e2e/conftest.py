"""One server for all tests of this folder. Names are unique, so that tests don't meet."""

import itertools
import json

import pytest

from e2e.server import ROLE, Server

HANDLERS = '''
"""Functions of the end-to-end tests."""

import time

import boto3


class Busy(Exception):
    pass


def echo(event, context):
    return event


def fail(event, context):
    raise Busy("try again later")


def sleep(event, context):
    time.sleep(5)


def answer(event, context):
    """Answer the task token of the state that called."""
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='"by the function"')
'''
SETTINGS = """
[functions.echo]
handler = "handlers.echo"

[functions.fail]
handler = "handlers.fail"

[functions.sleep]
handler = "handlers.sleep"

[functions.answer]
handler = "handlers.answer"
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server, with the local functions echo, fail, sleep and answer."""
    folder = tmp_path_factory.mktemp("e2e")
    (folder / "handlers.py").write_text(HANDLERS)
    (folder / "stepwell.toml").write_text(SETTINGS)
    server = Server(folder / "data", "--config", str(folder / "stepwell.toml")).start()
    yield server
    status = server.stop()
    assert status == 0, server.log_text()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show the server's log beside a failure."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server) and server.log.exists():
        report.sections.append(("the server's log", server.log_text()))
    return report


@pytest.fixture(scope="session")
def sfn(server):
    """A boto3 client of the default account."""
    return server.client()


@pytest.fixture(scope="session")
def fresh():
    """Return a name that no other test has: `fresh("chain")`."""
    numbers = itertools.count(1)
    return lambda stem: f"{stem}-{next(numbers)}"


@pytest.fixture
def create(sfn, fresh):
    """Create a state machine of a definition, or of its states in a row; return its ARN."""

    def create(definition, stem="machine", client=sfn, **settings):
        text = definition if isinstance(definition, str) else json.dumps(definition)
        return client.create_state_machine(name=fresh(stem), definition=text, roleArn=ROLE, **settings)[
            "stateMachineArn"
        ]

    return create


@pytest.fixture
def start(sfn):
    """Start an execution with an input, which becomes JSON text; return its ARN."""

    def start(machine, value=None, **settings):
        return sfn.start_execution(stateMachineArn=machine, input=json.dumps(value or {}), **settings)["executionArn"]

    return start
