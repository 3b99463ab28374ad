"""A server for the tests of workers, and what they start on it."""

import asyncio
import itertools
import json
import threading
from contextlib import contextmanager

import pytest

from e2e.definitions import states, work
from e2e.server import ROLE, Server
from worker.processes import WorkerProcess

WORKERS_END = 30.0


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("worker") / "data").start()
    yield server
    assert server.stop() == 0, server.log_text()


@pytest.fixture(scope="session")
def sfn(server):
    return server.client()


@pytest.fixture(scope="session")
def names():
    return (f"w{number}" for number in itertools.count(1))


@pytest.fixture
def activity(sfn, names):
    return sfn.create_activity(name=next(names))["activityArn"]


@pytest.fixture
def start(sfn, names, activity):
    """Start an execution of one state that waits for a worker of the activity; return its ARN."""

    def start(value=None, client=sfn, **fields):
        definition = json.dumps(states(Work=work(activity, **fields)))
        machine = client.create_state_machine(name=next(names), definition=definition, roleArn=ROLE)["stateMachineArn"]
        return client.start_execution(stateMachineArn=machine, input=json.dumps(value or {}))["executionArn"]

    return start


@pytest.fixture
def working():
    """Run a worker in a thread for as long as the block takes."""

    @contextmanager
    def working(worker):
        thread = threading.Thread(target=lambda: asyncio.run(worker.serve()))
        thread.start()
        try:
            yield worker
        finally:
            worker.stop()
            thread.join(WORKERS_END)
            assert not thread.is_alive()

    return working


@pytest.fixture
def spawn(tmp_path):
    """Start `stepwell worker` as a process; it is ended with the test."""
    started = []

    def spawn(function, activity, url, *options):
        started.append(WorkerProcess(tmp_path, len(started), function, activity, url, options))
        return started[-1]

    yield spawn
    for process in started:
        process.end()
