"""Rows to write, with whatever a test doesn't care for filled in."""

from typing import Any

from stepwell.storage.records import (
    ActivityRecord,
    ExecutionRecord,
    LaneRecord,
    RevisionRecord,
    StateMachineRecord,
    Turn,
)

REGION = "eu-central-1"
ACCOUNT = "123456789012"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"
ORDERS = f"{STATES}:stateMachine:Orders"
RETURNS = f"{STATES}:stateMachine:Returns"
WORKERS = f"{STATES}:activity:Workers"


def execution(key: int, name: str = "", **values: Any) -> ExecutionRecord:
    label = name or f"run-{key}"
    given = {
        "arn": f"{STATES}:execution:Orders:{label}",
        "state_machine_arn": ORDERS,
        "name": label,
        "revision": 1,
        "status": "RUNNING",
        "input": "{}",
        "started": 1_700_000_000_000 + key,
        "version": 1,
    }
    return ExecutionRecord(key=key, **{**given, **values})


def started(key: int, name: str = "", *, lanes: list[LaneRecord] | None = None, **values: Any) -> Turn:
    return Turn(execution(key, name, **values), True, 1, 2, b"started", lanes or [])


def advanced(key: int, version: int, **values: Any) -> Turn:
    of_turn = {name: values.pop(name) for name in ("lanes", "ended_lanes", "all_lanes_ended") if name in values}
    first = 2 * version - 1
    return Turn(execution(key, version=version, **values), False, first, first + 1, b"advanced %d" % version, **of_turn)


def lane(number: int, waits: str = "task", **values: Any) -> LaneRecord:
    given: dict[str, Any] = {"ticket": 1, "due": None, "resource": None, "frame": b"frame", "progress": b"progress"}
    return LaneRecord(number, waits, **{**given, **values})


def state_machine(key: int, arn: str = ORDERS, **values: Any) -> StateMachineRecord:
    given = {"type": "STANDARD", "status": "ACTIVE", "revision": key, "created": 1_700_000_000_000, "tags": {"a": "ü"}}
    return StateMachineRecord(key, arn, ACCOUNT, REGION, arn.rpartition(":")[2], **{**given, **values})


def revision(key: int, arn: str = ORDERS, **values: Any) -> RevisionRecord:
    given = {
        "revision_id": None,
        "definition": '{"StartAt": "A"}',
        "role_arn": "arn:aws:iam::123456789012:role/r",
        "logging_configuration": {"level": "ALL", "destinations": []},
        "tracing_configuration": {"enabled": False},
        "encryption_configuration": None,
        "created": 1_700_000_000_000,
    }
    return RevisionRecord(key, arn, **{**given, **values})


def activity(key: int, arn: str = WORKERS, **values: Any) -> ActivityRecord:
    return ActivityRecord(key, arn, ACCOUNT, REGION, arn.rpartition(":")[2], 1_700_000_000_000, **values)
