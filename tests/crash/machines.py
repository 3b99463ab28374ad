"""What runs while the server dies: one state machine for each kind of wait and step, and the functions that they call.

Each function notes its invocation in a file before it answers. So a result that stands in a history can be looked up,
and a task token is known to its holder no earlier than the server has handed it over.
"""

import json
from pathlib import Path
from typing import Any

from e2e.definitions import states, work

ADDED = 8
ITEMS = 5
WAIT_SECONDS = 1
ACCOUNT_ARN = "arn:aws:states:us-east-1:123456789012"
ACTIVITY = f"{ACCOUNT_ARN}:activity:work"

_HANDLERS = """
import json
import os
import uuid


class Busy(Exception):
    pass


def _note(kind, event):
    number = uuid.uuid4().hex
    line = json.dumps({"kind": kind, "id": number, **event}) + "\\n"
    file = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)
    return number


def work(event, context):
    return {"n": event["n"], "id": _note("work", event)}


def flaky(event, context):
    number = _note("flaky", event)
    if event["attempt"] == 0:
        raise Busy(number)
    return {"n": event["n"], "id": number}


def ask(event, context):
    _note("ask", event)
"""


def _function(name: str, **payload: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": name,
            "Payload": {"execution.$": "$$.Execution.Id", "n.$": "$.n", **payload},
        },
        "OutputPath": "$.Payload",
    }


_PASS = {"Type": "Pass"}
_WAIT = {"Type": "Wait", "Seconds": WAIT_SECONDS}
_CHAIN = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Result": 0, "ResultPath": "$.i", "Next": "Add"},
        "Add": {
            "Type": "Pass",
            "Parameters": {"n.$": "$.n", "i.$": "States.MathAdd($.i, 1)"},
            "Next": "Enough",
        },
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.i", "NumericLessThan": ADDED, "Next": "Add"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
_AGAIN = {"IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 1_000}

DEFINITIONS: dict[str, dict[str, Any]] = {
    "chain": _CHAIN,
    "child": _CHAIN,
    "wait": states(Before=_PASS, Wait=_WAIT, After=_PASS),
    "stop": states(Wait={"Type": "Wait", "Seconds": 3600}),
    "ballast": states(Wait={"Type": "Wait", "Seconds": 3600}),
    "work": states(First=_function("work"), Second=_function("work")),
    "flaky": states(
        Flaky={
            **_function("flaky", **{"attempt.$": "$$.State.RetryCount"}),
            "Retry": [{"ErrorEquals": ["Busy"], **_AGAIN}],
        }
    ),
    "parallel": states(
        All={
            "Type": "Parallel",
            "Branches": [states(Pass=_PASS), states(Wait=_WAIT), states(Work=_function("work"), After=_PASS)],
        }
    ),
    "map": states(
        Each={
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 2,
            "ItemSelector": {"n.$": "$$.Map.Item.Value"},
            "ItemProcessor": states(
                Add={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}}, Work=_function("work")
            ),
        }
    ),
    "ask": states(
        Ask={
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": "ask",
                "Payload": {"execution.$": "$$.Execution.Id", "token.$": "$$.Task.Token"},
            },
        }
    ),
    "activity": states(
        # The answer to a poll may be lost with the server: no worker hears of the task, and the heartbeat ends it.
        Work=work(ACTIVITY, HeartbeatSeconds=2, Retry=[{"ErrorEquals": ["States.HeartbeatTimeout"], **_AGAIN}])
    ),
    "nested": states(
        Child={
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": f"{ACCOUNT_ARN}:stateMachine:child",
                "Input": {"n.$": "$.n", "parent.$": "$$.Execution.Id"},
            },
            "OutputPath": "$.Output",
        }
    ),
}

KINDS = tuple(kind for kind in DEFINITIONS if kind not in {"child", "ballast"})
"""What the load starts."""


def machine_arn(kind: str) -> str:
    """Return the ARN of a kind's state machine."""
    return f"{ACCOUNT_ARN}:stateMachine:{kind}"


def input_of(number: int) -> dict[str, Any]:
    """Return the input of the execution of this number."""
    return {"n": number, "items": list(range(ITEMS))}


def install(folder: Path) -> tuple[Path, Path]:
    """Write the functions and their settings into a folder; return the settings file, and the file of the notes."""
    notes = folder / "notes.jsonl"
    notes.touch()
    (folder / "crash_handlers.py").write_text(_HANDLERS, encoding="utf-8")
    settings = folder / "stepwell.toml"
    settings.write_text(
        "".join(
            f'[functions.{name}]\nhandler = "crash_handlers.{name}"\nconcurrency = 2\n'
            f"environment = {{ NOTES = {json.dumps(str(notes))} }}\n"
            for name in ("work", "flaky", "ask")
        ),
        encoding="utf-8",
    )
    return settings, notes
