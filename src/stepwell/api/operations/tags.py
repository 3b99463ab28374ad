"""The tags of state machines and activities."""

from typing import Any

from stepwell.api.server import Server
from stepwell.runtime.arns import Scope


async def tag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """TagResource."""
    await server.registry.tagging.tag(scope, request["resourceArn"], request["tags"])
    return {}


async def untag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UntagResource."""
    await server.registry.tagging.untag(scope, request["resourceArn"], request["tagKeys"])
    return {}


async def list_tags_for_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListTagsForResource."""
    tags = await server.registry.tagging.tags(scope, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
