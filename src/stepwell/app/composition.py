"""Putting a server together, and taking it apart again."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from stepwell.api.app import Api
from stepwell.api.http import App
from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.api.wire import Wire
from stepwell.app.calls import Calls
from stepwell.app.console_link import console_of
from stepwell.app.emulated import services_environment
from stepwell.app.known_actions import call_problems, knowing_actions
from stepwell.app.refused import Refused
from stepwell.app.secret_key import secret_key
from stepwell.aws import AwsCalls, endpoint_of
from stepwell.console.app import Console, mounted
from stepwell.integrations.mocks import MockFileError, MockingIntegrations, load_mock_file
from stepwell.integrations.port import Integration
from stepwell.integrations.registry import Integrations
from stepwell.logs.cloudwatch import MANNER as LOGS_MANNER
from stepwell.logs.cloudwatch import CloudWatchLogs
from stepwell.logs.delivery import Delivery
from stepwell.logs.files import LogFiles, StandardOutput
from stepwell.logs.port import Destination
from stepwell.runtime.bus.bus import EventBus
from stepwell.runtime.clock import SystemClock, SystemEntropy
from stepwell.runtime.connections import Connections
from stepwell.runtime.engine import Engine
from stepwell.runtime.errors import UnusableSecretKey
from stepwell.runtime.evaluators.diagnoses import diagnosing
from stepwell.runtime.evaluators.pool import Evaluators
from stepwell.runtime.execution_logs import ExecutionLogs
from stepwell.runtime.express import Express
from stepwell.runtime.registry import Registry
from stepwell.runtime.vault import Vault
from stepwell.settings import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import Store
from stepwell.storage.sqlite import SqliteStore

LOGS_FOLDER = "logs"
"""The folder of execution logs within the data directory."""

EXPRESS_ENDED_BYTES = 64 * 1024 * 1024
"""What the Express executions that have ended may take in memory."""

MOCKS_VARIABLE = "SFN_MOCK_CONFIG"
"""The environment variable of Step Functions Local that names a file of mocked responses."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A server that runs: its engines, its registry, and the application that answers for them."""

    engine: Engine
    express: Express
    registry: Registry
    console: Console
    app: App
    wire: Wire
    """The calls of the AWS API, for a server that has them take a shorter way than through `app`."""


@asynccontextmanager
async def running(
    store: Store,
    settings: Settings,
    endpoint_url: str,
    logs_to: Destination | None = None,
    directory: Path | None = None,
) -> AsyncIterator[Parts]:
    """Open a store, start everything upon it, and close all of it at the end. Without `logs_to` nothing is logged.

    `directory` is the data directory, which may come to hold the key of secrets; without one, that is in memory.
    Raise `Refused` where that can't be.
    """
    async with AsyncExitStack() as stack:
        environ = await stack.enter_async_context(services_environment(settings.aws))
        calls = Calls(settings, endpoint_url, environ)
        yield await stack.enter_async_context(_running(store, calls, endpoint_url, logs_to, directory))


@asynccontextmanager
async def _running(
    store: Store, calls: Calls, endpoint_url: str, logs_to: Destination | None, directory: Path | None
) -> AsyncIterator[Parts]:
    integrations = _with_mocks(calls.served())
    vault = _vault(directory)
    await store.open()
    clock, entropy = SystemClock(), SystemEntropy()
    evaluators = Evaluators()
    told = call_problems(calls.models)
    engine = Engine(store, integrations, clock, entropy, evaluators=evaluators, call_problems=told)
    express = Express(
        MemoryStore(ended_bytes=EXPRESS_ENDED_BYTES),
        engine.definitions,
        engine.next_key,
        integrations,
        clock,
        entropy,
        evaluators,
    )
    logs = _logs(logs_to, engine, express)
    registry = Registry(engine, None if logs is None else logs.problem, knowing_actions(diagnosing(evaluators), told))
    bus = EventBus(engine, integrations, clock, calls.forwarding)
    engine.announce_to(bus)
    pages = Pages(store.secret, engine.now)
    server = Server(engine, express, registry, pages, Connections(engine, vault), bus)
    try:
        if logs is not None:
            logs.start()
        await calls.start(engine, server)
        await express.start()
        await bus.load()
        await engine.start()
        bus.start()
        console = await console_of(server, endpoint_url, evaluators, engine, express)
        api = Api(server)
        yield Parts(engine, express, registry, console, mounted(console, api), api.wire)
    finally:
        await bus.close()
        await express.close()
        await engine.close()
        await evaluators.close()
        if logs is not None:
            await logs.close()
        await calls.close()
        await store.close()


def _logs(destination: Destination | None, *engines: Engine | Express) -> Delivery | None:
    if destination is None:
        return None
    logs = Delivery(destination)
    for each in engines:
        each.watch(ExecutionLogs(logs).on_turn)
    return logs


def _with_mocks(served: dict[str, Integration]) -> Integrations:
    """Return the integrations, behind the mocked responses if the environment names a file of them."""
    path = os.environ.get(MOCKS_VARIABLE)
    if not path:
        return Integrations(served)
    try:
        return MockingIntegrations(served, load_mock_file(Path(path)))
    except MockFileError as error:
        raise Refused(f"{MOCKS_VARIABLE}: {error}") from None


def _vault(directory: Path | None) -> Vault:
    try:
        return Vault(secret_key(os.environ, directory))
    except UnusableSecretKey as error:
        raise Refused(str(error)) from None


def store_in(directory: Path | None) -> Store:
    """Return the store of a data directory, or without one a store in memory."""
    return MemoryStore() if directory is None else SqliteStore(directory)


def log_destination(wanted: str, directory: Path | None) -> Destination:
    """Return where execution logs go; "auto" takes CloudWatch Logs where the environment names an endpoint of it."""
    endpoint = endpoint_of(os.environ, "CloudWatch Logs", "logs")
    if wanted == "auto":
        wanted = "cloudwatch" if endpoint else "stdout" if directory is None else "files"
    if wanted == "cloudwatch":
        return CloudWatchLogs(AwsCalls(os.environ, LOGS_MANNER))
    return StandardOutput() if wanted == "stdout" or directory is None else LogFiles(directory / LOGS_FOLDER)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound. Raise `Refused` beyond loopback, or where the port is taken."""
    if not _is_loopback(host):
        raise Refused(
            f"{host} is reachable from other machines, and this version has no keys yet to tell callers apart.\n"
            "Leave --host out (127.0.0.1), and put a proxy that authenticates in front."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Refused(
            f"port {port} of {host} can't be had: {os.strerror(error.errno or 0)}.\n"
            "Is another server running there? Choose another port with --port."
        ) from None
    return bound


def _is_loopback(host: str) -> bool:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"{host} is no address of this machine: {error.strerror}") from None
    return all(str(address[4][0]).startswith("127.") or address[4][0] == "::1" for address in found)
