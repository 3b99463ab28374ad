"""The server without sockets, in this process and in memory, so that a test can lower a quota."""

import asyncio
import json
from contextlib import contextmanager

from stepwell.app.composition import running
from stepwell.settings import Settings
from stepwell.storage.memory import MemoryStore

NOWHERE = "http://127.0.0.1:9"
"""Where the functions would find the server; there are none."""


class InProcess:
    """Answers requests of `post`; between two of them nothing moves."""

    def __init__(self, runner, app):
        self._runner = runner
        self._app = app

    def post(self, operation, account=None, **params):
        """Call an operation; return the answer's status and its JSON."""
        headers = [(b"x-amz-target", f"AWSStepFunctions.{operation}".encode())]
        if account is not None:
            headers.append((b"authorization", f"Credential={account}/20260101/us-east-1/states/aws4_request".encode()))
        return self._runner.run(self._answer(headers, json.dumps(params).encode()))

    async def _answer(self, headers, body):
        incoming = [{"type": "http.request", "body": body}]
        outgoing = []

        async def receive():
            return incoming.pop() if incoming else await asyncio.Event().wait()

        async def send(message):
            outgoing.append(message)

        await self._app({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
        return outgoing[0]["status"], json.loads(b"".join(message.get("body", b"") for message in outgoing))


@contextmanager
def in_process():
    """Start a server in this process, and close it at the end."""
    with asyncio.Runner() as runner:
        server = running(MemoryStore(), Settings(), NOWHERE)
        parts = runner.run(server.__aenter__())
        try:
            yield InProcess(runner, parts.app)
        finally:
            runner.run(server.__aexit__(None, None, None))
