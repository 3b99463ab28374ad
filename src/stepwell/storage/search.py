"""Questions over all executions, for people who look for something: bounded, in pages, and beside the hot paths."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stepwell.storage.records import ExecutionRecord

MOST_EXAMINED = 5_000
"""So many executions are looked at for one page."""

MOST_SECONDS = 0.25
"""For so long one page is looked for."""

KEY_AHEAD = 3_600_000
"""Keys are milliseconds; where executions start faster than one a millisecond they run ahead, by less than this."""

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


@dataclass(frozen=True, slots=True)
class ExecutionSearch:
    """What is looked for. A part that is None asks for nothing. Texts are found whatever the case of ASCII letters."""

    account: str
    region: str
    arn: str | None = None
    """Of the state machine, a version or an alias."""
    statuses: tuple[str, ...] = ()
    """Empty: all."""
    name: str | None = None
    """A part of the name."""
    text: str | None = None
    """A part of the input, the output, the error or the cause."""
    since: int | None = None
    until: int | None = None
    """Of the start, in ms; both included."""


class Page(NamedTuple):
    """What was found, newest first, without inputs, outputs and progress."""

    executions: list[ExecutionRecord]
    following: int | None
    """Below which key to go on; None where all was looked at."""


class Tally(NamedTuple):
    """How many executions of a status started in a stretch of time."""

    at: int
    status: str
    executions: int


class WaitingLane(NamedTuple):
    """A lane that waits for somebody with a task token."""

    execution: int
    lane: int
    ticket: int
    since: int


class Searches(Protocol):
    """The questions that a store answers."""

    async def executions(self, search: ExecutionSearch, limit: int, before: int | None) -> Page:
        """Return at most `limit` executions with keys below `before`."""

    async def tally(self, account: str, region: str, since: int, stretch: int) -> tuple[list[Tally], bool]:
        """Count executions by stretches of time since a moment, and by status; say whether all were counted."""

    async def tokens(self, after: tuple[int, int], limit: int) -> list[WaitingLane]:
        """Return lanes that wait for somebody with their task token, by (execution, lane), from behind `after` on."""

    async def token_count(self, most: int) -> int:
        """Count those lanes, as far as a bound."""

    async def scopes(self) -> list[tuple[str, str, int]]:
        """Return the (account, region, how many) of all state machines."""


def is_of(arn: str, account: str, region: str) -> bool:
    """Return whether an ARN is of an account and a region."""
    parts = arn.split(":", 5)
    return parts[3:5] == [region, account]


def folded(text: str) -> str:
    """Return a text with its ASCII letters small, as SQLite compares."""
    return text.translate(_SMALL)


_SMALL = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
