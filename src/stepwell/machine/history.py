"""The history: which events there are, what each of them says, and how they rest and are shown.

The machine notes an event as a tuple, `(kind, previous id, time in ms, field, field, …)`; its id follows from its
place. A turn's events rest as one chunk. Shown on the wire, an event has the shape that the table below gives it: the
name of its type, the member that holds its details, and the fields in there, in the order of the tuple. A field that is
None is left out. Behind `input`, `output` and `assignedVariables` comes the word whether they were truncated, which
they never are.
"""

from typing import Any

import msgspec

EventTuple = tuple[Any, ...]

_STATE_TYPES = ("Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail")
_ENTERED = ("stateEnteredEventDetails", "name", "input")
_EXITED = ("stateExitedEventDetails", "name", "output", "assignedVariables")
_TROUBLE = ("error", "cause")
_SERVICE = ("resourceType", "resource")

_TABLE: list[tuple[str, ...]] = [
    (
        "ExecutionStarted",
        "executionStartedEventDetails",
        *("input", "roleArn", "stateMachineAliasArn", "stateMachineVersionArn"),
    ),
    ("ExecutionSucceeded", "executionSucceededEventDetails", "output"),
    ("ExecutionFailed", "executionFailedEventDetails", *_TROUBLE),
    ("ExecutionTimedOut", "executionTimedOutEventDetails", *_TROUBLE),
    ("ExecutionAborted", "executionAbortedEventDetails", *_TROUBLE),
    *((f"{kind}StateEntered", *_ENTERED) for kind in _STATE_TYPES),
    *((f"{kind}StateExited", *_EXITED) for kind in _STATE_TYPES if kind != "Fail"),
    *((f"{kind}StateAborted", "") for kind in ("Task", "Wait", "Parallel", "Map")),
    *((f"{kind}StateSucceeded", "") for kind in ("Parallel", "Map")),
    *((f"{kind}StateFailed", "") for kind in ("Parallel", "Map")),
    ("ParallelStateStarted", ""),
    ("MapStateStarted", "mapStateStartedEventDetails", "length"),
    *(
        (f"MapIteration{what}", f"mapIteration{what}EventDetails", "name", "index")
        for what in ("Started", "Succeeded", "Failed", "Aborted")
    ),
    (
        "LambdaFunctionScheduled",
        "lambdaFunctionScheduledEventDetails",
        *("resource", "input", "timeoutInSeconds", "taskCredentials"),
    ),
    ("LambdaFunctionStarted", ""),
    ("LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails", "output"),
    ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails", *_TROUBLE),
    ("LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails", *_TROUBLE),
    (
        "ActivityScheduled",
        "activityScheduledEventDetails",
        *("resource", "input", "timeoutInSeconds", "heartbeatInSeconds"),
    ),
    ("ActivityStarted", "activityStartedEventDetails", "workerName"),
    ("ActivitySucceeded", "activitySucceededEventDetails", "output"),
    ("ActivityFailed", "activityFailedEventDetails", *_TROUBLE),
    ("ActivityTimedOut", "activityTimedOutEventDetails", *_TROUBLE),
    (
        "TaskScheduled",
        "taskScheduledEventDetails",
        *(*_SERVICE, "region", "parameters", "timeoutInSeconds", "heartbeatInSeconds", "taskCredentials"),
    ),
    ("TaskStarted", "taskStartedEventDetails", *_SERVICE),
    ("TaskSubmitted", "taskSubmittedEventDetails", *_SERVICE, "output"),
    ("TaskSubmitFailed", "taskSubmitFailedEventDetails", *_SERVICE, *_TROUBLE),
    ("TaskSucceeded", "taskSucceededEventDetails", *_SERVICE, "output"),
    ("TaskFailed", "taskFailedEventDetails", *_SERVICE, *_TROUBLE),
    ("TaskTimedOut", "taskTimedOutEventDetails", *_SERVICE, *_TROUBLE),
    ("EvaluationFailed", "evaluationFailedEventDetails", *_TROUBLE, "location", "state"),
    ("ExecutionRedriven", "executionRedrivenEventDetails", "redriveCount"),
]

KIND = {row[0]: number for number, row in enumerate(_TABLE)}
"""Event type -> its kind, the number that chunks rest with. New types go to the end of the table."""

TERMINAL = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"})

_DATA_FIELDS = {"input": "inputDetails", "output": "outputDetails", "assignedVariables": "assignedVariablesDetails"}

_DATA_DETAILS = frozenset({*_DATA_FIELDS, *_DATA_FIELDS.values(), "parameters"})

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode


def encode_chunk(events: list[EventTuple]) -> bytes:
    """Return the chunk of a turn's events."""
    return _encode(events)


def decode_chunk(chunk: bytes) -> list[EventTuple]:
    """Return the events of a chunk."""
    return _decode(chunk)


def type_of(event: EventTuple) -> str:
    """Return the name of an event's type."""
    return _TABLE[event[0]][0]


def parameters_of(event: EventTuple) -> str:
    """Return what a …Scheduled event says that the task was given, as JSON text."""
    fields = _TABLE[event[0]][2:]
    name = "parameters" if "parameters" in fields else "input"
    text: str = event[3 + fields.index(name)]
    return text


def show(number: int, event: EventTuple) -> dict[str, Any]:
    """Return an event as AWS shows it, `timestamp` in seconds."""
    name, details_member, *fields = _TABLE[event[0]]
    shown = {"timestamp": event[2] / 1000, "type": name, "id": number, "previousEventId": event[1]}
    if details_member:
        shown[details_member] = _details(fields, event[3:])
    return shown


def without_data(details: dict[str, Any]) -> dict[str, Any]:
    """Return the details of an event without inputs, outputs, parameters and variables."""
    return {name: value for name, value in details.items() if name not in _DATA_DETAILS}


def _details(fields: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    for field, value in zip(fields, values, strict=False):
        if value is None:
            continue
        details[field] = value
        if field in _DATA_FIELDS:
            details[_DATA_FIELDS[field]] = {"truncated": False}
    return details
