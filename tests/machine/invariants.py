"""What must hold of an execution's lanes between any two turns, whatever happens."""

from stepwell.machine import events
from stepwell.machine.data import (
    ACTIVITY,
    CHILDREN,
    ENDED,
    GATHERING,
    JOB,
    ROOT,
    TASK,
    TIMER,
    TOKEN,
    TURN,
    Execution,
    Lane,
)
from stepwell.runtime.turns import due_of

WITH_PARAMETERS = {TASK, TOKEN, JOB, ACTIVITY}
WAITS_BY_TICKET = {*WITH_PARAMETERS, TIMER}
DERIVED = {"due", "changed", "frame_changed", "stored", "items", "input", "parameters"}
"""What a lane in memory has and its row has not, or not in the same way."""


def is_stale(execution: Execution, event: events.Event) -> bool:
    """Return whether an event names a ticket that is nobody's."""
    ticket = getattr(event, "ticket", None)
    if execution.status != "RUNNING":
        return True
    if ticket is None:
        return False
    lane = execution.lanes.get(getattr(event, "lane", -1))
    return lane is None or lane.ticket != ticket or not ticket


def check_lanes(execution: Execution) -> None:
    """Raise AssertionError where a lane waits for nothing that could come."""
    tickets = [lane.ticket for lane in execution.lanes.values() if lane.ticket]
    assert len(tickets) == len(set(tickets)), "two waits by one ticket"
    assert all(ticket < execution.next_ticket for ticket in tickets)
    if execution.status != "RUNNING":
        check_rest(execution)
        return
    for lane in execution.lanes.values():
        below = execution.children(lane)
        if lane.waits in WAITS_BY_TICKET:
            assert lane.ticket, f"lane {lane.number} waits for {lane.waits} without a ticket"
            assert lane.waits != TIMER or lane.due is not None, "a timer without a moment"
        else:
            assert lane.waits in {CHILDREN, GATHERING, TURN}, f"lane {lane.number} waits for nothing"
            assert not lane.ticket
            assert own_due(lane, execution) is None
        if lane.waits == CHILDREN:
            assert lane.open > 0, "it waits for children that have all ended"
            assert lane.open == sum(child.waits != GATHERING for child in below)
            assert lane.next_item == len(below), "an item without its iteration"
            is_map = below[0].scope.endswith("/ItemProcessor")
            assert not is_map or lane.open <= lane.concurrency, "more iterations at a time than may be"
        else:
            assert not below, "children of a lane that does not wait for them"
        if lane.waits == GATHERING:
            assert lane.state is None
            assert execution.lanes[lane.parent].waits == CHILDREN


def check_rest(execution: Execution) -> None:
    """Raise AssertionError where a lane of an ended execution waits for anything but a redrive."""
    assert execution.status != "SUCCEEDED" or not execution.lanes, "lanes of an execution that has succeeded"
    for lane in execution.lanes.values():
        assert lane.waits in {ENDED, GATHERING}, f"lane {lane.number} waits after the end"
        assert not lane.ticket, "a ticket after the end"
        assert lane.due is None
        assert lane.number == ROOT or lane.parent in execution.lanes, "a lane without its parent"


def own_due(lane: Lane, execution: Execution) -> int | None:
    """Return when a lane's own timer fires: the row of the root lane stands for the execution's deadline, too."""
    return None if lane.due == execution.deadline else lane.due


def check_same(memory: Execution, rows: Execution) -> None:
    """Raise AssertionError where an execution in memory is not the one that rests."""
    for name in ("next_event", "next_ticket", "next_lane", "deadline", "status", "started_at"):
        assert getattr(memory, name) == getattr(rows, name), f"{name} differs"
    assert sorted(memory.lanes) == sorted(rows.lanes)
    for number, lane in memory.lanes.items():
        stored = rows.lanes[number]
        for name in set(Lane.__slots__) - DERIVED:
            assert getattr(lane, name) == getattr(stored, name), f"{name} of lane {number} differs"
        assert due_of(lane, memory) == due_of(stored, rows), f"due of lane {number} differs"
        assert lane.input.text == stored.input.text
        if lane.waits in WITH_PARAMETERS:
            assert lane.parameters is not None
            assert stored.parameters is not None
            assert lane.parameters.text == stored.parameters.text
