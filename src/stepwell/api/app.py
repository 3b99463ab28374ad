"""The ASGI application: the APIs at /, or at paths of their own, the server's health at /health."""

from stepwell.api.http import App, Message, Receive, Send
from stepwell.api.identity import Identities
from stepwell.api.rest import Rest, is_rest
from stepwell.api.server import Server
from stepwell.api.wire import Wire


def create_app(server: Server, identities: Identities | None = None) -> App:
    """Return the application. It starts and stops nothing: who made the server's parts does."""
    identities = identities or Identities()
    wire, rest = Wire(server, identities), Rest(server, identities)

    async def app(request: Message, receive: Receive, send: Send) -> None:
        if request["type"] == "http":
            await (rest if is_rest(request["path"]) else wire)(request, receive, send)
        elif request["type"] == "lifespan":
            await _lifespan(receive, send)
        else:
            await send({"type": "websocket.close"})

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
