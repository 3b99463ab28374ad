"""The little of HTTP that the API needs, over ASGI: reading a bounded body, answering in JSON, refusing web pages."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from stepwell.api.errors import ApiError, ClientDisconnected

MAX_BODY_BYTES = 2 * 1024 * 1024
"""A definition may have 1 MiB; within JSON its quotes and line ends take more."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_NOT_FROM_A_PAGE = b"none"


async def read_body(receive: Receive) -> bytes:
    """Return the whole body; raise `ApiError` beyond the bound, and `ClientDisconnected` where the client is gone."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body") and len(body) <= MAX_BODY_BYTES:
        return body
    chunks, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body") and size <= MAX_BODY_BYTES:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if message["type"] == "http.disconnect":
        raise ClientDisconnected
    if size > MAX_BODY_BYTES:
        raise ApiError(
            "RequestEntityTooLargeException", f"The request body must not exceed {MAX_BODY_BYTES} bytes", status=413
        )
    return b"".join(chunks)


async def respond(send: Send, status: int, body: bytes, content_type: bytes, headers: Headers) -> None:
    """Send an answer whole."""
    start = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


def refuse_web_pages(headers: dict[bytes, bytes]) -> None:
    """Raise `ApiError` where a page in a browser asks.

    Any Host is served, so a page of any site could otherwise reach a server on the user's own machine by having its
    own name resolve to 127.0.0.1.
    """
    if b"origin" in headers or headers.get(b"sec-fetch-site", _NOT_FROM_A_PAGE) != _NOT_FROM_A_PAGE:
        raise ApiError("AccessDeniedException", "Requests from web pages are refused: use an AWS SDK", status=403)
