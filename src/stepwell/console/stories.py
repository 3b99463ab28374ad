"""The stories of the executions that somebody looks at: told when first asked for, and kept while they are of use."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator

from stepwell.api.server import Server
from stepwell.console.finding import Found
from stepwell.console.outline import ScopeOutline, outline_of
from stepwell.console.story import Story
from stepwell.console.telling import tell
from stepwell.machine.history import EventTuple, decode_chunk
from stepwell.runtime.port import Store

MOST_KEPT = 64
"""Stories, and outlines of definitions, that are kept."""

BLOCK = 500
"""Events that are read at once; then others have their turn."""

LAST = 1 << 20
"""Above the id of every event."""


class Stories:
    """A bounded cache of stories."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stories: OrderedDict[int, Story] = OrderedDict()
        self._outlines: OrderedDict[int, ScopeOutline] = OrderedDict()

    async def of(self, found: Found) -> Story:
        """Return the story of an execution, as far as its history goes at this moment."""
        key = found.record.key
        story = self._stories.get(key)
        if story is None:
            story = self._stories[key] = Story(await self._outline(found.record.revision))
            if len(self._stories) > MOST_KEPT:
                self._stories.popitem(last=False)
        else:
            self._stories.move_to_end(key)
        async for first, events in turns(found.store, key, story.last + 1):
            if first == story.last + 1:  # else another has told it meanwhile
                tell(story, events)
        return story

    async def _outline(self, revision: int) -> ScopeOutline:
        outline = self._outlines.get(revision)
        if outline is None:
            record = await self._server.registry.revision(revision)
            outline = self._outlines[revision] = outline_of(record.definition)
            if len(self._outlines) > MOST_KEPT:
                self._outlines.popitem(last=False)
        else:
            self._outlines.move_to_end(revision)
        return outline


async def turns(store: Store, key: int, first: int, last: int = LAST) -> AsyncIterator[tuple[int, list[EventTuple]]]:
    """Yield the turns of an execution's history: (id of the first event, events)."""
    while first <= last:
        chunks = await store.chunks(key, first, min(first + BLOCK - 1, last))
        if not chunks:
            return
        for begin, end, chunk in chunks:
            yield begin, decode_chunk(chunk)
            first = max(first, end + 1)
        await asyncio.sleep(0)


async def events_of(store: Store, key: int, numbers: list[int]) -> dict[int, EventTuple]:
    """Return some events of an execution by their ids."""
    found: dict[int, EventTuple] = {}
    wanted = sorted(set(numbers))
    while wanted:
        chunks = await store.chunks(key, wanted[0], wanted[0])
        if not chunks:
            break
        begin, end, chunk = chunks[0]
        events = decode_chunk(chunk)
        found |= {number: events[number - begin] for number in wanted if begin <= number <= end}
        wanted = [number for number in wanted if number > end]
    return found
