"""An answer's head and body leave together, and a head that has no body leaves all the same."""

import asyncio

from stepwell.app.protocol import _JoiningTransport

HEAD, BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"{}"


class Writes:
    """A transport that keeps what is written."""

    def __init__(self):
        self.writes = []

    def write(self, data):
        self.writes.append(data)

    def close(self):
        self.writes.append("closed")

    def is_closing(self):
        return "closed" in self.writes


def written(*steps):
    """Return what is written by steps: data, "tick" for a round of the loop, "close"."""

    async def body():
        inner = Writes()
        joining = _JoiningTransport(inner, asyncio.get_running_loop())
        for step in steps:
            if step == "tick":
                await asyncio.sleep(0)
            elif step == "close":
                joining.close()
                assert joining.is_closing()
            else:
                joining.write(step)
        return inner.writes

    return asyncio.run(body())


def test_head_and_body_are_one_write():
    assert written(HEAD, BODY, "tick", "close") == [HEAD + BODY, "closed"]


def test_answers_that_follow_each_other_keep_their_order():
    assert written(HEAD, BODY, HEAD, BODY, "tick") == [HEAD + BODY, HEAD + BODY]


def test_a_body_in_parts_follows_its_head():
    assert written(HEAD, BODY, BODY, "tick") == [HEAD + BODY, BODY]


def test_a_head_without_a_body_leaves_when_all_else_has_run():
    assert written(HEAD, "tick") == [HEAD]


def test_a_head_is_not_lost_when_the_connection_closes():
    assert written(HEAD, "close", "tick") == [HEAD, "closed"]
