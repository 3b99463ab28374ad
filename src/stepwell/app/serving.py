"""`stepwell serve`: the server as a process."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import uvicorn
import uvloop

from stepwell.app.composition import Parts, listen, log_destination, running, store_in
from stepwell.app.console_link import ConsoleLink
from stepwell.app.outgoing import Outgoing
from stepwell.app.protocol import Protocol
from stepwell.settings import Settings

log = logging.getLogger("stepwell")

# Most of what a turn allocates is freed by counting references; a full collection would only look at what lives long.
_GC_THRESHOLDS = (50_000, 20, 100)
_SHUTDOWN_SECONDS = 5


def serve(
    host: str,
    port: int,
    directory: Path | None,
    settings: Settings,
    ready: Callable[[str, str], None],
) -> None:
    """Serve until SIGINT or SIGTERM. `ready` is called with the URL and the console's link when it answers."""
    with contextlib.closing(listen(host, port)) as bound:
        uvloop.run(_serve(bound, directory, settings, ready))


async def _serve(
    bound: socket.socket,
    directory: Path | None,
    settings: Settings,
    ready: Callable[[str, str], None],
) -> None:
    url = url_of(bound)
    logs_to = log_destination(settings.logs.destination, directory)
    async with running(store_in(directory), settings, url, logs_to, directory) as parts, http_server(parts, bound):
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        link = ConsoleLink(parts.console, url, directory)
        ready(url, link.first())
        await stopped.wait()
        link.end()
        parts.console.close()
        log.info("stopping; what waits goes on at the next start")


@contextlib.asynccontextmanager
async def http_server(parts: Parts, bound: socket.socket) -> AsyncIterator[None]:
    """Answer HTTP on a bound socket."""
    config = uvicorn.Config(
        parts.app,
        http=partial(Protocol, parts.wire, Outgoing()),  # type: ignore[arg-type]  # all that is asked of it is to be called
        interface="asgi3",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=True,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]  # they are ours
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.001)
        yield
    finally:
        server.should_exit = True
        await serving


def url_of(bound: socket.socket) -> str:
    """Return the URL under which a bound socket is reached."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
