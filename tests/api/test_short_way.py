"""Calls that take the short way from the socket to the wire: answered whole, in order, by the rules of all others."""

import asyncio
import contextlib
import re
from types import SimpleNamespace

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from stepwell.api.errors import ApiError, ClientDisconnected
from stepwell.api.http import MAX_BODY_BYTES, read_body, respond
from stepwell.api.wire import Answer
from stepwell.app.composition import listen
from stepwell.app.outgoing import Outgoing
from stepwell.app.protocol import Protocol
from stepwell.app.serving import http_server

DEADLINE_SECONDS = 20
ANSWER = re.compile(rb"HTTP/1\.1 (\d+) [^\r]*\r\n(.*?)\r\n\r\n", re.DOTALL)


class Site:
    """A server whose wire and application say which of them was asked, and by what body."""

    def __init__(self):
        self.open = asyncio.Event()
        self.waiting = asyncio.Event()
        self.left = asyncio.Event()

    async def call(self, operation, headers, body, receive):
        if body == b"wait":
            self.waiting.set()
            await self.open.wait()
        if body == b"turns":
            await asyncio.sleep(0)
        if operation.long_poll:
            self.waiting.set()
            await receive()
            self.left.set()
            raise ClientDisconnected
        return Answer(200, b"wire:%d:%b" % (len(body), body[:20]), b"text/plain", [(b"x-of", b"wire")])

    async def app(self, request, receive, send):
        try:
            body = await read_body(receive)
        except ApiError as error:
            await respond(send, error.status, error.code.encode(), b"text/plain", [(b"connection", b"close")])
        else:
            await respond(send, 200, b"app:%d:%b" % (len(body), body[:20]), b"text/plain", [])


class Client:
    """One connection, byte by byte."""

    def __init__(self, reader, writer):
        self._reader = reader
        self.writer = writer

    async def answer(self):
        """Return the status, the head and the body of the next answer."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, fields = ANSWER.fullmatch(head).groups()
        length = int(re.search(rb"content-length: (\d+)", fields).group(1))
        return int(status), fields, await self._reader.readexactly(length)

    async def body(self):
        return (await self.answer())[2]

    async def rest(self):
        """Return all that comes until the server closes the connection."""
        return await self._reader.read()


async def closed(writer):
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def request(body=b"{}", *, first=b"POST / HTTP/1.1", target=b"StartExecution", fields=(), length=None):
    length = len(body) if length is None else length
    lines = [first, b"Host: x", b"X-Amz-Target: AWSStepFunctions." + target, *fields]
    if length >= 0:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join([*lines, b"", body])


def on_a_connection(talk):
    """Run a conversation with a server on a real socket."""

    async def body():
        site = Site()
        with listen("127.0.0.1", 0) as bound:
            async with http_server(SimpleNamespace(app=site.app, wire=site), bound):
                reader, writer = await asyncio.open_connection(*bound.getsockname())
                try:
                    return await talk(site, Client(reader, writer))
                finally:
                    site.open.set()
                    await closed(writer)

    return asyncio.run(asyncio.wait_for(body(), DEADLINE_SECONDS))


def bodies_of(data, count):
    """Return the bodies of the answers to what is sent in one piece."""

    async def talk(_, client):
        client.writer.write(data)
        return [await client.body() for _ in range(count)]

    return on_a_connection(talk)


def test_a_call_that_waits_for_nothing_is_answered_and_the_connection_stays():
    async def talk(_, client):
        for _ in range(3):
            client.writer.write(request(b"{}"))
            status, fields, body = await client.answer()
            assert (status, body) == (200, b"wire:2:{}")
            assert b"x-of: wire" in fields
            assert b"date: " in fields
            assert b"content-type: text/plain" in fields
            assert b"connection: close" not in fields

    on_a_connection(talk)


def test_a_call_that_waits_is_answered_when_it_is_done():
    async def talk(site, client):
        client.writer.write(request(b"wait"))
        await site.waiting.wait()
        site.open.set()
        assert await client.body() == b"wire:4:wait"
        client.writer.write(request(b"next"))
        assert await client.body() == b"wire:4:next"

    on_a_connection(talk)


def test_requests_in_one_packet_are_answered_in_their_order():
    assert bodies_of(request(b"1") + request(b"2") + request(b"3"), 3) == [b"wire:1:1", b"wire:1:2", b"wire:1:3"]


def test_what_is_no_http_is_refused_after_the_answers_to_what_came_before_it():
    async def talk(_, client):
        client.writer.write(request(b"1") + request(b"2") + b"no such thing\r\n\r\n")
        answers = [await client.body() for _ in range(2)]
        return answers, (await client.answer())[0]

    assert on_a_connection(talk) == ([b"wire:1:1", b"wire:1:2"], 400)


def test_a_request_behind_one_that_waits_is_answered_after_it():
    async def talk(site, client):
        client.writer.write(request(b"wait") + request(b"second") + request(b"third"))
        await site.waiting.wait()
        site.open.set()
        return [await client.body() for _ in range(3)]

    assert on_a_connection(talk) == [b"wire:4:wait", b"app:6:second", b"app:5:third"]


def test_a_body_may_come_in_parts():
    async def talk(_, client):
        whole = request(b"x" * 200_000)
        for begin in range(0, len(whole), 50_000):
            client.writer.write(whole[begin : begin + 50_000])
            await client.writer.drain()
            await asyncio.sleep(0)
        return await client.body()

    assert on_a_connection(talk) == b"wire:200000:" + b"x" * 20


@given(
    st.lists(st.sampled_from([(b"/", b"quick"), (b"/", b"turns"), (b"/other", b"usual")]), min_size=1, max_size=6),
    st.lists(st.integers(1, 400), max_size=12),
)
def test_however_requests_are_cut_into_packets_they_are_answered_in_their_order(asked, cuts):
    async def talk():
        connection = Connection()
        data = b"".join(request(body, first=b"POST %b HTTP/1.1" % path) for path, body in asked)
        for cut in cuts:
            await connection.receive(data[:cut])
            data = data[cut:]
        await connection.receive(data)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while connection.answered().count(b"HTTP/1.1 200") < len(asked):
                await asyncio.sleep(0)
        return connection.answered()

    assert re.findall(rb"(?:wire|app):\d+:([a-z]+)", asyncio.run(talk())) == [body for _, body in asked]


class Connection(asyncio.Transport):
    """A connection without a socket."""

    def __init__(self):
        super().__init__()
        self._written = []
        self._reading = asyncio.Event()
        self._reading.set()
        site = Site()
        config = uvicorn.Config(site.app, interface="asgi3", lifespan="off", log_config=None, access_log=False)
        self._protocol = Protocol(site, Outgoing(), config=config, server_state=ServerState(), app_state={})
        self._protocol.connection_made(self)

    async def receive(self, data):
        """Give the server what has come, as soon as it reads."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self._reading.wait()
        self._protocol.data_received(data)

    def answered(self):
        return b"".join(self._written)

    def write(self, data):
        self._written.append(data)

    def pause_reading(self):
        self._reading.clear()

    def resume_reading(self):
        self._reading.set()

    def get_extra_info(self, name, default=None):
        return default

    def is_closing(self):
        return False


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(request(b"{}", first=b"POST /other HTTP/1.1"), id="another path"),
        pytest.param(request(b"{}", first=b"POST /?a=b HTTP/1.1"), id="a query"),
        pytest.param(request(b"{}", first=b"PUT / HTTP/1.1"), id="another method"),
        pytest.param(request(b"{}", target=b"NoSuchOperation"), id="an unknown operation"),
        pytest.param(
            request(b"2\r\n{}\r\n0\r\n\r\n", length=-1, fields=[b"Transfer-Encoding: chunked"]), id="a chunked body"
        ),
        pytest.param(request(b"", length=-1), id="no length"),
    ],
)
def test_what_is_no_small_call_takes_the_usual_way(data):
    (body,) = bodies_of(data, 1)
    assert body.startswith(b"app:")


def test_a_client_that_asks_first_is_told_to_go_on():
    async def talk(_, client):
        client.writer.write(request(b"", length=2, fields=[b"Expect: 100-continue"]))
        assert await client._reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.writer.write(b"{}")
        return await client.body()

    assert on_a_connection(talk) == b"app:2:{}"


def test_a_body_beyond_the_bound_is_refused():
    async def talk(_, client):
        client.writer.write(request(b"x" * (MAX_BODY_BYTES + 1)))
        return await client.answer()

    status, _, body = on_a_connection(talk)
    assert (status, body) == (413, b"RequestEntityTooLargeException")


@pytest.mark.parametrize(("first", "fields"), [(b"POST / HTTP/1.1", [b"Connection: close"]), (b"POST / HTTP/1.0", [])])
def test_a_connection_ends_after_its_answer_where_the_client_wants_that(first, fields):
    async def talk(_, client):
        client.writer.write(request(b"{}", first=first, fields=fields))
        return await client.rest()

    assert on_a_connection(talk).endswith(b"{}")


def test_a_long_poll_is_given_up_when_its_client_leaves():
    async def talk(site, client):
        client.writer.write(request(b"{}", target=b"GetActivityTask"))
        await site.waiting.wait()
        await closed(client.writer)
        await site.left.wait()

    on_a_connection(talk)


def test_a_client_that_leaves_before_its_answer_harms_nobody():
    async def talk(site, client):
        client.writer.write(request(b"wait"))
        await site.waiting.wait()
        client.writer.transport.abort()
        reader, writer = await asyncio.open_connection(*client.writer.get_extra_info("peername"))
        site.open.set()
        writer.write(request(b"other"))
        other = Client(reader, writer)
        assert await other.body() == b"wire:5:other"
        await closed(writer)

    on_a_connection(talk)


def test_a_shutdown_answers_the_call_in_flight_and_then_closes():
    async def body():
        site = Site()
        bound = listen("127.0.0.1", 0)
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(http_server(SimpleNamespace(app=site.app, wire=site), bound))
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            writer.write(request(b"wait"))
            await site.waiting.wait()
            stopping = asyncio.create_task(stack.aclose())
            while bound.fileno() != -1:  # it is closed at the moment at which the connections are told
                await asyncio.sleep(0)
            site.open.set()
            client = Client(reader, writer)
            status, fields, answered = await client.answer()
            assert (status, answered) == (200, b"wire:4:wait")
            assert b"connection: close" in fields
            assert await client.rest() == b""
            await closed(writer)
            await stopping

    asyncio.run(asyncio.wait_for(body(), DEADLINE_SECONDS))


def test_an_answer_is_one_packet():
    async def talk(_, client):
        client.writer.write(request(b"{}"))
        return await client._reader.read(65536)

    data = on_a_connection(talk)
    assert data.startswith(b"HTTP/1.1 200")
    assert data.endswith(b"wire:2:{}")
