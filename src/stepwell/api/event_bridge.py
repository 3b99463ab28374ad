"""The API of Amazon EventBridge: which function answers which operation."""

from stepwell.api.model import EVENT_BRIDGE
from stepwell.api.operations import connections
from stepwell.api.service import Handler, Service

_HANDLERS: dict[str, Handler] = {
    "CreateConnection": connections.create_connection,
    "DeauthorizeConnection": connections.deauthorize_connection,
    "DeleteConnection": connections.delete_connection,
    "DescribeConnection": connections.describe_connection,
    "ListConnections": connections.list_connections,
    "UpdateConnection": connections.update_connection,
}

SERVICE = Service(
    name="Amazon EventBridge",
    target="AWSEvents",
    content_type=b"application/x-amz-json-1.1",
    model=EVENT_BRIDGE,
    handlers=_HANDLERS,
)
