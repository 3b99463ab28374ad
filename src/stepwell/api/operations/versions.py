"""Publishing, listing and deleting versions of state machines."""

from typing import Any

from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope


async def publish_state_machine_version(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """PublishStateMachineVersion. A revision that was published before answers its version."""
    version = await server.registry.publish_version(
        scope, request["stateMachineArn"], request.get("revisionId"), request.get("description") or ""
    )
    return {"stateMachineVersionArn": version.arn, "creationDate": seconds(version.created)}


async def list_state_machine_versions(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListStateMachineVersions, the last published first."""
    arn, size = request["stateMachineArn"], page_size(request)
    question = ("ListStateMachineVersions", arn)
    before = await server.pages.position(scope, question, request.get("nextToken"))
    versions = await server.registry.versions(scope, arn, size + 1, before)
    answer: dict[str, Any] = {
        "stateMachineVersions": [
            {"stateMachineVersionArn": version.arn, "creationDate": seconds(version.created)}
            for version in versions[:size]
        ]
    }
    if len(versions) > size:
        answer["nextToken"] = await server.pages.token(scope, question, versions[size - 1].number)
    return answer


async def delete_state_machine_version(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteStateMachineVersion."""
    await server.registry.delete_version(scope, request["stateMachineVersionArn"])
    return {}
