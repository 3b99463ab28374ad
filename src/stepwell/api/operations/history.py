"""Reading the history of an execution, page by page."""

from typing import Any

from stepwell.api.operations.executions import found_execution
from stepwell.api.pagination import page_size
from stepwell.api.server import Server
from stepwell.runtime.arns import Scope
from stepwell.runtime.port import without_data


async def get_execution_history(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """GetExecutionHistory, from the first event or, with reverseOrder, from the last."""
    arn = request["executionArn"]
    backwards = bool(request.get("reverseOrder"))
    record = await found_execution(server, scope, arn)
    question = ("GetExecutionHistory", arn, backwards)
    position = await server.pages.position(scope, question, request.get("nextToken"))
    size, newest = page_size(request), server.engine.last_event(record)
    if backwards:
        last = newest if position is None else position
        first = max(last - size + 1, 1)
        following = first - 1
    else:
        first = position or 1
        last = min(first + size - 1, newest)
        following = last + 1 if last < newest else 0
    events = await server.engine.history(record, first, last)
    if backwards:
        events.reverse()
    if request.get("includeExecutionData") is False:
        events = [_without_data(event) for event in events]
    answer: dict[str, Any] = {"events": events}
    if following:
        answer["nextToken"] = await server.pages.token(scope, question, following)
    return answer


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event without inputs, outputs and variables."""
    return {key: without_data(value) if isinstance(value, dict) else value for key, value in event.items()}
