"""The history of an execution, event by event, each with its place and what it has made of its visit."""

from collections.abc import AsyncIterator
from typing import Any

from stepwell.api.server import Server
from stepwell.console.finding import Found, find
from stepwell.console.request import Asked
from stepwell.console.stories import BLOCK, Stories, turns
from stepwell.console.story import Story
from stepwell.language.document import to_text
from stepwell.machine.history import EventTuple, show, type_of, without_data

DEFAULT_EVENTS, MOST_EVENTS = 1_000, 5_000
_FAILURE = ("Failed", "TimedOut", "Aborted")
_HEAD = {"timestamp", "type", "id", "previousEventId"}


class Events:
    """Answers calls about events."""

    def __init__(self, server: Server, stories: Stories) -> None:
        self._server = server
        self._stories = stories

    async def page(self, asked: Asked) -> dict[str, Any]:
        """Return events, in their order or from the last one on."""
        found = await find(self._server, asked.scope, asked.required("arn"))
        story = await self._stories.of(found)
        wanted = _Wanted(asked, story)
        limit = asked.number("limit", DEFAULT_EVENTS, MOST_EVENTS)
        shown: list[dict[str, Any]] = []
        following = None
        async for number, event in _in_order(found, story, asked):
            if not wanted.takes(number, event):
                continue
            if len(shown) == limit:
                following = shown[-1]["id"] if shown else None
                break
            shown.append(compact(story, number, event, with_data=wanted.with_data))
        return {"events": shown, "next": following, "lastEvent": story.last}


class _Wanted:
    """What a call asks for."""

    def __init__(self, asked: Asked, story: Story) -> None:
        types = asked.texts("type")
        self._story = story
        self._types = {each for each in types if not each.startswith("-")}
        self._not_types = {each.removeprefix("-") for each in types if each.startswith("-")}
        self._state = asked.text("state")
        self._visit = asked.optional_number("visit")
        self._failures = asked.text("failures") == "1"
        self._text = (asked.text("text") or "").casefold()
        self.with_data = asked.text("data") == "1"

    def takes(self, number: int, event: EventTuple) -> bool:
        """Return whether an event is asked for."""
        kind = type_of(event)
        if (self._types and kind not in self._types) or kind in self._not_types:
            return False
        if self._failures and not kind.endswith(_FAILURE):
            return False
        visit = self._story.places[number][0]
        if self._visit is not None and visit != self._visit:
            return False
        if self._state is not None and (not visit or self._story.visits[visit].state.path != self._state):
            return False
        return not self._text or self._text in f"{kind} {to_text(list(event[3:]))}".casefold()


async def _in_order(found: Found, story: Story, asked: Asked) -> AsyncIterator[tuple[int, EventTuple]]:
    """Yield the events between the bounds that are asked for."""
    first = (asked.optional_number("after") or 0) + 1
    last = min((asked.optional_number("before") or story.last + 1) - 1, story.last)
    if asked.choice("order", ("asc", "desc"), "asc") == "asc":
        async for begin, events in turns(found.store, found.record.key, first, last):
            for number, event in enumerate(events, begin):
                if first <= number <= last:
                    yield number, event
        return
    while last >= first:
        begin = max(first, last - BLOCK + 1)
        block = [
            (number, event)
            async for start, events in turns(found.store, found.record.key, begin, last)
            for number, event in enumerate(events, start)
            if begin <= number <= last
        ]
        for each in reversed(block):
            yield each
        last = begin - 1


def compact(story: Story, number: int, event: EventTuple, *, with_data: bool = False) -> dict[str, Any]:
    """Return an event with its place."""
    shown = show(number, event)
    details: dict[str, Any] = next((value for name, value in shown.items() if name not in _HEAD), {})
    visit, status = story.places[number]
    return {
        "id": number,
        "previous": event[1],
        "type": shown["type"],
        "at": event[2],
        "visit": visit,
        "state": story.visits[visit].state.path if visit else None,
        "status": status,
        "details": details if with_data else without_data(details),
    }
