"""A client of the Step Functions protocol that costs little, so that it is the server that sets the limit.

One connection, kept alive where the server keeps it, one request at a time, the head of each request written once. The
signature is none: neither server looks at it.
"""

import asyncio
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import msgspec

CONTENT_TYPE = "application/x-amz-json-1.0"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class CallFailed(Exception):
    """The server answered with an error; it says which."""


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection."""

    def __init__(self) -> None:
        self.usable = False
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def send(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send a request; the future gives the answer's status and body."""
        assert self._transport is not None
        self._body = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.usable = True

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, _: Exception | None) -> None:
        self.usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection without an answer"))

    # What the parser calls

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.usable = False
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), self._body))


class Client:
    """Calls operations of one server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._connection = Connection()
        self._heads: dict[str, bytes] = {}

    async def call(self, operation: str, request: dict[str, Any]) -> Any:
        """Return an operation's answer. Raise `CallFailed` where it is an error."""
        if not self._connection.usable:
            loop = asyncio.get_running_loop()
            _, self._connection = await loop.create_connection(Connection, self._host, self._port)
        body = _encode(request)
        status, answer = await self._connection.send(b"%s%d\r\n\r\n%s" % (self._head(operation), len(body), body))
        if status != 200:
            raise CallFailed(f"{operation}: {status} {answer[:500].decode(errors='replace')}")
        return _decode(answer)

    def close(self) -> None:
        self._connection.close()

    def _head(self, operation: str) -> bytes:
        head = self._heads.get(operation)
        if head is None:
            head = self._heads[operation] = (
                f"POST / HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
                f"X-Amz-Target: AWSStepFunctions.{operation}\r\nContent-Type: {CONTENT_TYPE}\r\n"
                "X-Amz-Date: 20260101T000000Z\r\n"
                "Authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/states/aws4_request, "
                f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}\r\n"
                "Content-Length: "
            ).encode()
        return head
