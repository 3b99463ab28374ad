"""Creating, describing, changing, deleting and listing aliases of state machines."""

from typing import Any

from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope


async def create_state_machine_alias(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateStateMachineAlias."""
    alias = await server.registry.aliases.create(
        scope, request["name"], request["routingConfiguration"], request.get("description") or ""
    )
    return {"stateMachineAliasArn": alias.arn, "creationDate": seconds(alias.created)}


async def describe_state_machine_alias(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeStateMachineAlias."""
    alias = await server.registry.aliases.alias(scope, request["stateMachineAliasArn"])
    answer = {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "routingConfiguration": [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in alias.routes],
        "creationDate": seconds(alias.created),
        "updateDate": seconds(alias.updated),
    }
    if alias.description:
        answer["description"] = alias.description
    return answer


async def update_state_machine_alias(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateStateMachineAlias."""
    alias = await server.registry.aliases.update(
        scope, request["stateMachineAliasArn"], request.get("routingConfiguration"), request.get("description")
    )
    return {"updateDate": seconds(alias.updated)}


async def delete_state_machine_alias(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteStateMachineAlias."""
    await server.registry.aliases.delete(scope, request["stateMachineAliasArn"])
    return {}


async def list_state_machine_aliases(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListStateMachineAliases of a state machine, or of a version of it."""
    arn, size = request["stateMachineArn"], page_size(request)
    question = ("ListStateMachineAliases", arn)
    after = await server.pages.position(scope, question, request.get("nextToken"))
    aliases = await server.registry.aliases.list(scope, arn, size + 1, after)
    answer: dict[str, Any] = {
        "stateMachineAliases": [
            {"stateMachineAliasArn": alias.arn, "creationDate": seconds(alias.created)} for alias in aliases[:size]
        ]
    }
    if len(aliases) > size:
        answer["nextToken"] = await server.pages.token(scope, question, aliases[size - 1].key)
    return answer
