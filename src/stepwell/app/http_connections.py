"""The connections of this server, for its own HTTP tasks."""

import re

from stepwell.integrations.http import Connection, ConnectionRefused
from stepwell.runtime.arns import Scope
from stepwell.runtime.connections import ConnectionDoesNotExist, ConnectionKeyDoesNotFit, Connections
from stepwell.runtime.errors import UnusableSecretKey

_ARN = re.compile(r"arn:[a-z-]+:events:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):connection/(?P<name>[\w.-]+)/[\w-]+")


class HttpConnections:
    """Finds a connection and opens its secrets."""

    def __init__(self) -> None:
        self._connections: Connections | None = None

    def connect(self, connections: Connections) -> None:
        """Say which connections these are: they are made after the integrations that use them."""
        self._connections = connections

    async def connection(self, account: str, arn: str) -> Connection:
        """Return an account's connection. Raise `ConnectionRefused`."""
        assert self._connections is not None
        parts = _ARN.fullmatch(arn)
        if parts is None:
            raise ConnectionRefused("ResourceNotFound", f"'{arn[:200]}' is not the ARN of a connection.")
        if parts["account"] != account:
            raise ConnectionRefused("AccessDenied", f"The connection {arn} is another account's.")
        try:
            found = await self._connections.connection(Scope(account, parts["region"]), parts["name"])
        except ConnectionDoesNotExist:
            found = None
        if found is None or found.arn != arn:
            raise ConnectionRefused("ResourceNotFound", f"The connection {arn} does not exist.")
        if found.sealed is None:
            raise ConnectionRefused(
                "InvalidConnectionState", f"The connection {arn} is {found.state}. Update it to authorize it anew."
            )
        try:
            secrets = self._connections.secrets_of(found)
        except ConnectionKeyDoesNotFit:
            raise ConnectionRefused(
                "InternalError",
                f"The secrets of the connection {arn} were sealed with another key than this server has.",
            ) from None
        except UnusableSecretKey as error:
            raise ConnectionRefused("InternalError", str(error)) from None
        return Connection(arn, found.modified, found.authorization, secrets)
