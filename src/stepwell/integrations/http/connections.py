"""What the HTTP task needs of connections: a port, and what a connection adds to a request.

A secret shows in nothing but the request itself: neither has a connection a `repr`, nor do its errors repeat any of it.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

BASIC, API_KEY, OAUTH = "BASIC", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"
HIDDEN = "***Sensitive Data Redacted***"
ERROR = "Events.ConnectionResource."

Pairs = Sequence[tuple[str, str]]


class ConnectionRefused(Exception):
    """A connection can't be used; what Retry and Catch see."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{ERROR}{error}: {cause}")
        self.error = ERROR + error
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that authorizes, with its secrets."""

    arn: str
    revision: int
    """Another one when the connection was changed."""
    authorization: str
    parameters: dict[str, Any] = field(repr=False)
    """As AWS names them."""


class Connections(Protocol):
    """The connections of this server."""

    async def connection(self, account: str, arn: str) -> Connection:
        """Return an account's connection. Raise `ConnectionRefused`."""


@dataclass(frozen=True, slots=True, repr=False)
class Additions:
    """What a connection adds to a request, and wins with where the request has the same."""

    headers: Pairs = ()
    query: Pairs = ()
    body: Pairs = ()

    def hidden(self) -> "Additions":
        """Return the same with no value to be seen."""
        return Additions(_hidden(self.headers), _hidden(self.query), _hidden(self.body))

    def with_bearer(self, token: str) -> "Additions":
        """Return the same with a token of OAuth."""
        return replace(self, headers=[*self.headers, ("Authorization", f"Bearer {token}")])


def additions_of(connection: Connection) -> Additions:
    """Return what a connection adds by itself; OAuth's token is fetched apart."""
    http = http_parameters(connection.parameters.get("InvocationHttpParameters"))
    headers = list(http.headers)
    if connection.authorization == BASIC:
        given = connection.parameters["BasicAuthParameters"]
        headers.append(("Authorization", basic(given["Username"], given["Password"])))
    elif connection.authorization == API_KEY:
        given = connection.parameters["ApiKeyAuthParameters"]
        headers.append((given["ApiKeyName"], given["ApiKeyValue"]))
    return replace(http, headers=headers)


def http_parameters(given: dict[str, Any] | None) -> Additions:
    """Return ConnectionHttpParameters, read."""
    lists = ("HeaderParameters", "QueryStringParameters", "BodyParameters")
    return Additions(*(_pairs((given or {}).get(name)) for name in lists))


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header for a user and a password."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _pairs(given: list[dict[str, Any]] | None) -> Pairs:
    return [(each["Key"], each.get("Value") or "") for each in given or () if each.get("Key")]


def _hidden(pairs: Pairs) -> Pairs:
    return [(name, HIDDEN) for name, _ in pairs]
