"""The live stream: what changes comes at once, in few frames, and nothing is missed in between."""

import contextlib
import http.client
import json
import queue
import socket
import threading
from urllib.parse import quote

import pytest

from console.conftest import PATIENCE, Browser
from console.machines import ANSWERED, create, ended, review, start
from stepwell.console import changes, stream


class Listening:
    """A browser that listens to a stream."""

    def __init__(self, page, query, last_event_id=None):
        self.frames = queue.Queue()
        self.connection = http.client.HTTPConnection(page.host, timeout=PATIENCE)
        headers = {"Cookie": page.cookie, "Sec-Fetch-Site": "same-origin", "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.connection.request("GET", f"/console/api/stream?{query}", headers=headers)
        self.response = self.connection.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)
        if self.response.status == 200:
            self._thread.start()

    def _read(self):
        frame = {}
        try:
            for raw in self.response:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.frames.put(("comment", None, None))
                elif line:
                    name, _, value = line.partition(": ")
                    frame[name] = value
                else:
                    if frame:
                        self.frames.put((frame["event"], frame["id"], json.loads(frame["data"])))
                    frame = {}
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass
        self.frames.put(("end", None, None))

    def next(self, kind):
        """Return (id, data) of the next frame of a kind."""
        while True:
            found, number, data = self.frames.get(timeout=PATIENCE)
            if found == kind:
                return number, data
            assert found != "end"

    def until(self, kind, holds):
        while True:
            number, data = self.next(kind)
            if holds(data):
                return number, data

    def close(self):
        with contextlib.suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        self.response.close()
        self.connection.close()


@pytest.fixture
def listen(page):
    opened = []

    def listen(query="", **more):
        opened.append(Listening(page, query, **more))
        return opened[-1]

    yield listen
    for each in opened:
        each.close()


def test_it_is_a_stream_that_nobody_keeps(listen):
    answer = listen().response
    assert answer.getheader("content-type") == "text/event-stream; charset=utf-8"
    assert answer.getheader("cache-control") == "no-store"
    assert answer.getheader("x-accel-buffering") == "no"


def test_it_begins_with_a_word_of_the_server(listen):
    number, hello = listen().next("hello")
    assert (number, sorted(hello)) == ("", ["now", "version"])


def test_an_execution_is_told_of_as_it_goes_on(listen, page, sfn, eventually):
    task = review(sfn, Next="Then")
    task.pop("End")
    states = {"First": {"Type": "Pass", "Next": "Review"}, "Review": task, "Then": ANSWERED}
    arn = start(sfn, create(sfn, states), {"amount": 1})
    (inbox,) = eventually(lambda: [each for each in page.get("inbox")["tasks"] if each["executionArn"] == arn])
    known = page.get("execution", arn=arn)["execution"]["lastEvent"]
    stream = listen(f"exec={quote(arn)}&after={known}")
    number, first = stream.next("execution")
    assert (number, first["events"], first["status"]) == (str(known), [], "RUNNING")
    assert first["waits"][0]["kind"] == "token"
    page.post("inbox/answer", {"executionArn": arn, "lane": inbox["lane"], "ticket": inbox["ticket"], "output": "{}"})
    number, last = stream.until("execution", lambda data: data["status"] == "SUCCEEDED")
    assert number == str(last["lastEvent"])
    everything = page.get("execution/events", arn=arn)["events"]
    assert last["events"] == everything[known:]
    assert last["states"]["/States/Then"]["status"] == "SUCCEEDED"
    assert last["stopped"] is not None
    rows = page.get("execution/visits", arn=arn)["rows"]
    # That of First, which has not changed since, is not told again.
    assert [_with_path(row, last["visits"]["states"]) for row in last["visits"]["rows"]] == [
        _with_path(row, ["/States/First", "/States/Review", "/States/Then"]) for row in rows[1:]
    ]


def _with_path(row, states):
    return [row[0], states[row[1]], *row[2:]]


def test_a_stream_that_broke_goes_on_where_it_was(listen, page, sfn, eventually):
    arns = [start(sfn, create(sfn, {"A": ANSWERED})) for _ in range(2)]
    for arn in arns:
        ended(sfn, eventually, arn)
    query = "&".join(f"exec={quote(arn)}" for arn in arns)
    stream = listen(f"{query}&after=0,0", last_event_id="2,3")
    told = {}
    for _ in range(2):
        number, data = stream.next("execution")
        told[data["executionArn"]] = [event["id"] for event in data["events"]]
    last = [page.get("execution", arn=arn)["execution"]["lastEvent"] for arn in arns]
    assert told == {arns[0]: list(range(3, last[0] + 1)), arns[1]: list(range(4, last[1] + 1))}
    assert number == ",".join(map(str, last))


def test_many_events_come_in_several_frames(listen, sfn, eventually, monkeypatch):
    monkeypatch.setattr(stream, "MOST_EVENTS", 3)
    arn = start(sfn, create(sfn, {"A": {"Type": "Pass", "Next": "B"}, "B": ANSWERED}))
    ended(sfn, eventually, arn)
    told, listening = [], listen(f"exec={quote(arn)}&after=0")
    while True:
        _, data = listening.next("execution")
        assert len(data["events"]) <= 3
        told += [event["id"] for event in data["events"]]
        if not data["more"]:
            break
    assert told == [1, 2, 3, 4, 5, 6]


def test_lists_are_told_of_what_starts_and_ends(listen, sfn):
    stream = listen("lists=1")
    stream.next("hello")
    machine = create(sfn, {"A": ANSWERED})
    arn = start(sfn, machine, name="listed")
    found = {}
    while found.get("status") != "SUCCEEDED":
        _, data = stream.next("list")
        found = next((each for each in data["executions"] if each["executionArn"] == arn), found)
    assert (found["name"], found["stateMachineArn"]) == ("listed", machine)


def test_lists_of_another_account_are_not_told(listen, server, sfn):
    theirs = listen("lists=1&account=111122223333")
    ours = listen("lists=1")
    for each in (theirs, ours):
        each.next("hello")
    start(sfn, create(sfn, {"A": ANSWERED}))
    ours.next("list")
    other = server.client(account="111122223333")
    arn = start(other, create(other, {"A": ANSWERED}))
    _, data = theirs.next("list")
    assert {each["executionArn"] for each in data["executions"]} == {arn}


def test_an_express_execution_is_told_of_too(listen, sfn):
    stream = listen("lists=1")
    stream.next("hello")
    arn = start(sfn, create(sfn, {"A": ANSWERED}, kind="EXPRESS"))
    _, data = stream.until("list", lambda data: any(each["executionArn"] == arn for each in data["executions"]))
    assert data["executions"][-1]["type"] == "EXPRESS"


def test_an_execution_that_is_not_there_is_gone(listen):
    _, data = listen("exec=arn:aws:states:us-east-1:123456789012:execution:m:none").next("gone")
    assert data == {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:m:none"}


def test_silence_is_broken_by_comments(listen, monkeypatch):
    monkeypatch.setattr(stream, "COMMENT_SECONDS", 0.05)
    listening = listen()
    listening.next("hello")
    listening.next("comment")


@pytest.mark.parametrize("query", ["exec=a&after=1,2", "exec=a&after=x", "&".join("exec=a" for _ in range(51))])
def test_what_is_no_question_is_refused(listen, query):
    assert listen(query).response.status == 400


def test_streams_are_bounded_and_free_their_place(listen, server, monkeypatch, eventually):
    monkeypatch.setattr(changes, "MOST_LISTENERS", 2)
    eventually(lambda: not server.parts.console._calls.changes._listeners)
    first, second = listen(), listen()
    for each in (first, second):
        each.next("hello")
    third = listen()
    assert third.response.status == 429
    first.close()
    eventually(lambda: len(server.parts.console._calls.changes._listeners) < 2)
    listen().next("hello")


def test_a_burst_is_put_together(listen, server, sfn, monkeypatch):
    listening = listen("lists=1")
    listening.next("hello")
    machine = create(sfn, {"A": ANSWERED})
    arns = {start(sfn, machine) for _ in range(30)}
    seen, frames = set(), 0
    while not arns <= seen:
        _, data = listening.next("list")
        seen |= {each["executionArn"] for each in data["executions"]}
        frames += 1
    assert frames < 30


def test_a_server_that_ends_lets_its_streams_end(fresh_server):
    listening = Listening(Browser(fresh_server).log_in(), "lists=1")
    listening.next("hello")
    fresh_server.loop.call_soon_threadsafe(fresh_server.parts.console.close)
    found = ""
    while found != "end":
        found, _, _ = listening.frames.get(timeout=PATIENCE)
    listening.close()
