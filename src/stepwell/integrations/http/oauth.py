"""OAuth's client credentials: a token is fetched when first needed, kept while it is good, and fetched anew on a 401.

The client's id and secret go into an Authorization header (RFC 6749, 2.3.1), unless the connection has a
`client_secret` among the parameters of its own: then they are where these say.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from msgspec import DecodeError

from stepwell.integrations.http.connections import Additions, Connection, ConnectionRefused, basic, http_parameters
from stepwell.integrations.http.encoding import encoded
from stepwell.integrations.http.parameters import UnusableParameters, header_problem
from stepwell.language.document import decode, encode
from stepwell.outbound import Failed, Outbound, Refused, Request, Response, TooLarge

TOKEN_TIMEOUT_SECONDS = 20.0
MAX_TOKEN_BYTES = 64 * 1024
MAX_TOKENS = 1_000
"""So many connections' tokens are kept; beyond it, the oldest is fetched again."""

MARGIN_SECONDS = 30.0
"""A token that ends sooner than this is fetched anew."""

_SECONDS = re.compile(r"\d{1,12}(\.\d*)?")
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(slots=True, repr=False)
class _Kept:
    """A connection's token, and the fetching of another where that is under way."""

    token: str = ""
    ends: float = 0.0
    fetching: asyncio.Task[None] | None = None


class Tokens:
    """The tokens of connections, fetched once for all the tasks that wait for one: they share a failure too."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._kept: dict[tuple[str, int], _Kept] = {}

    async def token(self, connection: Connection, region: str, stale: str = "") -> str:
        """Return a connection's token, and another than `stale`. Raise `ConnectionRefused`."""
        kept = self._kept.get((connection.arn, connection.revision))
        if kept is None:
            if len(self._kept) >= MAX_TOKENS:
                del self._kept[next(iter(self._kept))]
            kept = self._kept[connection.arn, connection.revision] = _Kept()
        if kept.token == stale or asyncio.get_running_loop().time() >= kept.ends:
            if kept.fetching is None:
                kept.fetching = asyncio.create_task(self._renew(kept, connection, region))
                kept.fetching.add_done_callback(_seen)
            await asyncio.shield(kept.fetching)
        return kept.token

    async def _renew(self, kept: _Kept, connection: Connection, region: str) -> None:
        try:
            kept.token, lifetime = await self._fetch(connection, region)
            kept.ends = asyncio.get_running_loop().time() + lifetime - MARGIN_SECONDS
        finally:
            kept.fetching = None

    async def _fetch(self, connection: Connection, region: str) -> tuple[str, float]:
        try:
            response = await self._outbound.send(_request(connection.parameters["OAuthParameters"], region))
        except (Refused, UnusableParameters) as error:
            raise ConnectionRefused("InvalidConnectionState", f"The token can't be fetched: {error}") from None
        except Failed as error:
            raise ConnectionRefused("InternalError", f"The token can't be fetched: {error}") from None
        except TooLarge:
            raise ConnectionRefused("InternalError", "The answer of the authorization endpoint is too large.") from None
        return _read(response)


def _seen(fetching: asyncio.Task[None]) -> None:
    """Look at how a fetching ended: whoever waited for it may be gone, and nobody is to complain of that."""
    if not fetching.cancelled():
        fetching.exception()


def _request(given: dict[str, Any], region: str) -> Request:
    client, more = given["ClientParameters"], http_parameters(given.get("OAuthHttpParameters"))
    names = {name.lower() for name, _ in more.headers}
    fields = dict(more.body)
    headers = list(more.headers)
    query = list(more.query)
    if "client_secret" not in {**fields, **dict(query)} and "authorization" not in names:
        headers.append(("Authorization", basic(client["ClientID"], client["ClientSecret"])))
    if "grant_type" not in {**fields, **dict(query)}:
        fields["grant_type"] = "client_credentials"
    method, body = given["HttpMethod"], None
    if method == "GET":
        query += fields.items()
    else:
        body = _encoded_body(fields, more)
        if "content-type" not in names:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    if "accept" not in names:
        headers.append(("Accept", "application/json"))
    if "user-agent" not in names:
        headers.append(("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{region}"))
    for name, value in headers:
        if problem := header_problem(name, value):
            raise UnusableParameters(problem)
    url: str = given["AuthorizationEndpoint"]
    if query:
        url += ("&" if "?" in url else "?") + encoded(query)
    return Request(method, url, headers, body, TOKEN_TIMEOUT_SECONDS, MAX_TOKEN_BYTES)


def _encoded_body(fields: dict[str, str], more: Additions) -> bytes:
    in_json = any(name.lower() == "content-type" and "json" in value.lower() for name, value in more.headers)
    return encode(fields) if in_json else encoded(fields.items()).encode()


def _read(response: Response) -> tuple[str, float]:
    """Return the token of an answer, and how long it is good for. Of another answer only the error's code is told."""
    try:
        given = decode(response.body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        given = None
    answered = given if isinstance(given, dict) else {}
    token = answered.get("access_token")
    if (
        200 <= response.status < 300
        and isinstance(token, str)
        and token
        and header_problem("Authorization", token) is None
    ):
        lifetime = str(answered.get("expires_in"))  # some write it as a text
        return token, float(lifetime) if _SECONDS.fullmatch(lifetime) else float("inf")
    code = answered.get("error")
    told = f", error {code}" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
    refused = 400 <= response.status < 500 or 200 <= response.status < 300
    raise ConnectionRefused(
        "InvalidConnectionState" if refused else "InternalError",
        f"The authorization endpoint has given no token (status {response.status}{told}). "
        "Look at the client's id and secret, and at the parameters that the endpoint wants.",
    )
