"""From a step of the machine to what a store commits."""

from msgspec.structs import replace

from stepwell.machine.data import RUNNING, TASK, TURN, Execution, Lane
from stepwell.machine.history import encode_chunk
from stepwell.machine.snapshot import counters_of, frame_of, progress_of
from stepwell.machine.step import Step
from stepwell.runtime.residents import Resident
from stepwell.storage.records import ExecutionRecord, LaneRecord, RedriveRecord, Turn

_CLAIMED = {TASK, TURN}


def changes_nothing(step: Step) -> bool:
    """Return whether a step was stale: there is nothing to commit."""
    return not (step.events or step.commands or step.touched or step.gone)


def turn_of(resident: Resident, step: Step, node: str, new: bool) -> Turn:
    """Return the turn that a step makes, and take it as submitted: the resident's row is the new one."""
    execution = resident.execution
    before = resident.record
    record = resident.record = _record(before, execution)
    turn = Turn(record, new, redriven=record.redrive is not before.redrive)
    if step.events:
        turn.first_event = step.first_event
        turn.last_event = execution.next_event - 1
        turn.chunk = encode_chunk(step.events)
    if not execution.lanes:
        turn.all_lanes_ended = not new
        return turn
    turn.lanes = [
        _row(lane, execution, node, step.moment.now)
        for lane in step.touched
        if execution.lanes.get(lane.number) is lane
    ]
    turn.ended_lanes = step.gone
    return turn


def _record(before: ExecutionRecord, execution: Execution) -> ExecutionRecord:
    output = execution.output
    return replace(
        before,
        status=execution.status,
        stopped=execution.stopped_at,
        output=None if output is None else output.text,
        error=execution.error,
        cause=execution.cause,
        version=before.version + 1,
        progress=counters_of(execution),
        parked=None,
        redrive=None if execution.redriven_at is None else _redrive(before.redrive, execution),
    )


def _redrive(before: RedriveRecord | None, execution: Execution) -> RedriveRecord:
    """Return the record of the redrives, the very one of before where there was none since."""
    assert execution.redriven_at is not None
    if before is not None and before.count == execution.redrive_count:
        return before
    return RedriveRecord(execution.redrive_count, execution.redriven_at, execution.redrive_tokens)


def _row(lane: Lane, execution: Execution, node: str, now: int) -> LaneRecord:
    assert lane.waits != RUNNING, "a lane that neither waits nor has ended"
    frame = frame_of(lane) if lane.frame_changed or not lane.stored else None
    lane.changed = lane.frame_changed = False
    lane.stored = True
    return LaneRecord(
        lane=lane.number,
        waits=lane.waits,
        ticket=lane.ticket,
        due=due_of(lane, execution),
        resource=lane.resource,
        frame=frame,
        progress=progress_of(lane),
        claimed_by=node if lane.waits in _CLAIMED else None,
        scheduled=now,
    )


def due_of(lane: Lane, execution: Execution) -> int | None:
    """Return a lane's due; the root lane stands for the execution's own deadline, too."""
    if lane.number == 0 and execution.deadline is not None:
        return execution.deadline if lane.due is None else min(lane.due, execution.deadline)
    return lane.due
