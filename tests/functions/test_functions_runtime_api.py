"""The Runtime API, spoken to byte by byte."""

import asyncio

import pytest

from stepwell.integrations.functions import runtime_api
from stepwell.integrations.functions.runtime_api import RuntimeApi


class Recorder:
    """A worker that only notes what it is told."""

    def __init__(self):
        self.told = []
        self.connections = []

    def next_asked(self, connection):
        self.connections.append(connection)
        connection.send("200 OK", "Lambda-Runtime-Aws-Request-Id: id-1\r\n", b'{"a":1}')

    def connection_closed(self, connection):
        self.told.append("closed")

    def answered(self, request_id, payload, error):
        self.told.append((request_id, payload, error))
        return request_id == "id-1"

    def init_failed(self, payload):
        self.told.append(("init", payload))


def talk(*requests, pieces=1):
    """What a worker is told, and the status lines that come back, for some requests over one connection."""
    recorder = Recorder()

    async def play():
        api = RuntimeApi()
        await api.start()
        token, address = api.admit(recorder)
        host, _, port = address.partition("/")[0].partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        heads = []
        for request in requests:
            data = request.replace(b"TOKEN", token.encode())
            for start in range(0, len(data), max(1, len(data) // pieces)):
                writer.write(data[start : start + max(1, len(data) // pieces)])
                await asyncio.sleep(0)
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                heads.append("closed")
                break
            length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            heads.append(head.partition(b"\r\n")[0].decode())
        await api.close()
        writer.close()
        return heads

    return asyncio.run(play()), recorder.told


def post(path, body):
    return b"POST /TOKEN/2018-06-01/runtime/%b HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (path, len(body), body)


NEXT = b"GET /TOKEN/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_a_client_asks_and_answers_over_one_connection(pieces):
    heads, told = talk(NEXT, post(b"invocation/id-1/response", b'{"b":2}'), NEXT, pieces=pieces)
    assert heads == ["HTTP/1.1 200 OK", "HTTP/1.1 202 Accepted", "HTTP/1.1 200 OK"]
    assert told[:1] == [("id-1", b'{"b":2}', False)]


def test_errors_are_told_apart_from_responses():
    heads, told = talk(post(b"invocation/id-1/error", b"{}"), post(b"init/error", b'{"errorType":"E"}'))
    assert heads == ["HTTP/1.1 202 Accepted"] * 2
    assert told[:2] == [("id-1", b"{}", True), ("init", b'{"errorType":"E"}')]


def test_a_body_in_chunks_is_put_together():
    chunked = b"POST /TOKEN/2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    heads, told = talk(chunked + b"2\r\n{}\r\n1\r\n \r\n0\r\n\r\n")
    assert heads == ["HTTP/1.1 202 Accepted"]
    assert told[0] == ("id-1", b"{} ", False)


def test_an_answer_to_another_request_is_refused():
    heads, _ = talk(post(b"invocation/id-2/response", b"{}"))
    assert heads == ["HTTP/1.1 400 Bad Request"]


@pytest.mark.parametrize("path", [b"invocation/next/next", b"restore/next", b"init/error/x", b"invocation/id-1/other"])
def test_what_the_api_does_not_have_is_not_found(path):
    heads, told = talk(post(path, b"{}"))
    assert heads == ["HTTP/1.1 404 Not Found"]
    assert told in ([], ["closed"])


def test_nobody_gets_in_without_a_token():
    heads, told = talk(b"GET /guessed/2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
    assert (heads, told) == (["HTTP/1.1 403 Forbidden"], [])


def test_a_body_over_the_limit_is_not_held(monkeypatch):
    monkeypatch.setattr(runtime_api, "RESPONSE_LIMIT", 10)
    heads, told = talk(post(b"invocation/id-1/response", b"x" * 11), post(b"invocation/id-1/response", b"x" * 10))
    assert heads == ["HTTP/1.1 202 Accepted"] * 2
    assert told[:2] == [("id-1", None, False), ("id-1", b"x" * 10, False)]


def test_a_head_over_the_limit_ends_the_connection(monkeypatch):
    monkeypatch.setattr(runtime_api, "HEAD_LIMIT", 100)
    heads, _ = talk(b"GET /TOKEN/x HTTP/1.1\r\nX: " + b"x" * 200)
    assert heads == ["closed"]


def test_what_is_no_http_ends_the_connection():
    heads, _ = talk(b"\x16\x03\x01 hello\r\n\r\n")
    assert heads == ["closed"]
