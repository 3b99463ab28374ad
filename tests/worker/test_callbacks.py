"""Answering a task token from anywhere."""

import json

import pytest
from botocore.exceptions import ClientError

from e2e.server import ended
from stepwell.worker import TokenRefused, callbacks, complete, fail, heartbeat


@pytest.fixture(autouse=True)
def at_the_server(server, monkeypatch):
    """Find the server as a program finds it: by the variables that `stepwell env` prints."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", server.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "123456789012")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    callbacks._client.cache_clear()
    yield
    callbacks._client().close()
    callbacks._client.cache_clear()


@pytest.fixture
def task(sfn, activity, start):
    """An execution, and the token of the task that it waits for."""
    execution = start()
    return execution, sfn.get_activity_task(activityArn=activity)["taskToken"]


def test_a_token_is_completed_with_any_value(sfn, task):
    execution, token = task
    heartbeat(token)
    complete(token, {"paid": True})
    assert json.loads(ended(sfn, execution)["output"]) == {"paid": True}


def test_a_token_is_failed_by_name(sfn, task):
    execution, token = task
    fail(token, "Billing.Down", "maintenance")
    found = ended(sfn, execution)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Billing.Down", "maintenance")


def test_a_token_that_was_answered_says_so(sfn, task):
    execution, token = task
    complete(token)
    ended(sfn, execution)
    for late in (lambda: complete(token), lambda: fail(token, "E"), lambda: heartbeat(token)):
        with pytest.raises(TokenRefused) as refused:
            late()
        assert refused.value.code == "TaskTimedOut"


def test_what_is_no_token_says_so():
    with pytest.raises(TokenRefused) as refused:
        complete("none")
    assert refused.value.code == "InvalidToken"


def test_another_refusal_is_the_clients_own(task):
    with pytest.raises(ClientError, match="ValidationException"):
        fail(task[1], "E" * 300)
