"""REST over ASGI, for services whose operations are paths: `GET /schedules/nightly?groupName=default`.

A request's members come from the path, the query and the body, as the service's model says; from there on it is as any
other (`wire.py`).
"""

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from stepwell.api import scheduler
from stepwell.api.errors import ApiError, ClientDisconnected, serialization_error
from stepwell.api.http import Headers, Message, Receive, Send, read_body, refuse_web_pages, respond
from stepwell.api.identity import Identities
from stepwell.api.server import Server
from stepwell.api.service import Operation
from stepwell.api.wire import as_api_error, decoded, new_request_id
from stepwell.language.document import encode

SERVICE = scheduler.SERVICE
_PATHS = re.compile(r"/(?:schedules|schedule-groups|tags)(?:/|$)")
_NUMBERS = {"integer", "long"}


class Route(NamedTuple):
    """How an operation is called."""

    method: str
    path: "re.Pattern[str]"
    query: dict[str, str]
    """The name in the query -> the member."""
    operation: Operation


def _routes() -> list[Route]:
    found = []
    for _, operation in SERVICE.operations():
        http = SERVICE.model.operations[operation.name]["http"]
        path = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(http["uri"])))
        found.append(Route(http["method"], path, http["query"], operation))
    return found


ROUTES = _routes()


def is_rest(path: str) -> bool:
    """Return whether a path is one of these services."""
    return _PATHS.match(path) is not None


class Rest:
    """The REST services as an ASGI application for requests of type http."""

    def __init__(self, server: Server, identities: Identities) -> None:
        self._server = server
        self._identities = identities

    async def __call__(self, request: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request_id = new_request_id()
        headers: Headers = [(b"x-amzn-requestid", request_id.encode())]
        try:
            body = await self._answer(request, receive)
        except ClientDisconnected:
            return
        except Exception as exception:  # noqa: BLE001 (the boundary: whatever it is becomes an answer)
            error = as_api_error(exception, f"{request['method']} {request['path']}", request_id)
            headers.append((b"x-amzn-errortype", error.code.encode()))
            await respond(send, SERVICE.status_of(error), encode(SERVICE.body_of(error)), SERVICE.content_type, headers)
        else:
            await respond(send, 200, body, SERVICE.content_type, headers)

    async def _answer(self, request: Message, receive: Receive) -> bytes:
        headers: dict[bytes, bytes] = dict(request["headers"])
        refuse_web_pages(headers)
        raw: bytes = request.get("raw_path") or request["path"].encode()
        path = raw.decode("latin-1").partition("?")[0]
        for route in ROUTES:
            match = route.path.fullmatch(path)
            if match is not None and route.method == request["method"]:
                named = {name: unquote(text) for name, text in match.groupdict().items()}
                given = _members(route, named, request.get("query_string", b""), await read_body(receive))
                scope = self._identities.scope(headers.get(b"authorization"))
                return encode(await route.operation.handle(self._server, scope, route.operation.validate(given)))
        raise ApiError(
            "UnknownOperationException", f"Nothing is served at {request['method']} {path[:200]}", status=404
        )


def _members(route: Route, named: dict[str, str], query: bytes, body: bytes) -> dict[str, Any]:
    """Return the members of a request, wherever they are."""
    given = decoded(body) if body else {}
    if not isinstance(given, dict):
        raise serialization_error("The request body is not a JSON object")
    shapes = SERVICE.model.shapes
    members = shapes[SERVICE.model.operations[route.operation.name]["input"]]["members"]
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        member = route.query.get(name)
        if member is None:
            continue
        kind = shapes[members[member]]["type"]
        if kind == "list":
            given.setdefault(member, []).append(text)
        else:
            given[member] = int(text) if kind in _NUMBERS and re.fullmatch(r"-?[0-9]{1,9}", text) else text
    return {**given, **named}
