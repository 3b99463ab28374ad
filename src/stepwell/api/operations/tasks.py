"""Answering tasks by their tokens."""

from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.server import Server
from stepwell.language.source import json_problem
from stepwell.runtime.arns import Scope


async def send_task_success(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskSuccess."""
    output = request["output"]
    problem = json_problem(output)
    if problem is not None:
        raise ApiError("InvalidOutput", f"Invalid Output: '{problem}'")
    await server.engine.complete_task(request["taskToken"], output, account=scope.account)
    return {}


async def send_task_failure(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskFailure."""
    error, cause = request.get("error"), request.get("cause")
    await server.engine.fail_task(request["taskToken"], error, cause, account=scope.account)
    return {}


async def send_task_heartbeat(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskHeartbeat."""
    await server.engine.heartbeat(request["taskToken"], account=scope.account)
    return {}
