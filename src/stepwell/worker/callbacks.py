"""Answering a task token from anywhere: for whoever got one from a queue, a mail, a web page.

Each call is tried again, with back-off and jitter, where the server can't be reached or wants it later. Endpoint,
region and credentials are found as every AWS tool finds them. Raise `TokenRefused` where nobody waits for the token
any more, and botocore's own exceptions where the call was refused for another reason, or never answered.
"""

import importlib
from functools import cache
from typing import Any

from stepwell.worker.answers import to_json
from stepwell.worker.client import CONNECT_SECONDS, refusal
from stepwell.worker.errors import TokenRefused

ATTEMPTS = 8
READ_SECONDS = 15.0
CONNECTIONS = 50


def complete(token: str, output: Any = None) -> None:
    """Let the state that waits for a token succeed, with an output that JSON can say."""
    _call("send_task_success", taskToken=token, output=to_json(output))


def fail(token: str, error: str, cause: str = "") -> None:
    """Let the state that waits for a token fail; Retry and Catch see the error's name."""
    _call("send_task_failure", taskToken=token, error=error, cause=cause)


def heartbeat(token: str) -> None:
    """Say that somebody still works on what a token was given for."""
    _call("send_task_heartbeat", taskToken=token)


def _call(operation: str, **request: str) -> None:
    try:
        getattr(_client(), operation)(**request)
    except importlib.import_module("botocore.exceptions").ClientError as error:
        meaning = refusal(error)
        if isinstance(meaning, TokenRefused):
            raise meaning from error
        raise


@cache
def _client() -> Any:
    config = importlib.import_module("botocore.config").Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    return importlib.import_module("botocore.session").get_session().create_client("stepfunctions", config=config)
