"""Connections of EventBridge."""

from typing import Any

from stepwell.api.errors import ApiError, not_implemented
from stepwell.api.pagination import DEFAULT_PAGE_SIZE
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope
from stepwell.runtime.connections import Connection
from stepwell.runtime.errors import InvalidToken

_DELETING = "DELETING"
_PRIVATE = "InvocationConnectivityParameters"


async def create_connection(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateConnection."""
    _check_supported(request)
    name, kind = request["Name"], request["AuthorizationType"]
    made = await server.connections.create(scope, name, kind, request["AuthParameters"], request.get("Description"))
    return _summary(made, authorized=False)


async def update_connection(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateConnection."""
    _check_supported(request)
    kind, given = request.get("AuthorizationType"), request.get("AuthParameters")
    return _summary(await server.connections.update(scope, request["Name"], kind, given, request.get("Description")))


async def describe_connection(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeConnection: all but what is secret."""
    connection = await server.connections.connection(scope, request["Name"])
    answer = _summary(connection) | {
        "Name": connection.name,
        "AuthorizationType": connection.authorization,
        "AuthParameters": connection.shown,
        "SecretArn": connection.secret_arn,
    }
    if connection.description is not None:
        answer["Description"] = connection.description
    return answer


async def delete_connection(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteConnection."""
    return _summary(await server.connections.delete(scope, request["Name"])) | {"ConnectionState": _DELETING}


async def deauthorize_connection(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeauthorizeConnection."""
    return _summary(await server.connections.deauthorize(scope, request["Name"]))


async def list_connections(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListConnections, oldest first."""
    prefix, state = request.get("NamePrefix") or "", request.get("ConnectionState")
    size = request.get("Limit") or DEFAULT_PAGE_SIZE
    question = ("ListConnections", prefix, state)
    try:
        after = await server.pages.position(scope, question, request.get("NextToken"))
    except InvalidToken:
        raise ApiError("ValidationException", "The NextToken is not valid for this request.") from None
    found: list[Connection] = []
    more = True
    while more and len(found) <= size:  # the state is no part of the index; there are few connections
        page = await server.connections.list(scope, size + 1, after, prefix)
        found += (connection for connection in page if state in {None, connection.state})
        more = len(page) > size
        after = page[-1].key if page else after
    answer: dict[str, Any] = {"Connections": [_listed(connection) for connection in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = await server.pages.token(scope, question, found[size - 1].key)
    return answer


def _check_supported(request: dict[str, Any]) -> None:
    """Refuse what would silently not be done."""
    if request.get("KmsKeyIdentifier"):
        raise ApiError(
            "ValidationException",
            "KmsKeyIdentifier is not supported: secrets are sealed with the key of this server. Leave it out.",
        )
    auth = request.get("AuthParameters") or {}
    if request.get(_PRIVATE) is not None or auth.get("ConnectivityParameters") is not None:
        raise not_implemented("A connection through VPC Lattice (to a private API: [http] allow in the settings)")


def _summary(connection: Connection, *, authorized: bool = True) -> dict[str, Any]:
    answer = {
        "ConnectionArn": connection.arn,
        "ConnectionState": connection.state,
        "CreationTime": seconds(connection.created),
        "LastModifiedTime": seconds(connection.modified),
    }
    if authorized and connection.authorized is not None:
        answer["LastAuthorizedTime"] = seconds(connection.authorized)
    return answer


def _listed(connection: Connection) -> dict[str, Any]:
    return _summary(connection) | {"Name": connection.name, "AuthorizationType": connection.authorization}
