"""HTTP as uvicorn speaks it, with a short way for the calls of the AWS API.

What the SDKs send is small, whole and to `/`. For that, an ASGI scope, an event and a task cost more than the call
itself, and a head and a body written apart cost the system two packets. So such a call goes from the parser to the wire
and back in one step; a task takes it on only where it has to wait. All else, the console, paths, large bodies, requests
that come before the last is answered, takes uvicorn's own way, and the two share its rules for connections: keep-alive,
flow control, and leaving no request unanswered at a shutdown.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from stepwell.api.errors import ClientDisconnected
from stepwell.api.http import MAX_BODY_BYTES, Message
from stepwell.api.service import Operation
from stepwell.api.table import TARGETS
from stepwell.api.wire import TARGET, Answer, Wire
from stepwell.app.outgoing import Outgoing

T = TypeVar("T")

_DIGITS_OF_A_BODY = len(str(MAX_BODY_BYTES))


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, wire: Wire, outgoing: Outgoing, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._wire = wire
        self._outgoing = outgoing

    def on_headers_complete(self) -> None:
        """Begin a request."""
        call = self._short()
        if call is None:
            super().on_headers_complete()
        else:
            self.cycle = call  # type: ignore[assignment]  # it has what uvicorn asks of one

    def _short(self) -> "Call | None":
        """Return the call that the head begins, if it can take the short way."""
        if self.url != b"/" or self.expect_100_continue or self.flow.write_paused:
            return None
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        parser = self.parser
        if parser.get_method() != b"POST" or parser.should_upgrade() or not parser.should_keep_alive():
            return None
        headers = dict(self.headers)
        operation = TARGETS.get(headers.get(TARGET, b""))
        if operation is None or not _is_small(headers.get(b"content-length", b"")):
            return None
        return Call(operation, headers)

    def on_body(self, body: bytes) -> None:
        """Take a part of a request's body."""
        call: object = self.cycle
        if isinstance(call, Call):
            call.body = call.body + body if call.body else body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request, and answer it if it takes the short way."""
        call: object = self.cycle
        if not isinstance(call, Call):
            super().on_message_complete()
            return
        answering = self._wire.call(call.operation, call.headers, call.body, call.receive)
        try:
            wait = answering.send(None)
        except StopIteration as ended:
            self._answer(call, ended.value, at_once=True)
        except ClientDisconnected:
            self._answer(call, None)
        else:
            self._answer_later(call, Begun(answering, wait))

    def _answer_later(self, call: "Call", answering: "Begun[Answer]") -> None:
        def answered(task: asyncio.Task[Answer]) -> None:
            self.tasks.discard(task)
            gone = task.cancelled() or task.exception() is not None
            self._answer(call, None if gone else task.result())

        task = self.loop.create_task(answering)
        self.tasks.add(task)  # type: ignore[arg-type]  # uvicorn waits for them, whatever they give
        task.add_done_callback(answered)

    def _answer(self, call: "Call", answer: Answer | None, *, at_once: bool = False) -> None:
        """Write an answer, with others that were made `at_once` if it was; without one, end the connection."""
        call.response_complete = True
        transport = self.transport
        if transport.is_closing():
            return
        if answer is None:
            transport.close()
            return
        status, body, content_type, headers = answer
        parts = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
        if not call.keep_alive:
            parts.append(b"connection: close\r\n")
        parts.append(b"content-type: %b\r\ncontent-length: %d\r\n\r\n%b" % (content_type, len(body), body))
        if at_once and call.keep_alive:
            self._outgoing.send(transport, b"".join(parts))
        else:
            transport.write(b"".join(parts))
        if not call.keep_alive:
            transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, after the answers to what came before it."""
        self._outgoing.flush()
        super().send_400_response(msg)

    def shutdown(self) -> None:
        """Close the connection as soon as nothing is to be answered."""
        self._outgoing.flush()
        super().shutdown()


class Call:
    """A request on the short way, and what uvicorn asks of the request that a connection is busy with."""

    __slots__ = ("body", "disconnected", "headers", "keep_alive", "message_event", "operation", "response_complete")

    def __init__(self, operation: Operation, headers: dict[bytes, bytes]) -> None:
        self.operation = operation
        self.headers = headers
        self.body = b""
        self.keep_alive = True  # a shutdown says otherwise
        self.disconnected = False
        self.response_complete = False
        self.message_event: asyncio.Event | _Unheard = asyncio.Event() if operation.long_poll else _UNHEARD

    async def receive(self) -> Message:
        """Return when the client is gone, as ASGI says it."""
        assert isinstance(self.message_event, asyncio.Event)
        await self.message_event.wait()
        return {"type": "http.disconnect"}


class _Unheard:
    """An event that nobody waits for."""

    def set(self) -> None:
        """Tell nobody."""


_UNHEARD = _Unheard()


class Begun(Coroutine[Any, Any, T]):
    """A coroutine that has come to its first wait; to a task it is one that begins."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], wait: Any) -> None:
        self._coroutine = coroutine
        self._waits: list[Any] = [wait]

    def send(self, value: Any) -> Any:
        """Return what is waited for first; then go on."""
        return self._waits.pop() if self._waits else self._coroutine.send(value)

    def throw(self, *raised: Any) -> Any:
        """Raise where it waits."""
        self._waits.clear()
        return self._coroutine.throw(*raised)

    def close(self) -> None:
        """End it."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, T]:
        raise TypeError("only a task can take on what has begun")


def _is_small(length: bytes) -> bool:
    return length.isdigit() and len(length) <= _DIGITS_OF_A_BODY and int(length) <= MAX_BODY_BYTES
