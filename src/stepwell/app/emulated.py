"""Emulated services: moto's server beside ours, for work without an account. What it holds is gone when it ends."""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec

from stepwell.api.identity import DEFAULT_ACCOUNT
from stepwell.app.refused import Refused
from stepwell.settings import AwsSettings

log = logging.getLogger("stepwell.emulated")

EMULATED = "emulated"
"""What the settings call them."""
READY_SECONDS = 60.0
STOP_SECONDS = 5.0
HOST = "127.0.0.1"
_OF_AWS = "AWS_"


@asynccontextmanager
async def services_environment(settings: AwsSettings) -> AsyncIterator[Mapping[str, str]]:
    """Give the environment that says where services are: this process's, or one that names the emulated ones."""
    if settings.services == EMULATED:
        async with emulated_services(settings.emulated_port, os.environ) as environ:
            yield environ
    else:
        yield os.environ


@asynccontextmanager
async def emulated_services(port: int, environ: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
    """Run the emulated services, and give an environment that names them as the endpoint of every service.

    Its credentials are gone, for they would be sent to whom they are none of business; its endpoints for single
    services stay. Raise `Refused`.
    """
    if find_spec("moto") is None or find_spec("flask") is None:
        raise Refused("the emulated services are moto's, which is not installed: pip install 'stepwell[emulated]'")
    _check_free(port)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "stepwell.app.emulator", str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_environment(environ),
        start_new_session=True,  # Ctrl-C is for us: what is under way still needs the services
    )
    try:
        url = f"http://{HOST}:{await _port(process)}"
        log.info("the services are emulated on %s; what they hold is gone when this server ends", url)
        watch = asyncio.create_task(_tell_of_its_end(process))
        try:
            endpoints = {name: url for name, url in environ.items() if name.startswith("AWS_ENDPOINT_URL_")}
            others = {name: text for name, text in environ.items() if not name.startswith(_OF_AWS)}
            yield {**others, **endpoints, "AWS_ENDPOINT_URL": url}
        finally:
            watch.cancel()
    finally:
        await _end(process)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Refused(
                f"port {port}, where the emulated services are to listen, can't be had: {why}.\n"
                "Choose another with --services-port, or 0 for any free one."
            ) from None


async def _port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
        return int(line)
    except (TimeoutError, ValueError):
        raise Refused("the emulated services did not start; what moto says about it is above") from None


async def _tell_of_its_end(process: asyncio.subprocess.Process) -> None:
    status = await process.wait()
    log.error("the emulated services have ended (status %s); start the server again to have them back", status)


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    others = {name: text for name, text in environ.items() if not name.startswith(_OF_AWS)}
    return {"MOTO_ACCOUNT_ID": DEFAULT_ACCOUNT, **others}
