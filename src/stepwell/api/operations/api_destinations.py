"""The API destinations of EventBridge."""

from typing import Any

from stepwell.api.operations.rules import page
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope
from stepwell.runtime.bus.destinations import Destination

_STATE = "ACTIVE"


async def create_api_destination(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateApiDestination."""
    return _changed(await server.bus.destinations.create(scope, request))


async def update_api_destination(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateApiDestination."""
    return _changed(await server.bus.destinations.update(scope, request))


async def describe_api_destination(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeApiDestination."""
    found = server.bus.destinations.get(scope, request["Name"])
    return {**_shown(found), **{key: found.given[key] for key in ("Description",) if key in found.given}}


async def delete_api_destination(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteApiDestination."""
    await server.bus.destinations.delete(scope, request["Name"])
    return {}


async def list_api_destinations(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListApiDestinations."""
    prefix, connection = request.get("NamePrefix") or "", request.get("ConnectionArn")
    found = [
        _shown(each)
        for each in server.bus.destinations.of(scope)
        if each.name.startswith(prefix) and connection in {None, each.given["ConnectionArn"]}
    ]
    question = ("ListApiDestinations", prefix, connection or "")
    return await page(server, scope, question, request, "ApiDestinations", found)


def _changed(made: Destination) -> dict[str, Any]:
    return {"ApiDestinationArn": made.arn, "ApiDestinationState": _STATE, **_times(made)}


def _shown(found: Destination) -> dict[str, Any]:
    names = ("ConnectionArn", "InvocationEndpoint", "HttpMethod", "InvocationRateLimitPerSecond")
    given = {name: found.given[name] for name in names if name in found.given}
    return {
        "ApiDestinationArn": found.arn, "Name": found.name, "ApiDestinationState": _STATE, **given, **_times(found)
    }  # fmt: skip


def _times(found: Destination) -> dict[str, Any]:
    return {"CreationTime": seconds(found.created), "LastModifiedTime": seconds(found.modified)}
