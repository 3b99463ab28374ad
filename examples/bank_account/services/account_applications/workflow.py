"""What the service asks of Step Functions: start the processing of an application, and answer it after a review."""

import json
import os
from functools import cache
from typing import Any

from botocore.session import Session

STATE_MACHINE_VARIABLE = "STATE_MACHINE_ARN"


class ReviewRefused(Exception):
    """The execution does not wait for this review: it was answered already, stopped, or has waited long enough."""


def start(application_id: str, name: str, address: str) -> str:
    """Start the execution that is named after the application, and return its ARN; a second call changes nothing."""
    machine = os.environ[STATE_MACHINE_VARIABLE]
    application = {"application_id": application_id, "name": name, "address": address}
    try:
        answer = _client().start_execution(stateMachineArn=machine, name=application_id, input=json.dumps(application))
    except _client().exceptions.ExecutionAlreadyExists:  # it has come to its end since
        return f"{machine.replace(':stateMachine:', ':execution:')}:{application_id}"
    return str(answer["executionArn"])


def answer(task_token: str, review: dict[str, Any]) -> None:
    """Let the execution that waits for this token go on with the review."""
    exceptions = _client().exceptions
    try:
        _client().send_task_success(taskToken=task_token, output=json.dumps(review))
    except (exceptions.TaskTimedOut, exceptions.TaskDoesNotExist, exceptions.InvalidToken) as error:
        raise ReviewRefused(f"Nothing waits for this review any more: {error}") from error


@cache
def _client() -> Any:
    # Where the server is, and who asks, is in the environment: AWS_ENDPOINT_URL_SFN, AWS_REGION, AWS_ACCESS_KEY_ID.
    return Session().create_client("stepfunctions", region_name=os.environ.get("AWS_REGION", "us-east-1"))
