"""Executions as the console finds them, whichever engine has them, and as it lists them."""

from typing import Any, NamedTuple

from stepwell.api.errors import ApiError
from stepwell.api.server import Server
from stepwell.runtime.arns import EXECUTION, Scope, parse_arn
from stepwell.runtime.port import ExecutionRecord, Store

EXPRESS = "express"
"""The resource type in the ARNs of Express executions."""


class Found(NamedTuple):
    """An execution, and the store that it is in."""

    record: ExecutionRecord
    store: Store


async def find(server: Server, scope: Scope, arn: str) -> Found:
    """Return an execution of the caller's account; raise `ApiError` where there is none."""
    parsed = parse_arn(arn, EXECUTION, EXPRESS)
    store = server.express.store if parsed.type == EXPRESS else server.engine.store
    record = await store.execution(arn) if parsed.account == scope.account else None
    if record is None:
        raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    return Found(record, store)


def item(record: ExecutionRecord) -> dict[str, Any]:
    """Return an execution as lists show it."""
    return {
        "executionArn": record.arn,
        "stateMachineArn": record.state_machine_arn,
        "stateMachine": record.state_machine_arn.rpartition(":")[2],
        "name": record.name,
        "type": "EXPRESS" if f":{EXPRESS}:" in record.arn else "STANDARD",
        "status": record.status,
        "started": record.started,
        "stopped": record.stopped,
        "error": record.error,
        "cause": record.cause,
        "redrives": 0 if record.redrive is None else record.redrive.count,
        "parked": record.parked is not None,
        "version": record.state_machine_version_arn,
        "alias": record.state_machine_alias_arn,
    }
