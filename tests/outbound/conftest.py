"""A server on loopback that answers as a test says, byte by byte."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from stepwell.outbound import Request


class Raw:
    """What came in, and what goes out: a handler that is given the head of a request and the writer."""

    def __init__(self, handler):
        self._handler = handler
        self.heads = []
        self.connections = 0

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head.decode())
                await self._handler(head, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answering(raw):
    async def handler(_head, writer):
        writer.write(raw)
        await writer.drain()

    return handler


@pytest.fixture
def serving():
    @asynccontextmanager
    async def serve(handler):
        raw = Raw(handler if callable(handler) else answering(handler))
        server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
        raw.port = server.sockets[0].getsockname()[1]
        try:
            yield raw
        finally:
            server.close()

    return serve


@pytest.fixture
def get():
    def request(url, *, timeout=5.0, limit=1000, headers=(), method="GET", body=None):
        return Request(method, url, list(headers), body, timeout, limit)

    return request
