"""Answers leave together, in their order, and none waits longer than a round of the loop."""

import asyncio

from stepwell.app.outgoing import MOST_TOGETHER, Outgoing


class Transport:
    """A transport that keeps what is written, or is closing."""

    def __init__(self, written, *, closing=False):
        self._written = written
        self._closing = closing

    def write(self, data):
        self._written.append(data)

    def is_closing(self):
        return self._closing


def test_answers_leave_in_their_order_before_anything_that_is_begun_after_them():
    async def body():
        written = []
        outgoing, one, other = Outgoing(), Transport(written), Transport(written)
        outgoing.send(one, b"1")
        outgoing.send(other, b"2")
        asyncio.get_running_loop().call_soon(written.append, b"begun after them")
        outgoing.send(one, b"3")
        assert written == []
        await asyncio.sleep(0)
        assert written == [b"1", b"2", b"3", b"begun after them"]

    asyncio.run(body())


def test_no_more_than_a_few_wait_for_each_other():
    async def body():
        written = []
        outgoing, transport = Outgoing(), Transport(written)
        for number in range(MOST_TOGETHER + 1):
            outgoing.send(transport, b"%d" % number)
        assert len(written) == MOST_TOGETHER
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert written == [b"%d" % number for number in range(MOST_TOGETHER + 1)]

    asyncio.run(body())


def test_what_is_for_a_connection_that_closes_is_let_go():
    async def body():
        written = []
        outgoing = Outgoing()
        outgoing.send(Transport(written, closing=True), b"lost")
        outgoing.send(Transport(written), b"kept")
        outgoing.flush()
        assert written == [b"kept"]

    asyncio.run(body())
