"""Tests of states in a world without time or chance: `run` answers for a request of TestState."""

import json
from types import SimpleNamespace
from typing import Any

from stepwell.language.document import Document
from stepwell.language.evaluation import BOUNDLESS, Allowance
from stepwell.machine.limits import Limits
from stepwell.testing.request import read_test
from stepwell.testing.trial import Outcome, Trial

NOW = 1_767_225_600_000
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
EXECUTION = "arn:aws:states:us-east-1:123456789012:express:machine:run"
ROLE = "arn:aws:iam::123456789012:role/r"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:a"
INVOKE = "arn:aws:states:::lambda:invoke"


class _Moment:
    now = NOW
    region = "us-east-1"
    allowance = Allowance(BOUNDLESS)
    limits = Limits()
    activities = (ACTIVITY,)
    entropy = SimpleNamespace(random=lambda: 0.5, uuid=lambda: "uuid")

    def token(self, lane: int, ticket: int) -> str:
        return f"token-{lane}-{ticket}"


def trial(definition: Any, source: Any = None, **request: Any) -> Trial:
    """Return the trial of a definition, not begun; `mock` and the like are values, and become JSON here."""
    for name in ("variables", "context"):
        if name in request and not isinstance(request[name], str):
            request[name] = json.dumps(request[name])
    mock = request.get("mock")
    if mock is not None and "result" in mock and not isinstance(mock["result"], str):
        request["mock"] = mock | {"result": json.dumps(mock["result"])}
    asked = {"definition": json.dumps(definition), "inspectionLevel": "DEBUG", "roleArn": ROLE, **request}
    if source is not None:
        asked["input"] = json.dumps(source)
    return Trial(read_test(asked), EXECUTION, MACHINE, _Moment())


def run(definition: Any, source: Any = None, *, answer: Any = None, **request: Any) -> Outcome:
    """Return the outcome of a test; `answer` is what a call is answered with."""
    tested = trial(definition, source, **request)
    if tested.begin() is not None:
        tested.succeed(Document(None, answer))
    return tested.outcome()


def task(**fields: Any) -> dict[str, Any]:
    """Return a Task that calls a function by the service."""
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "End": True, **fields}


def mapped(**fields: Any) -> dict[str, Any]:
    """Return a Map over its input."""
    processor = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def parallel(**fields: Any) -> dict[str, Any]:
    """Return a Parallel of two branches."""
    branches = [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in ("Left", "Right")]
    return {"Type": "Parallel", "Branches": branches, "End": True, **fields}


def shown(outcome: Outcome) -> dict[str, Any]:
    """Return the inspection data with its texts as values."""
    assert outcome.inspection is not None
    return {name: json.loads(value) if isinstance(value, str) else value for name, value in outcome.inspection.items()}
