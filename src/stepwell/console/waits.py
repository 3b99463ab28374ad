"""Why an execution goes no further: what each of its lanes waits for."""

from collections.abc import Iterable
from typing import Any

from stepwell.console.story import Story
from stepwell.console.visits import RETRYING, RUNNING, WAITING, Visit
from stepwell.machine.data import ACTIVITY, CHILDREN, ENDED, GATHERING, JOB, TASK, TIMER, TOKEN, TURN, Lane
from stepwell.machine.snapshot import restore_lane
from stepwell.runtime.port import Store

MOST_WAITS = 200

_STATUSES = {TASK: RUNNING, TURN: RUNNING, CHILDREN: RUNNING}
_WORDS = {
    "timer": "waits until its moment",
    "token": "waits for somebody with the task token",
    "worker": "a worker of the activity has it",
    "activity": "no worker of the activity has taken it yet",
    "job": "waits for the end of the job",
    "task": "the call goes on",
    "children": "its branches or iterations go on",
    "turn": "goes on in a moment",
}


async def lanes_of(store: Store, key: int) -> list[Lane]:
    """Return the lanes of an execution that wait for something, as they rest."""
    found: list[Lane] = []
    for row in await store.lanes(key):
        if row.waits in {GATHERING, ENDED} or row.frame is None:
            continue
        lane = restore_lane(row.lane, row.frame, row.progress)
        lane.waits, lane.ticket, lane.due, lane.resource = row.waits, row.ticket, row.due, row.resource
        found.append(lane)
    return found


def waits_of(story: Story, lanes: Iterable[Lane]) -> tuple[list[dict[str, Any]], bool]:
    """Return what the lanes wait for that have nothing below them, and whether there are more than are shown."""
    found: list[dict[str, Any]] = []
    for lane in lanes:
        visit = story.visits.get(lane.entered)
        if visit is None or lane.waits in {CHILDREN, GATHERING, ENDED, ""}:
            continue
        if len(found) == MOST_WAITS:
            return found, True
        found.append(wait_of(visit, lane))
    return found, False


def wait_of(visit: Visit, lane: Lane) -> dict[str, Any]:
    """Return what a lane waits for in a visit."""
    kind = _kind(visit, lane)
    attempt, attempts = _retry(visit, lane) if kind == "retry" else (lane.retries, None)
    text = f"retry {attempt} of {attempts}" if attempts else f"retry {attempt}" if kind == "retry" else _WORDS[kind]
    return {
        "visit": visit.number,
        "state": visit.state.path,
        "status": RETRYING if kind == "retry" else _STATUSES.get(lane.waits, WAITING),
        "kind": kind,
        "until": lane.due,
        "since": visit.segments[-1][1] if visit.segments else visit.entered,
        "attempt": attempt,
        "attempts": attempts,
        "resource": lane.resource,
        "iteration": visit.iteration(),
        "text": text,
    }


def _kind(visit: Visit, lane: Lane) -> str:
    match lane.waits:
        case "timer":
            return TIMER if visit.state.type == "Wait" else "retry"
        case "token":
            return "worker" if ":activity:" in str(visit.state.value.get("Resource")) else TOKEN
        case "activity" | "job" | "task" | "children" as kind:
            return {ACTIVITY: ACTIVITY, JOB: JOB, TASK: TASK, CHILDREN: CHILDREN}[kind]
        case _:
            return TURN


def _retry(visit: Visit, lane: Lane) -> tuple[int, int | None]:
    """Return which attempt comes next, and how many retries its retrier allows, if it is one retrier alone."""
    used = [(index, times) for index, times in enumerate(lane.attempts or ()) if times]
    retriers = visit.state.value.get("Retry", [])
    if len(used) != 1 or used[0][0] >= len(retriers):
        return lane.retries, None
    index, times = used[0]
    return times, retriers[index].get("MaxAttempts", 3)
