"""Events and event buses, and the tags of EventBridge's resources."""

from typing import Any

import msgspec

from stepwell.api.errors import ApiError
from stepwell.api.operations.rules import page
from stepwell.api.server import Server, seconds
from stepwell.events.errors import InvalidPattern
from stepwell.events.patterns import Pattern
from stepwell.language.document import decode
from stepwell.runtime.arns import Scope
from stepwell.runtime.bus.bus import Bus, bus_arn
from stepwell.runtime.bus.errors import InvalidEventPatternException

_NEEDED = ("id", "account", "source", "time", "region", "resources", "detail-type")


async def put_events(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """PutEvents."""
    return await server.bus.put_events(scope, request["Entries"])


async def test_event_pattern(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """TestEventPattern."""
    try:
        event = decode(request["Event"])
    except (msgspec.DecodeError, RecursionError):
        event = None
    missing = [name for name in _NEEDED if not isinstance(event, dict) or name not in event]
    if missing:
        reason = (
            f"Reason: {missing[0]} is a required argument." if isinstance(event, dict) else "Reason: no JSON object."
        )
        raise ApiError("ValidationException", f"Parameter Event is not valid. {reason}")
    try:
        return {"Result": Pattern(request["EventPattern"]).matches(event)}
    except InvalidPattern as error:
        raise InvalidEventPatternException(str(error)) from None


async def create_event_bus(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateEventBus."""
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
    bus = await server.bus.create_bus(scope, request["Name"], request.get("Description"), tags)
    answer = {"EventBusArn": bus_arn(scope, bus.name)}
    return answer if bus.description is None else {**answer, "Description": bus.description}


async def delete_event_bus(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEventBus."""
    await server.bus.delete_bus(scope, request["Name"])
    return {}


async def describe_event_bus(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEventBus."""
    return _shown(scope, server.bus.bus(scope, request.get("Name")))


async def list_event_buses(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListEventBuses."""
    prefix = request.get("NamePrefix") or ""
    found = [_shown(scope, bus) for bus in server.bus.buses(scope) if bus.name.startswith(prefix)]
    return await page(server, scope, ("ListEventBuses", prefix), request, "EventBuses", found)


async def tag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """TagResource."""
    given = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    await server.bus.change_tags(scope, request["ResourceARN"], lambda tags: {**tags, **given})
    return {}


async def untag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UntagResource."""
    gone = set(request["TagKeys"])
    await server.bus.change_tags(
        scope, request["ResourceARN"], lambda tags: {key: value for key, value in tags.items() if key not in gone}
    )
    return {}


async def list_tags_for_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListTagsForResource."""
    tags = server.bus.tagged(scope, request["ResourceARN"]).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _not_an_event(reason: str) -> ApiError:
    return ApiError("ValidationException", f"Parameter Event is not valid. Reason: {reason}")


def _shown(scope: Scope, bus: Bus) -> dict[str, Any]:
    shown: dict[str, Any] = {"Name": bus.name, "Arn": bus_arn(scope, bus.name)}
    if bus.description is not None:
        shown["Description"] = bus.description
    if bus.created:
        shown |= {"CreationTime": seconds(bus.created), "LastModifiedTime": seconds(bus.created)}
    return shown
