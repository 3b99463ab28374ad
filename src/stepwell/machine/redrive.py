"""Redrive: an execution that ended without success goes on from where it ended.

Its lanes rest as they were: those that had come to their end keep their results, the others are in the state that they
were in, with its raw input and their variables. A redrive notes `ExecutionRedriven`, and

- a lane in a Task schedules it again, without a new TaskStateEntered;
- a lane in a Parallel or a Map that had started lets the branches and iterations go on that had not come to their end,
  each in its own state, behind a MapIterationStarted of its own where it is an iteration; no ParallelStateStarted nor
  MapStateStarted comes again. Iterations that had not been started are, as far as may run at the same time. Where all
  had come to their end, and only gathering their results failed, they are gathered again. An iteration whose failure
  was tolerated has come to its end;
- a lane in a Parallel or a Map that had not started starts it, without a new …StateEntered;
- a lane in any other state (Pass, Choice, Wait, Succeed, Fail) enters it once more. A Wait waits its whole time.

Retriers count from 0, the execution's own time starts again, and every ticket is new: tokens of before stay dead.

AWS's sequence is not recorded: which events come again and which do not, and that the first event of each lane has
ExecutionRedriven (or its MapIterationStarted) for its previous one, is our choice.
"""

from stepwell.language.definition import MapState, ParallelState
from stepwell.machine.data import CHILDREN, GATHERING, ROOT, Lane
from stepwell.machine.events import Redrive
from stepwell.machine.history import KIND
from stepwell.machine.step import Step

REMEMBERED_TOKENS = 10
"""So many redrives are recognised when they are asked for again."""

_REDRIVEN = KIND["ExecutionRedriven"]
_ITERATION_STARTED = KIND["MapIterationStarted"]
_KEEP_ENTERED = {"Task", "Parallel", "Map"}


def reopen(step: Step, event: Redrive) -> list[Lane]:
    """Let the lanes of an ended execution go on; return those whose branches and iterations do, the outer ones first.

    Nothing happens where the execution runs, or nothing of it was kept.
    """
    execution, now = step.execution, step.moment.now
    if execution.status == "RUNNING" or not execution.lanes:
        return []
    execution.status = "RUNNING"
    execution.error = execution.cause = execution.stopped_at = None
    execution.redrive_count += 1
    execution.redriven_at = now
    if event.token is not None:
        execution.redrive_tokens = (*execution.redrive_tokens, (event.token, now))[-REMEMBERED_TOKENS:]
    step.set_deadline(now)
    redriven = step.append(_REDRIVEN, execution.next_event - 1, execution.redrive_count)
    parents: list[Lane] = []
    _reopen(step, execution.lanes[ROOT], redriven, parents)
    return parents


def _reopen(step: Step, lane: Lane, previous: int, parents: list[Lane]) -> None:
    lane.attempts = None
    lane.retries = 0
    lane.previous = lane.before = previous
    step.change(lane, frame=True)
    if lane.state is not None:
        state = step.state_of(lane)
        if isinstance(state, ParallelState | MapState) and (children := step.execution.children(lane)):
            parents.append(lane)
            _reopen_children(step, lane, state, children, parents)
            return
        if state.type not in _KEEP_ENTERED:
            lane.entered = 0
    step.wake(lane)


def _reopen_children(
    step: Step, lane: Lane, state: ParallelState | MapState, children: list[Lane], parents: list[Lane]
) -> None:
    unfinished = [child for child in children if child.waits != GATHERING]
    lane.open = len(unfinished)
    step.wait(lane, CHILDREN)
    for child in unfinished:
        previous = lane.previous
        if isinstance(state, MapState):
            previous = step.append(_ITERATION_STARTED, previous, state.name, child.index)
        _reopen(step, child, previous, parents)
