"""AWS JSON over ASGI: from a request's bytes to an operation, and from its answer or its error back to bytes.

`POST /` with `X-Amz-Target: AWSStepFunctions.<Operation>`, or that of another service of the table. Whatever happens,
the client gets an answer with a request id; a bug becomes an InternalFailure, whose traceback is in the log under that
id, and the server goes on.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable
from typing import Any, NamedTuple

import msgspec

from stepwell.api.errors import ApiError, ClientDisconnected, from_refusal, serialization_error
from stepwell.api.health import HEALTH_PATH, health
from stepwell.api.http import Headers, Message, Receive, Send, read_body, refuse_web_pages, respond
from stepwell.api.identity import Identities
from stepwell.api.server import Server
from stepwell.api.service import Operation
from stepwell.api.table import SERVICES, TARGETS, service_of
from stepwell.language.document import decode, encode
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.port import StoreError

TARGET = b"x-amz-target"
"""The header that names an operation."""

_log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What a client gets."""

    status: int
    body: bytes
    content_type: bytes
    headers: Headers


class Wire:
    """The API as an ASGI application for requests of type http, and call by call for a server that knows of it."""

    def __init__(self, server: Server, identities: Identities) -> None:
        self._server = server
        self._identities = identities

    async def __call__(self, request: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = dict(request["headers"])
        try:
            refuse_web_pages(headers)
            if request["method"] == "GET" and request["path"] == HEALTH_PATH:
                body = encode(await health(self._server.engine))
                answer = Answer(200, body, b"application/json", [_id(new_request_id())])
            else:
                operation = _operation_of(request, headers)
                answer = await self.call(operation, headers, await read_body(receive), receive)
        except ClientDisconnected:
            return
        except Exception as exception:  # noqa: BLE001 (the boundary: whatever it is becomes an answer)
            answer = _refusal(exception, headers)
        await respond(send, *answer)

    async def call(self, operation: Operation, headers: dict[bytes, bytes], body: bytes, receive: Receive) -> Answer:
        """Call an operation. Raise `ClientDisconnected` where a long poll's client leaves, by what `receive` says."""
        try:
            refuse_web_pages(headers)
            scope = self._identities.scope(headers.get(b"authorization"))
            answer = operation.handle(self._server, scope, operation.validate(decoded(body)))
            answered = await (while_connected(answer, receive) if operation.long_poll else answer)
            return Answer(200, encode(answered), operation.service.content_type, [_id(new_request_id())])
        except ClientDisconnected:
            raise
        except Exception as exception:  # noqa: BLE001 (the boundary: whatever it is becomes an answer)
            return _refusal(exception, headers)


def _refusal(exception: Exception, headers: dict[bytes, bytes]) -> Answer:
    request_id = new_request_id()
    target = headers.get(TARGET, b"")
    error = as_api_error(exception, target.decode("latin-1"), request_id)
    service = service_of(target)
    told: Headers = [_id(request_id), (b"x-amzn-errortype", error.code.encode())]
    status = service.status_of(error)
    if status == 405:
        told.append((b"allow", b"POST"))
    return Answer(status, encode(service.body_of(error)), service.content_type, told)


def _id(request_id: str) -> tuple[bytes, bytes]:
    return b"x-amzn-requestid", request_id.encode()


def _operation_of(request: Message, headers: dict[bytes, bytes]) -> Operation:
    """Return the operation that a request calls. Raise `ApiError` where there is none."""
    method, path, target = request["method"], request["path"], headers.get(TARGET, b"")
    if method != "POST":
        raise ApiError("MethodNotAllowed", f"{method} is not supported here: use POST", status=405)
    if path != "/":
        raise ApiError("UnknownOperationException", f"Nothing is served at {path[:200]}: use POST /", status=404)
    operation = TARGETS.get(target)
    if operation is None:
        found = f"'{target.decode('latin-1')[:200]}' is not" if target else "there is no X-Amz-Target, expected"
        expected = " or ".join(f"{each.target}.<Operation> of {each.name}" for each in SERVICES)
        raise ApiError("UnknownOperationException", f"{found} {expected}")
    return operation


def new_request_id() -> str:
    """Return a UUID; nobody has to be unable to guess it, so it may be a cheap one."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def decoded(body: bytes) -> Any:
    """Return the JSON of a request's body. Raise `ApiError` where it is none."""
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise serialization_error(f"The request body is not a JSON document: {problem}") from None


def as_api_error(exception: Exception, asked: str, request_id: str) -> ApiError:
    """Return what an exception is to the client; what should not have happened is logged, with what was `asked`."""
    if isinstance(exception, ApiError):
        return exception
    if isinstance(exception, RuntimeRefusal):
        return from_refusal(exception)
    if isinstance(exception, StoreError):
        _log.error("request %s (%s): the store failed: %s", request_id, asked, exception)
        return ApiError("ServiceUnavailable", f"The store can't be used at the moment: {exception}", status=503)
    _log.error("request %s (%s) failed: this is a bug", request_id, asked, exc_info=exception)
    text = f"The request failed because of a bug; the server's log has the details under {request_id}"
    return ApiError("InternalFailure", text, status=500)


async def while_connected(answer: Awaitable[dict[str, Any]], receive: Receive) -> dict[str, Any]:
    """Await an answer that may take long; give up when the client leaves, so that no task goes to nobody."""
    answering = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(receive())
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            return answering.result()
        raise ClientDisconnected
    finally:
        for task in (answering, leaving):
            task.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)
