"""What a history tells of, put together: lines, and the visits of states in them."""

from dataclasses import dataclass, field
from typing import Any

from stepwell.console.outline import ScopeOutline, StateOutline

RUNNING, WAITING, RETRYING = "RUNNING", "WAITING", "RETRYING"
SUCCEEDED, CAUGHT = "SUCCEEDED", "CAUGHT"
FAILED, TIMED_OUT, ABORTED = "FAILED", "TIMED_OUT", "ABORTED"

ALARM = (RETRYING, WAITING, RUNNING)
"""Statuses of open visits, the most alarming first."""

QUEUE, WORK, WAIT, BACKOFF = "queue", "work", "wait", "backoff"


@dataclass(slots=True, eq=False)
class Line:
    """One run through one scope: the root, a branch, an iteration."""

    scope: ScopeOutline
    within: "Visit | None" = None
    """The visit of the Parallel or Map that it is of."""
    index: int = 0
    started: int = 0
    """When, in ms, and by which event."""
    begun_by: int = 0
    ended: int | None = None
    status: str = RUNNING
    now: "Visit | None" = None
    """The visit that it is in, or was in last."""
    visits: int = 0
    assigned: list[int] = field(default_factory=list)
    """The events by which variables were set in it."""
    error: str | None = None

    def begin(self) -> None:
        """Let it go on."""
        self.status, self.ended = RUNNING, None

    def end(self, status: str, at: int) -> None:
        """Let it have come to its end."""
        self.status, self.ended = status, at


@dataclass(slots=True, eq=False)
class Visit:
    """One entering of a state; `number` is the id of its …StateEntered event."""

    number: int
    state: StateOutline
    line: Line
    entered: int
    status: str = RUNNING
    exited: int | None = None
    exit: int = 0
    """The event that ended it."""
    touched: int = 0
    """The last event that changed anything of it."""
    attempts: int = 0
    failing: bool = False
    """Whether its last attempt has failed."""
    over: bool = False
    """Whether its failure was said to be final: nothing but a Catch is to come."""
    reopened: bool = False
    """Whether it goes on after a redrive, and nothing has happened in it since."""
    restarts: bool = False
    """Whether a Parallel or a Map begins anew after a pause: what was in it is gone."""
    segments: list[list[Any]] = field(default_factory=list)
    """[kind, from, to (None: it lasts)]."""
    events: list[int] = field(default_factory=list)
    lines: dict[int, Line] = field(default_factory=dict)
    """Its branches or iterations, by their index."""
    length: int | None = None
    """Of a Map: over how many items it goes."""
    error: str | None = None
    given: int = 0
    """What stands for its input, and for its output, where two are compared."""
    gave: int = 0

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.exited is None

    def begin(self, kind: str, at: int) -> None:
        """Let a segment of time begin, and the one before end."""
        self.rest(at)
        self.segments.append([kind, at, None])

    def rest(self, at: int) -> None:
        """Let the segment that lasts end."""
        if self.segments and self.segments[-1][2] is None:
            if self.segments[-1][1] == at:
                self.segments.pop()
            else:
                self.segments[-1][2] = at

    def close(self, status: str, event: int, at: int) -> None:
        """End it."""
        self.status, self.exited, self.exit = status, at, event
        self.touched = event
        self.rest(at)

    def iteration(self) -> list[tuple[str, int]]:
        """Return in which iterations and branches it is, the outermost first."""
        found: list[tuple[str, int]] = []
        line = self.line
        while line.within is not None:
            found.append((line.within.state.path, line.index))
            line = line.within.line
        return found[::-1]
