"""Testing one state."""

from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.operations.executions import check_input
from stepwell.api.server import Server
from stepwell.language.compiler import NotRunnable
from stepwell.runtime.arns import Scope, check_role_arn
from stepwell.testing.refusal import TestRefused
from stepwell.testing.trial import Outcome


async def test_state(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """TestState."""
    if request.get("input") is not None:
        check_input(request["input"])
    if request.get("roleArn") is not None:
        check_role_arn(request["roleArn"])
    try:
        return _shown(await server.engine.test_state(request, scope))
    except TestRefused as refusal:
        raise ApiError(refusal.code, refusal.message) from None
    except NotRunnable as problem:
        raise ApiError("UnsupportedOperationException", str(problem)) from None


def _shown(outcome: Outcome) -> dict[str, Any]:
    answer = {
        "output": outcome.output,
        "error": outcome.error,
        "cause": outcome.cause,
        "inspectionData": outcome.inspection,
        "nextState": outcome.next_state,
        "status": outcome.status,
    }
    return {name: value for name, value in answer.items() if value is not None}
