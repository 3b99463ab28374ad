"""The buffer before a log destination: nobody waits, nothing is written twice, what is lost is counted."""

import asyncio
import logging

import pytest

from stepwell.logs import delivery as module
from stepwell.logs.delivery import Delivery
from stepwell.logs.port import Line, LinesLost, LogGroup, log_group

GROUP = LogGroup("123456789012", "us-east-1", "g")
ARN = "arn:aws:logs:us-east-1:123456789012:log-group:g:*"
LINES = [Line(1, b"{}"), Line(2, b"[]")]


class Place:
    """A destination that keeps what it is given, waits, or breaks."""

    def __init__(self, failure=None):
        self.written = []
        self.failure = failure
        self.open = asyncio.Event()
        self.open.set()
        self.closed = False

    async def problem(self, group):
        return None if group == GROUP else "no such group"

    async def write(self, group, state_machine, lines):
        await self.open.wait()
        if self.failure:
            raise self.failure
        self.written.append((group, state_machine, list(lines)))

    async def close(self):
        self.closed = True


def test_lines_are_written_together_in_their_order():
    async def body():
        place = Place()
        delivery = Delivery(place)
        delivery.start()
        for line in LINES:
            delivery.append(GROUP, "m", [line])
        await delivery.close()
        return place, delivery

    place, delivery = asyncio.run(body())
    assert place.written == [(GROUP, "m", LINES)]
    assert (place.closed, delivery.lost) == (True, 0)


def test_lines_that_come_while_others_are_written_are_written_as_well():
    async def body():
        place = Place()
        delivery = Delivery(place)
        delivery.start()
        place.open.clear()
        delivery.append(GROUP, "m", LINES[:1])
        while delivery._waiting:
            await asyncio.sleep(0.001)
        delivery.append(GROUP, "m", LINES[1:])
        place.open.set()
        await delivery.close()
        return place

    assert [lines for _, _, lines in asyncio.run(body()).written] == [LINES[:1], LINES[1:]]


@pytest.mark.parametrize("failure", [LinesLost("it is full"), RuntimeError("a bug")])
def test_what_can_not_be_written_is_counted_and_said(failure, caplog):
    async def body():
        delivery = Delivery(Place(failure))
        delivery.start()
        delivery.append(GROUP, "m", LINES)
        await delivery.close()
        return delivery

    with caplog.at_level(logging.ERROR, "stepwell.logs"):
        assert asyncio.run(body()).lost == 2
    assert "2 lines of execution logs for g are lost" in caplog.text


def test_what_does_not_fit_into_the_buffer_is_lost_at_once(monkeypatch, caplog):
    async def body():
        place = Place()
        delivery = Delivery(place)
        for _ in range(3):
            delivery.append(GROUP, "m", LINES)
        delivery.start()
        await delivery.close()
        return place, delivery

    monkeypatch.setattr(module, "BUFFER_BYTES", 7)
    place, delivery = asyncio.run(body())
    assert (place.written, delivery.lost) == ([(GROUP, "m", LINES)], 4)
    assert caplog.text.count("the buffer of the execution logs is full") == 1


def test_a_destination_that_hangs_does_not_keep_the_server_from_ending(monkeypatch):
    async def body():
        place = Place()
        place.open.clear()
        delivery = Delivery(place)
        delivery.start()
        delivery.append(GROUP, "m", LINES)
        await delivery.close()
        return place, delivery

    monkeypatch.setattr(module, "LAST_SECONDS", 0.2)
    place, delivery = asyncio.run(body())
    assert (place.written, place.closed, delivery.lost) == ([], True, 2)


def test_a_log_group_is_found_by_its_arn():
    assert log_group(ARN) == log_group(ARN.removesuffix(":*")) == GROUP
    assert log_group("arn:aws:logs:us-east-1:123456789012:log-group:a b") is None

    async def body():
        delivery = Delivery(Place())
        return [await delivery.problem(arn) for arn in (ARN, ARN.replace(":g", ":h"), "g")]

    assert asyncio.run(body()) == [None, "no such group", "Log Destination not found."]
