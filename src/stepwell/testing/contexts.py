"""The context object of a test: what the request gives of it, checked, upon what every execution has."""

from collections.abc import Callable
from typing import Any

import msgspec

from stepwell.language.document import decode
from stepwell.language.timestamps import format_milliseconds
from stepwell.testing.refusal import TestRefused

# Field -> its members with their kinds; None: any value.
_FIELDS: dict[str, dict[str, tuple[type, str] | None]] = {
    "Execution": {
        **dict.fromkeys(("Id", "Name", "RoleArn", "StartTime", "RedriveTime"), (str, "a string")),
        "RedriveCount": (int, "a number"),
        "Input": None,
    },
    "State": {**dict.fromkeys(("EnteredTime", "Name"), (str, "a string")), "RetryCount": (int, "a number")},
    "StateMachine": dict.fromkeys(("Id", "Name"), (str, "a string")),
    "Task": {"Token": (str, "a string")},
}


def checked_context(text: str, *, has_task: bool) -> dict[str, Any]:
    """Return the context object that a request gives; raise `TestRefused` for what can't be in one."""
    try:
        value = decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _invalid("Context must be a valid JSON object")
    for name, part in value.items():
        if name == "Map":
            raise _invalid("'Map' field is not supported when mocking a Context object")
        if name not in _FIELDS:
            raise _invalid(f"Field '{name}' is not allowed")
        if name == "Task" and not has_task:
            raise _invalid(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
                "service integration pattern"
            )
        _check_part(name, part)
    return value


def _check_part(name: str, part: Any) -> None:
    if not isinstance(part, dict):
        raise _invalid(f"{name} must be an object")
    known = _FIELDS[name]
    for member, value in part.items():
        if member not in known:
            raise _invalid(f"Field '{member}' is not allowed")
        kind = known[member]
        if kind is not None and (not isinstance(value, kind[0]) or isinstance(value, bool)):
            raise _invalid(f"{name}.{member} must be {kind[1]}")


def _invalid(problem: str) -> TestRefused:
    return TestRefused(f"Invalid Context object provided: {problem}")


def default_context(
    *, arn: str, machine_arn: str, role_arn: str | None, source: Any, state: str, retries: int | None, now: int
) -> dict[str, Any]:
    """Return the context object of an execution that has just begun with the state under test."""
    moment = format_milliseconds(now)
    context: dict[str, Any] = {
        "Execution": {
            "Id": arn,
            "Input": source,
            "Name": arn.rpartition(":")[2],
            "RoleArn": role_arn,
            "StartTime": moment,
        },
        "StateMachine": {"Id": machine_arn, "Name": machine_arn.rpartition(":")[2]},
        "State": {"Name": state, "EnteredTime": moment},
    }
    if retries is not None:
        context["State"]["RetryCount"] = retries
    return context


def merged(default: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    """Return a context object in which what is given stands before what is the default."""
    if not given:
        return default
    return default | {name: default.get(name, {}) | part for name, part in given.items()}


def with_item(context: dict[str, Any], item: tuple[int, Any] | None) -> Callable[[], dict[str, Any]]:
    """Return what an expression asks for the context object; `item` is a Map's (index, value)."""
    if item is None:
        return lambda: context
    return lambda: context | {"Map": {"Item": {"Index": item[0], "Value": item[1]}}}
