"""Lambda's Runtime API, as a runtime interface client speaks it: one small HTTP/1.1 server on the loopback.

    GET  /{token}/2018-06-01/runtime/invocation/next                     waits until there is an invocation
    POST /{token}/2018-06-01/runtime/invocation/{request id}/response
    POST /{token}/2018-06-01/runtime/invocation/{request id}/error
    POST /{token}/2018-06-01/runtime/init/error

Every worker has a token of its own, which nobody can guess: it tells the workers apart, and it keeps other users of the
machine from taking an invocation or answering one.
"""

import asyncio
import secrets
from typing import Protocol, cast

import httptools

from stepwell.integrations.functions.outcomes import RESPONSE_LIMIT

HOST = "127.0.0.1"
HEAD_LIMIT = 2 * 1024 * 1024
"""Bytes of a request's line and headers: a client describes an error in a header of up to 1 MiB."""
_BASE = "2018-06-01/runtime/"
_ACCEPTED = b'{"status":"OK"}'


class RuntimeClient(Protocol):
    """A worker, as the Runtime API sees it."""

    def next_asked(self, connection: "Connection") -> None:
        """Wait for an invocation; it is sent over the connection."""

    def connection_closed(self, connection: "Connection") -> None:
        """Know that a connection of this worker is gone."""

    def answered(self, request_id: str, payload: bytes | None, error: bool) -> bool:
        """Take an answer, None where it is too large; return whether it was waited for."""

    def init_failed(self, payload: bytes) -> None:
        """Take why the function could not be loaded."""


class RuntimeApi:
    """The server, and the workers that it lets in."""

    def __init__(self) -> None:
        self._clients: dict[str, RuntimeClient] = {}
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._address = ""

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._clients, self._connections), HOST, 0)
        self._address = f"{HOST}:{self._server.sockets[0].getsockname()[1]}"

    def admit(self, client: RuntimeClient) -> tuple[str, str]:
        """Let a worker in; return its token, and what AWS_LAMBDA_RUNTIME_API has to be for it."""
        token = secrets.token_urlsafe(24)
        self._clients[token] = client
        return token, f"{self._address}/{token}"

    def dismiss(self, token: str) -> None:
        """Let this worker in no longer."""
        self._clients.pop(token, None)

    async def close(self) -> None:
        """Close the connections and the port."""
        if self._server is not None:
            self._server.close()
            for connection in list(self._connections):
                connection.abort()
            await self._server.wait_closed()


class Connection(asyncio.Protocol):
    """One connection of a worker, which asks for one thing at a time."""

    def __init__(self, clients: dict[str, RuntimeClient], connections: set["Connection"]) -> None:
        self._clients = clients
        self._connections = connections
        self._client: RuntimeClient | None = None
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._head_taken: int | None = 0
        self._url = b""
        self._body: list[bytes] = []
        self._body_taken = 0
        self._complete = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # No isinstance: uvloop's transports only look like asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Tell the worker whose connection it was."""
        self._connections.discard(self)
        self._transport = None
        if self._client is not None:
            self._client.connection_closed(self)

    def data_received(self, data: bytes) -> None:
        """Parse what has come, and answer when it is complete; close on anything that is no HTTP."""
        if self._head_taken is not None:
            self._head_taken += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.abort()
        if self._head_taken is not None and self._head_taken > HEAD_LIMIT:
            self.abort()
        # Not from within the parser's callback: it would make a parse error of any error of ours.
        if self._complete:
            self._answer()

    def on_url(self, part: bytes) -> None:
        """Take a part of the path."""
        self._url += part

    def on_headers_complete(self) -> None:
        """Count the body from here."""
        self._head_taken = None

    def on_body(self, part: bytes) -> None:
        """Take a part of the body; what is too large is counted and thrown away."""
        self._body_taken += len(part)
        if self._body_taken <= RESPONSE_LIMIT:
            self._body.append(part)
        else:
            self._body.clear()

    def on_message_complete(self) -> None:
        """Know that the request is complete."""
        self._complete = True

    def _answer(self) -> None:
        body = b"".join(self._body) if self._body_taken <= RESPONSE_LIMIT else None
        token, _, path = self._url.decode("ascii", "replace").removeprefix("/").partition("/")
        self._head_taken, self._url, self._body, self._body_taken, self._complete = 0, b"", [], 0, False
        self._client = self._clients.get(token)
        if self._client is None:
            self._refuse("403 Forbidden", "InvalidToken")
        elif path.startswith(_BASE):
            self._route(self._client, path.removeprefix(_BASE), body)
        else:
            self._refuse("404 Not Found", "UnknownOperation")

    def _route(self, client: RuntimeClient, path: str, body: bytes | None) -> None:
        match (self._parser.get_method(), *path.split("/")):
            case (b"GET", "invocation", "next"):
                client.next_asked(self)
            case (b"POST", "invocation", str(request_id), ("response" | "error") as kind):
                # Accepted even when it is too large: a client that is refused gives up, and its warm state is lost.
                if client.answered(request_id, body, kind == "error"):
                    self.send("202 Accepted", "", _ACCEPTED)
                else:
                    self._refuse("400 Bad Request", "InvalidRequestID")
            case (b"POST", "init", "error"):
                client.init_failed(body or b"{}")
                self.send("202 Accepted", "", _ACCEPTED)
            case _:
                self._refuse("404 Not Found", "UnknownOperation")

    def _refuse(self, status: str, kind: str) -> None:
        self.send(status, "", b'{"errorMessage":"%b","errorType":"%b"}' % (status.encode(), kind.encode()))

    def send(self, status: str, headers: str, body: bytes) -> bool:
        """Answer the request that is waiting; `headers` are whole lines. Return whether somebody is still there."""
        if self._transport is None or self._transport.is_closing():
            return False
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self._transport.write(head.encode() + body)
        return True

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()
