"""The ASGI application: the APIs at /, or at paths of their own, the server's health at /health."""

from stepwell.api.http import Message, Receive, Send
from stepwell.api.identity import Identities
from stepwell.api.rest import Rest, is_rest
from stepwell.api.server import Server
from stepwell.api.wire import Wire


class Api:
    """The application. It starts and stops nothing: who made the server's parts does."""

    def __init__(self, server: Server, identities: Identities | None = None) -> None:
        identities = identities or Identities()
        self.wire = Wire(server, identities)
        self._rest = Rest(server, identities)

    async def __call__(self, request: Message, receive: Receive, send: Send) -> None:
        """Answer one request, of whatever type."""
        if request["type"] == "http":
            await (self._rest if is_rest(request["path"]) else self.wire)(request, receive, send)
        elif request["type"] == "lifespan":
            await _lifespan(receive, send)
        else:
            await send({"type": "websocket.close"})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
