"""Answering tasks by their tokens."""

from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.server import Server
from stepwell.language.source import json_problem
from stepwell.runtime.arns import Scope


async def send_task_success(server: Server, _scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskSuccess."""
    output = request["output"]
    problem = json_problem(output)
    if problem is not None:
        raise ApiError("InvalidOutput", f"Invalid Output: '{problem}'")
    await server.engine.complete_task(request["taskToken"], output)
    return {}


async def send_task_failure(server: Server, _scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskFailure."""
    await server.engine.fail_task(request["taskToken"], request.get("error"), request.get("cause"))
    return {}


async def send_task_heartbeat(server: Server, _scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskHeartbeat."""
    await server.engine.heartbeat(request["taskToken"])
    return {}
