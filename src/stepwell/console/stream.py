"""The live stream: server-sent events of what changes, one stream for all that a browser shows.

The id of a frame says how far each execution that is watched has been told: the page sends the last one when it
connects again, and nothing is missed. What changes quickly is put together, so that there are at most ten frames a
second.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from stepwell import __version__
from stepwell.api.errors import ApiError
from stepwell.api.http import Headers, Receive, Send
from stepwell.api.server import Server
from stepwell.console.changes import Changes, Listener
from stepwell.console.events import compact
from stepwell.console.execution import rows_of, states_of
from stepwell.console.finding import Found, find, item
from stepwell.console.request import Asked, invalid
from stepwell.console.stories import Stories, turns
from stepwell.console.waits import lanes_of, waits_of
from stepwell.language.document import encode
from stepwell.machine.data import Lane
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.residents import Resident

MOST_WATCHED = 50
MOST_EVENTS = 500
"""Events of an execution in one frame."""

MOST_LISTED = 100
FRAME_SECONDS = 0.1
COMMENT_SECONDS = 15.0

_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Streams:
    """Answers the call that streams."""

    def __init__(self, server: Server, stories: Stories, changes: Changes) -> None:
        self._server = server
        self._stories = stories
        self._changes = changes

    async def answer(self, asked: Asked, receive: Receive, send: Send) -> None:
        """Stream until the client leaves, or the server ends."""
        arns = asked.texts("exec")
        if len(arns) > MOST_WATCHED:
            raise invalid("exec", f"is given more than {MOST_WATCHED} times")
        positions = _positions(asked, arns)
        listener = self._changes.listen(asked.scope, frozenset(arns), lists=asked.text("lists") == "1")
        leaving = asyncio.ensure_future(_left(receive))
        leaving.add_done_callback(lambda _: listener.close())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _Stream(self._server, self._stories, asked, listener, arns, positions, send).run()
            with contextlib.suppress(OSError):
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._changes.forget(listener)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)


class _Stream:
    """One stream."""

    def __init__(
        self,
        server: Server,
        stories: Stories,
        asked: Asked,
        listener: Listener,
        arns: list[str],
        positions: dict[str, int | None],
        send: Send,
    ) -> None:
        self._server = server
        self._stories = stories
        self._scope = asked.scope
        self._listener = listener
        self._arns = arns
        self._positions = positions
        self._lists = asked.text("lists") == "1"
        self._send = send

    async def run(self) -> None:
        await self._frame("hello", {"version": __version__, "now": self._server.engine.now()})
        for arn in self._arns:
            await self._tell(arn)
        while not self._listener.closed:
            if not await self._listener.wait(COMMENT_SECONDS):
                await self._write(b":\n\n")
                continue
            changed = self._listener.changed()
            for arn in self._arns:
                if arn in changed.executions:
                    await self._tell(arn, changed.executions[arn])
            if self._lists and changed.executions and not self._listener.closed:
                await self._list(list(changed.executions.values()), more=changed.too_many)
            await asyncio.sleep(FRAME_SECONDS)

    async def _list(self, residents: list[Resident], *, more: bool) -> None:
        listed = [item(resident.record) for resident in residents[-MOST_LISTED:]]
        await self._frame("list", {"executions": listed, "more": more or len(residents) > MOST_LISTED})

    async def _tell(self, arn: str, resident: Resident | None = None) -> None:
        """Tell of an execution what has not been told. What is in memory need not be read."""
        try:
            found = await find(self._server, self._scope, arn)
        except (ApiError, RuntimeRefusal):
            await self._frame("gone", {"executionArn": arn})
            return
        story = await self._stories.of(found)
        after = self._positions[arn]
        if after is None:
            after = self._positions[arn] = story.last
        lanes: Iterable[Lane] = ()
        if story.status == "RUNNING" and resident is not None:
            lanes = resident.execution.lanes.values()
        elif story.status == "RUNNING":
            lanes = await lanes_of(found.store, found.record.key)
        waits, _ = waits_of(story, lanes)
        while not self._listener.closed:
            begin, upto = after, min(after + MOST_EVENTS, story.last)
            events = [
                compact(story, number, event)
                async for first, several in turns(found.store, found.record.key, begin + 1, upto)
                for number, event in enumerate(several, first)
                if begin < number <= upto
            ]
            touched = [visit for visit in story.visits.values() if begin < visit.touched <= upto]
            paths = {visit.state.path for visit in touched}
            self._positions[arn] = after = upto
            await self._frame("execution", {
                **_changing(found),
                "lastEvent": story.last,
                "events": events,
                "more": upto < story.last,
                "waits": waits,
                "states": states_of(visit for visit in story.visits.values() if visit.state.path in paths),
                "visits": rows_of(touched),
            })  # fmt: skip
            if upto >= story.last:
                return

    async def _frame(self, kind: str, data: dict[str, Any]) -> None:
        position = ",".join(str(self._positions[arn] or 0) for arn in self._arns)
        await self._write(b"event: %b\nid: %b\ndata: %b\n\n" % (kind.encode(), position.encode(), encode(data)))

    async def _write(self, body: bytes) -> None:
        if not self._listener.closed:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})


def _changing(found: Found) -> dict[str, Any]:
    record = found.record
    return {"executionArn": record.arn, "status": record.status, "stopped": record.stopped}


def _positions(asked: Asked, arns: list[str]) -> dict[str, int | None]:
    """Return the last event of each execution that the page has; None: what happens from now on is all it wants."""
    text = asked.last_event_id or asked.text("after")
    if not text:
        return dict.fromkeys(arns)
    parts = text.split(",")
    if len(parts) != len(arns) or not all(part.isdigit() and len(part) < 10 for part in parts):
        raise invalid("after", "must be as many event ids as executions")
    return {arn: int(part) for arn, part in zip(arns, parts, strict=True)}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
