"""The questions over all executions, answered from the dicts of the store in memory."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from stepwell.storage.memory.lanes import TOKENS, Lanes
from stepwell.storage.records import ExecutionRecord, StateMachineRecord
from stepwell.storage.search import (
    KEY_AHEAD,
    MOST_EXAMINED,
    MOST_SECONDS,
    ExecutionSearch,
    Page,
    Tally,
    WaitingLane,
    folded,
    is_of,
)


class MemorySearches:
    """Searches what a store in memory has."""

    def __init__(
        self,
        executions: Mapping[int, ExecutionRecord],
        lanes: Lanes,
        state_machines: Mapping[str, StateMachineRecord],
    ) -> None:
        self._executions = executions
        self._lanes = lanes
        self._state_machines = state_machines

    async def executions(self, search: ExecutionSearch, limit: int, before: int | None) -> Page:
        """Return at most `limit` executions with keys below `before`."""
        found: list[ExecutionRecord] = []
        deadline = time.monotonic() + MOST_SECONDS
        for examined, record in enumerate(filter(_is_candidate(search), self.newest_first(before)), 1):
            if search.since is not None and record.key < search.since - KEY_AHEAD:
                break
            if _fits(record, search):
                found.append(listed(record))
            if len(found) == limit or examined == MOST_EXAMINED or time.monotonic() > deadline:
                return Page(found, record.key)
        return Page(found, None)

    def newest_first(self, before: int | None = None) -> Iterator[ExecutionRecord]:
        """Yield the executions with keys below `before`."""
        for key in sorted(self._executions, reverse=True):
            if before is None or key < before:
                yield self._executions[key]

    async def tally(self, account: str, region: str, since: int, stretch: int) -> tuple[list[Tally], bool]:
        """Count executions by stretches of time since a moment, and by status; say whether all were counted."""
        counts: Counter[tuple[int, str]] = Counter()
        for examined, record in enumerate(self.newest_first()):
            if record.key < since - KEY_AHEAD:
                break
            if examined == MOST_EXAMINED:
                return _tallies(counts), False
            if record.started >= since and is_of(record.arn, account, region):
                counts[record.started // stretch * stretch, record.status] += 1
        return _tallies(counts), True

    async def tokens(self, after: tuple[int, int], limit: int) -> list[WaitingLane]:
        """Return lanes that wait for somebody with their task token, from behind `after` on."""
        found = sorted(
            WaitingLane(execution, lane.lane, lane.ticket, lane.scheduled)
            for execution, lane in self._lanes.waiting(*TOKENS)
            if (execution, lane.lane) > after
        )
        return found[:limit]

    async def token_count(self, most: int) -> int:
        """Count those lanes, as far as a bound."""
        return min(sum(1 for _ in self._lanes.waiting(*TOKENS)), most)

    async def scopes(self) -> list[tuple[str, str, int]]:
        """Return the (account, region, how many) of all state machines."""
        counts = Counter((machine.account, machine.region) for machine in self._state_machines.values())
        return sorted((account, region, count) for (account, region), count in counts.items())


def arns_of(record: ExecutionRecord) -> tuple[str | None, ...]:
    """Return the ARNs that an execution is listed by."""
    return record.state_machine_arn, record.state_machine_version_arn, record.state_machine_alias_arn


def listed(record: ExecutionRecord) -> ExecutionRecord:
    """Return an execution as listings have it: without what is large."""
    return replace(record, input="", output=None, progress=b"")


def _tallies(counts: Counter[tuple[int, str]]) -> list[Tally]:
    return [Tally(at, status, count) for (at, status), count in sorted(counts.items())]


def _is_candidate(search: ExecutionSearch) -> Callable[[ExecutionRecord], bool]:
    """Return what says whether an execution is looked at at all: by what the other store has indexes of."""

    def is_candidate(record: ExecutionRecord) -> bool:
        if search.arn is None and not search.statuses:
            return True
        return (search.arn in arns_of(record) if search.arn else is_of(record.arn, search.account, search.region)) and (
            not search.statuses or record.status in search.statuses
        )

    return is_candidate


def _fits(record: ExecutionRecord, search: ExecutionSearch) -> bool:
    return (
        is_of(record.arn, search.account, search.region)
        and (search.since is None or record.started >= search.since)
        and (search.until is None or record.started <= search.until)
        and (search.name is None or _has(record.name, search.name))
        and (search.text is None or any(_has(text, search.text) for text in _texts(record)))
    )


def _texts(record: ExecutionRecord) -> tuple[str | None, ...]:
    return record.error, record.cause, record.input, record.output


def _has(text: str | None, part: str) -> bool:
    return text is not None and folded(part) in folded(text)
