"""Which catcher took an error, and where it led: told by where its line went on, as history names no catcher."""

from typing import Any

from stepwell.console.story import Story
from stepwell.console.visits import CAUGHT, FAILED, TIMED_OUT, Visit
from stepwell.machine.failures import HEARTBEAT_TIMEOUT, TIMEOUT, Failure


def next_of(story: Story, visit: Visit) -> Visit | None:
    """Return the visit that its line went to from there."""
    if not visit.exit:
        return None
    return next(
        (other for number, other in story.visits.items() if number > visit.exit and other.line is visit.line), None
    )


def caught_by(story: Story, visit: Visit) -> dict[str, Any] | None:
    """Return the catcher that took a visit's error: its own state's, or that of a Parallel or Map around it."""
    catching = _catching(visit)
    if catching is None:
        return None
    following = next_of(story, catching)
    catchers = catching.state.value.get("Catch", [])
    number = None if following is None else _number(catchers, catching.error, following.state.name)
    return {
        "state": catching.state.path,
        "visit": catching.number,
        "catcher": number,
        "errors": [] if number is None else catchers[number]["ErrorEquals"],
        "next": None if following is None else following.state.path,
        "nextVisit": None if following is None else following.number,
    }


def _catching(visit: Visit) -> Visit | None:
    """Return the visit in which an error was caught: upwards as long as it is the same error that fails."""
    while visit.status in {FAILED, TIMED_OUT}:
        around = visit.line.within
        # Branches of an attempt that was retried are no longer those of the visit around them.
        if around is None or around.error != visit.error or around.lines.get(visit.line.index) is not visit.line:
            return None
        visit = around
    return visit if visit.status == CAUGHT else None


def _number(catchers: list[dict[str, Any]], error: str | None, name: str) -> int | None:
    """Return which catcher leads to a state and takes an error; of an unknown one, if only one does."""
    leading = [number for number, catcher in enumerate(catchers) if catcher["Next"] == name]
    if error is None:
        return leading[0] if len(leading) == 1 else None
    names = Failure(error, None, also=HEARTBEAT_TIMEOUT if error == TIMEOUT else None).names
    return next((number for number in leading if not names.isdisjoint(catchers[number]["ErrorEquals"])), None)
