"""The console as an ASGI application for the paths below /console.

Pages are for anybody who calls the server by its own name: there is nothing in them. The calls behind them need a
session. Every answer of a call, an error too, is JSON that nobody keeps.
"""

from collections.abc import Callable
from typing import Any

from stepwell import __version__
from stepwell.api.errors import ApiError, ClientDisconnected
from stepwell.api.http import App, Headers, Message, Receive, Send, read_body, respond
from stepwell.api.server import Server
from stepwell.api.step_functions import SERVICE
from stepwell.api.table import TARGETS
from stepwell.api.wire import as_api_error, new_request_id, while_connected
from stepwell.console.calls import Calls
from stepwell.console.guards import Guards
from stepwell.console.pages import PREFIX, Pages
from stepwell.console.request import Asked, read_object, read_query, scope_of
from stepwell.console.sessions import Sessions, TooManyAttempts
from stepwell.language.document import encode

API = f"{PREFIX}api/"
_AWS = "aws/"
_JSON = b"application/json"
_COMMON: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Console:
    """The pages, the session, and the calls."""

    def __init__(self, server: Server, sessions: Sessions, host: str, calls: Calls, pages: Pages | None = None) -> None:
        self._server = server
        self._sessions = sessions
        self._guards = Guards(host)
        self._pages = pages or Pages()
        self._calls = calls
        self.on_login: Callable[[], None] = lambda: None
        """Called when a one-time token was used."""

    def close(self) -> None:
        """Let the streams end: the server does."""
        self._calls.changes.close()

    def new_link(self) -> str:
        """Return the path, with a one-time token, by which somebody can log in."""
        return f"{PREFIX}#token={self._sessions.new_token()}"

    async def __call__(self, request: Message, receive: Receive, send: Send) -> None:
        """Answer one request of type http."""
        request_id = new_request_id()
        try:
            await self._answer(request, receive, send)
        except ClientDisconnected:
            return
        except Exception as exception:  # noqa: BLE001 (the boundary: whatever it is becomes an answer)
            error = as_api_error(exception, request["path"], request_id)
            headers: Headers = [*_COMMON, (b"x-amzn-requestid", request_id.encode())]
            if isinstance(error, TooManyAttempts):
                headers.append((b"retry-after", b"%d" % error.seconds))
            await respond(send, SERVICE.status_of(error), encode(SERVICE.body_of(error)), _JSON, headers)

    async def _answer(self, request: Message, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(request["headers"])
        self._guards.check_host(headers)
        path, method = request["path"], request["method"]
        if path.startswith(API):
            await self._answer_call(path.removeprefix(API), request, headers, receive, send)
        elif method not in {"GET", "HEAD"}:
            raise ApiError("MethodNotAllowed", f"{method} is not supported here", status=405)
        elif path == PREFIX.rstrip("/"):
            await respond(send, 308, b"", b"text/plain", [(b"location", PREFIX.encode()), *_COMMON])
        else:
            await self._pages.answer(request, send)

    async def _answer_call(
        self, name: str, request: Message, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        method = request["method"]
        if method == "GET":
            self._guards.check_reader(headers)
        else:
            self._guards.check_writer(headers)
        if (method, name) == ("POST", "session"):
            await self._log_in(read_object(await read_body(receive)), send)
            return
        self._sessions.check(headers)
        query = read_query(request.get("query_string", b""))
        body = {} if method == "GET" else read_object(await read_body(receive))
        asked = Asked(scope_of(query), query, body, _text(headers.get(b"last-event-id")))
        if name == "session" and method in {"GET", "DELETE"}:
            await self._session(method, headers, send)
        elif (method, name) == ("POST", "session/links"):
            await _send_json(send, {"path": self.new_link()})
        elif method == "POST" and name.startswith(_AWS):
            await _send_json(send, await self._aws(name.removeprefix(_AWS), asked, receive))
        else:
            await self._call(f"{method} {name}", asked, receive, send)

    async def _call(self, name: str, asked: Asked, receive: Receive, send: Send) -> None:
        if name == "GET stream":
            await self._calls.streams.answer(asked, receive, send)
        elif name == "GET export":
            file, kind, content = await self._calls.exports.file(asked)
            await respond(send, 200, content, kind, [*_COMMON, *_attached(file)])
        else:
            call = self._calls.table.get(name)
            if call is None:
                raise ApiError("UnknownOperationException", f"The console has no {name[:100]}", status=404)
            await _send_json(send, await call(asked))

    async def _log_in(self, body: dict[str, Any], send: Send) -> None:
        token = body.get("token")
        cookie = self._sessions.log_in(token if isinstance(token, str) else "")
        self.on_login()
        await _send_json(send, _who(), [(b"set-cookie", self._sessions.set_cookie(cookie))])

    async def _session(self, method: str, headers: dict[bytes, bytes], send: Send) -> None:
        if method == "GET":
            await _send_json(send, _who())
            return
        self._sessions.log_out(headers)
        await _send_json(send, {}, [(b"set-cookie", self._sessions.forget_cookie())])

    async def _aws(self, name: str, asked: Asked, receive: Receive) -> dict[str, Any]:
        """Call an operation of Step Functions, or by its whole target (`AWSEvents.PutEvents`) another service's."""
        target = name if "." in name else f"{SERVICE.target}.{name}"
        operation = TARGETS.get(target.encode("utf-8", "surrogatepass"))
        if operation is None:
            raise ApiError("UnknownOperationException", f"There is no operation {name[:100]}", status=404)
        answer = operation.handle(self._server, asked.scope, operation.validate(asked.body))
        return await (while_connected(answer, receive) if operation.long_poll else answer)


def mounted(console: Console, app: App) -> App:
    """Return an application in which the console answers what is its own."""

    async def both(request: Message, receive: Receive, send: Send) -> None:
        path: str = request.get("path", "")
        if (
            request["type"] == "http"
            and path.startswith("/console")
            and (path == "/console" or path.startswith(PREFIX))
        ):
            await console(request, receive, send)
        else:
            await app(request, receive, send)

    return both


def _attached(file: str) -> Headers:
    return [
        (b"content-disposition", f'attachment; filename="{file}"'.encode()),
        (b"content-security-policy", b"sandbox; default-src 'none'; style-src 'unsafe-inline'"),
    ]


def _who() -> dict[str, Any]:
    scope = scope_of({})
    return {"version": __version__, "account": scope.account, "region": scope.region}


async def _send_json(send: Send, value: Any, headers: Headers | None = None) -> None:
    await respond(send, 200, encode(value), _JSON, [*_COMMON, *(headers or [])])


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
