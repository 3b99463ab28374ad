"""The ASGI application: the API at /, the server's health at /health."""

from stepwell.api.http import App, Message, Receive, Send
from stepwell.api.identity import Identities
from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.api.wire import Wire
from stepwell.runtime.port import Executions, ExpressExecutions
from stepwell.runtime.registry import Registry


def create_app(
    engine: Executions, express: ExpressExecutions, registry: Registry, identities: Identities | None = None
) -> App:
    """Return the application. It starts and stops nothing: who made the engines does."""
    pages = Pages(engine.store.secret, engine.now)
    wire = Wire(Server(engine, express, registry, pages), identities or Identities())

    async def app(request: Message, receive: Receive, send: Send) -> None:
        if request["type"] == "http":
            await wire(request, receive, send)
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
