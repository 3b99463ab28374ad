"""The HTTP task: `arn:aws:states:::http:invoke`, authorized by a connection of EventBridge."""

from stepwell.integrations.http.connections import Connection, ConnectionRefused, Connections
from stepwell.integrations.http.integration import HttpIntegration

__all__ = ["Connection", "ConnectionRefused", "Connections", "HttpIntegration"]
