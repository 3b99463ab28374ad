"""Answering tasks by their tokens."""

from typing import Any

from stepwell.api.server import Server
from stepwell.runtime.arns import Scope


async def send_task_success(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """SendTaskSuccess."""
    await server.engine.complete_task(request["taskToken"], request["output"], account=scope.account)
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
