"""The story of an execution: which visit of which state in which branch or iteration every event of its history is of.

An event says which event came before it, and some say the name of their state. That is enough, because the machine
writes them in an order that `machine` fixes; `telling` knows it, here is what has been found out.
"""

from collections.abc import Callable, Iterator

from stepwell.console.outline import ScopeOutline
from stepwell.console.visits import ABORTED, FAILED, RUNNING, Line, Visit


class Story:
    """What has happened in one execution so far. It grows with the execution."""

    def __init__(self, outline: ScopeOutline) -> None:
        self.root = Line(outline)
        self.status = RUNNING
        self.last = 0
        """The id of the last event that was read, and when it was."""
        self.at = 0
        self.visits: dict[int, Visit] = {}
        """In the order of entering."""
        self.places: list[tuple[int, str]] = [(0, "")]
        """For each event the visit (0: none) and the status that it has by it. The first stands for no event."""
        self.lines: list[Line] = [self.root]
        """For each event the line that it happened in."""
        self.reopening: set[int] = set()
        """The events by which, after a redrive, lines go on: several may name the same one as the event before."""
        self.failing: dict[Visit, int] = {}
        """What has failed in the turn that is being read, by which event."""

    def change(self, visit: Visit, number: int, status: str | None = None) -> None:
        """Let an event be a visit's, and say what the visit is from then on."""
        if status is not None:
            visit.status = status
        visit.touched = self.last
        self.places[number] = (visit.number, visit.status)

    def belongs(self, visit: Visit | None, number: int) -> None:
        """Take an event for one of a visit's."""
        if visit is not None:
            self.lines[number] = visit.line
            visit.events.append(number)
            visit.reopened = False
            self.change(visit, number)

    def below(self, visit: Visit) -> Iterator[Visit]:
        """Yield the visits that the lines of a visit are in."""
        for line in visit.lines.values():
            if line.now is not None:
                yield line.now
                yield from self.below(line.now)

    def current(self) -> Iterator[Visit]:
        """Yield the visits that all the lines are in."""
        if self.root.now is not None:
            yield self.root.now
            yield from self.below(self.root.now)

    # Which visit an event speaks of

    def line_of(self, line: Line, state: str) -> Line | None:
        """Return the line that a state of this name belongs to: this one, one above it, or one below."""
        upwards: Line | None = line
        while upwards is not None:
            if state in upwards.scope.states:
                return upwards
            upwards = _above(upwards)
        return self._line_below(line, lambda below: state in below.scope.states)

    def open_visit(self, line: Line, kind: str) -> Visit | None:
        """Return the visit of a type that an event without a name is of: in this line, or above."""
        upwards: Line | None = line
        while upwards is not None:
            visit = upwards.now
            if visit is not None and visit.state.type == kind and visit.open and not visit.over:
                return visit
            upwards = _above(upwards)
        return None

    def reopened_visit(self, line: Line, kind: str, likeness: Callable[[Visit], int]) -> Visit | None:
        """Return the visit of a type, in a line or below, that nothing has happened in since the redrive.

        The most alike, if there are several, or the first of those.
        """
        found = [
            visit
            for visit in (() if line.now is None else (line.now, *self.below(line.now)))
            if visit.reopened and visit.open and visit.state.type == kind
        ]
        return max(found, key=likeness, default=None)

    def _line_below(self, line: Line, fits: Callable[[Line], bool]) -> Line | None:
        waiting = [line]
        while waiting:
            found = waiting.pop(0)
            if found is not line and fits(found):
                return found
            if found.now is not None:
                waiting[:0] = found.now.lines.values()
        return None

    # What ends

    def blame(self, line: Line, until: Visit | None, number: int) -> None:
        """Let what is open from a line up to a visit that it is in, which is not among it, have failed."""
        upwards: Line | None = line
        if until is not None and not _is_in(line, until):
            return
        while upwards is not None and upwards.now is not until:
            if upwards.now is not None and upwards.now.open:
                upwards.now.close(FAILED, number, self.at)
            upwards.end(FAILED, self.at)
            upwards = _above(upwards)

    def close_below(self, visit: Visit, number: int) -> None:
        """Let all that is open below a visit be aborted."""
        for inner in self.below(visit):
            if inner.open:
                inner.close(ABORTED, number, self.at)
        for line in visit.lines.values():
            if line.ended is None:
                line.end(ABORTED, self.at)


def _above(line: Line) -> Line | None:
    return None if line.within is None else line.within.line


def _is_in(line: Line, visit: Visit) -> bool:
    upwards: Line | None = line
    while upwards is not None:
        if upwards.within is visit:
            return True
        upwards = _above(upwards)
    return False
