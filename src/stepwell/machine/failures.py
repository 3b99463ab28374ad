"""What becomes of a failure: it is retried, caught, or it ends its lane, and then it is the parent's.

A failure happens in a state of a lane, at an event. Retriers are asked first, in order; the one that matches decides,
even if it is used up. Then the catchers. A lane whose failure nobody takes is over: at the root that is the execution's
end; below it the state above aborts its other lanes and has the failure itself, as error and cause that stay the same.

What was aborted stays, at rest, until somebody takes the failure, by a retry or a catch: only then is it dropped. If it
is nobody, the execution fails and keeps all its lanes as they are, and may be redriven.

`States.Runtime`, and what is found at a state's boundary, is never retried nor caught on its way.
"""

from stepwell.language.definition import Catcher, MapState, ParallelState, Retrier, State, WorkState
from stepwell.language.document import Document
from stepwell.language.evaluation import QueryEvaluationError, StatesError
from stepwell.machine import fanout
from stepwell.machine.data import GATHERING, NO_PARENT, TIMER, Lane
from stepwell.machine.history import KIND
from stepwell.machine.limits import MAXIMUM_SECONDS
from stepwell.machine.step import FATAL, BoundaryError, PlainError, Step

_ABORTED = {kind: KIND[f"{kind}StateAborted"] for kind in ("Task", "Wait", "Parallel", "Map")}
_FAILED = {kind: KIND[f"{kind}StateFailed"] for kind in ("Parallel", "Map")}
_EXITED = {kind: KIND[f"{kind}StateExited"] for kind in ("Task", "Parallel", "Map")}
_EXECUTION_FAILED = KIND["ExecutionFailed"]
_EVALUATION_FAILED = KIND["EvaluationFailed"]
_ITERATION_FAILED = KIND["MapIterationFailed"]
_ITERATION_ABORTED = KIND["MapIterationAborted"]

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"


class Failure:
    """An error on its way. `names` are what ErrorEquals may call it."""

    __slots__ = ("cause", "error", "fatal", "names")

    def __init__(self, error: str | None, cause: str | None, *, fatal: bool = False, also: str | None = None) -> None:
        self.error = error
        self.cause = cause
        self.fatal = fatal or error == FATAL
        self.names = _names(error, also)


def _names(error: str | None, also: str | None) -> set[str]:
    names = {ALL}
    if error is not None:
        names.add(error)
    if also is not None:
        names.add(also)
    if error != TIMEOUT:
        names.add(TASK_FAILED)
    return names


def failure_of(lane: Lane, state: State, raised: StatesError) -> Failure:
    """Return an error of the language as the failure of the state that a lane is in."""
    if isinstance(raised, PlainError):
        return Failure(raised.error, raised.cause, fatal=isinstance(raised, BoundaryError))
    where = f"An error occurred while executing the state '{state.name}' (entered at the event id #{lane.entered})."
    return Failure(raised.error, f"{where} {raised.cause}")


def note_evaluation(step: Step, lane: Lane, state: State, raised: StatesError, failure: Failure) -> int:
    """Note that an expression failed, if that is what happened; return the event that the failure follows from."""
    if not isinstance(raised, QueryEvaluationError):
        return lane.previous
    before = lane.before if raised.on_entry else lane.previous
    return step.append(_EVALUATION_FAILED, before, failure.error, failure.cause, raised.location, state.name)


def handle(step: Step, lane: Lane, state: State, failure: Failure, event: int, *, own: bool = False) -> None:
    """Do what is to be done about a failure of a lane in a state, which the event of this id tells of.

    `own`: it came about in what the state does with its data itself, and not below it.
    """
    lane.previous = event
    if isinstance(state, WorkState) and not failure.fatal and _retry(step, lane, state, failure):
        _drop_aborted(step, lane, state)
        return
    last = own and failure.fatal and lane.parent == NO_PARENT  # AWS ends such an execution without a word more
    if isinstance(state, ParallelState | MapState) and lane.entered < event and not last:
        lane.previous = step.append(_FAILED[state.type], event)
    try:
        if isinstance(state, WorkState) and not failure.fatal and _catch(step, lane, state, failure):
            _drop_aborted(step, lane, state)
            return
    except StatesError as raised:  # what a catcher makes of the failure can fail in turn, and nobody catches that
        failure = failure_of(lane, state, raised)
        lane.previous = note_evaluation(step, lane, state, raised, failure)
    _end_lane(step, lane, state, failure)


def _drop_aborted(step: Step, lane: Lane, state: State) -> None:
    if isinstance(state, ParallelState | MapState):
        step.drop_below(lane)


def _retry(step: Step, lane: Lane, state: WorkState, failure: Failure) -> bool:
    for number, retrier in enumerate(state.retriers):
        if not failure.names.isdisjoint(retrier.errors):
            attempts = lane.attempts or [0] * len(state.retriers)
            if attempts[number] >= retrier.max_attempts:
                return False
            attempts[number] += 1
            lane.attempts = attempts
            lane.retries += 1
            step.issue_ticket(lane)
            delay = _delay(retrier, attempts[number], step.moment.entropy.random() if retrier.full_jitter else 1.0)
            step.wait(lane, TIMER, step.moment.now + round(delay * 1000))
            return True
    return False


def _delay(retrier: Retrier, attempt: int, share: float) -> float:
    """Return the seconds before an attempt (the first retry is 1)."""
    longest = retrier.max_delay_seconds or MAXIMUM_SECONDS
    try:
        delay = retrier.interval_seconds * retrier.backoff_rate ** (attempt - 1)
    except OverflowError:
        delay = longest
    return min(delay, longest) * share


def _catch(step: Step, lane: Lane, state: WorkState, failure: Failure) -> bool:
    for catcher in state.catchers:
        if not failure.names.isdisjoint(catcher.errors):
            by_heartbeat = HEARTBEAT_TIMEOUT in failure.names and HEARTBEAT_TIMEOUT in catcher.errors
            error = HEARTBEAT_TIMEOUT if by_heartbeat else failure.error
            # A time-out has no cause, and AWS then gives a catcher an empty one; others without a cause give null.
            cause = "" if failure.error == TIMEOUT and failure.cause is None else failure.cause
            output = Document(None, {"Error": error, "Cause": cause})
            _leave_caught(step, lane, state, catcher, output)
            return True
    return False


def _leave_caught(step: Step, lane: Lane, state: WorkState, catcher: Catcher, error: Document) -> None:
    output, assigned = error, None
    if state.query:
        sees = step.evaluation(lane, state, lane.input.value, error_output=error.value)
        if catcher.output is not None:
            output = Document(None, catcher.output(sees))
    else:
        sees = step.evaluation(lane, state, error.value)
        if catcher.merge is not None:
            output = catcher.merge(lane.input, error)
    if catcher.assign is not None:
        assigned = catcher.assign(sees)
    step.exit(lane, state, output, _EXITED[state.type], lane.previous, catcher.next, assigned)
    step.wake(lane)


def _end_lane(step: Step, lane: Lane, state: State, failure: Failure) -> None:
    if lane.parent == NO_PARENT:
        step.append(_EXECUTION_FAILED, lane.previous, failure.error, failure.cause)
        finish(step, "FAILED", failure.error, failure.cause)
        return
    parent = step.execution.lanes[lane.parent]
    above = step.state_of(parent)
    last = lane.previous
    if isinstance(above, MapState):
        _end_iteration(step, lane, state, parent, above, failure)
    else:
        if state.type in {"Task", "Wait"}:
            step.append(_ABORTED[state.type], last)
        abort_children(step, parent, above, but=lane)
        step.end(lane)
        handle(step, parent, above, failure, last)


def _end_iteration(step: Step, lane: Lane, state: State, parent: Lane, above: MapState, failure: Failure) -> None:
    last = lane.previous
    if state.type in {"Task", "Wait"}:
        step.append(_ABORTED[state.type], last)
    step.append(_ITERATION_FAILED, last, above.name, lane.index)
    tolerated = parent.tolerance is not None and parent.failed < parent.tolerance and not failure.fatal
    if tolerated:
        parent.failed += 1
        _drop_aborted(step, lane, state)
        lane.state = None
        lane.input = Document(None, {"Error": failure.error, "Cause": failure.cause})
        step.change(lane, frame=True)
        fanout.end_child(step, lane, parent, above, last, last)
        return
    abort_children(step, parent, above, but=lane)
    step.end(lane)
    if parent.tolerance is not None and not failure.fatal:
        threshold = "The specified tolerated failure threshold was exceeded"
        failure = Failure("States.ExceedToleratedFailureThreshold", threshold)
    handle(step, parent, above, failure, last)


def abort_children(step: Step, parent: Lane, state: State, but: Lane | None = None) -> None:
    """Abort all lanes below a parent, but for the one that failed. Those that have come to their end stay so."""
    for child in step.execution.children(parent):
        if child is not but and child.waits != GATHERING:
            abort(step, child)
            if isinstance(state, MapState):
                step.append(_ITERATION_ABORTED, child.previous, state.name, child.index)
            step.end(child)
    parent.open = 0


def abort(step: Step, lane: Lane) -> None:
    """Note that a lane's open state, and all below it, is aborted; whoever works for it is told."""
    if lane.state is None:
        return  # it has left its last state in this very turn
    state = step.state_of(lane)
    if isinstance(state, ParallelState | MapState):
        abort_children(step, lane, state)
    step.cancel(lane)
    if lane.entered and state.type in _ABORTED:
        lane.previous = step.append(_ABORTED[state.type], lane.previous)


def finish(step: Step, status: str, error: str | None = None, cause: str | None = None) -> None:
    """End the execution: nothing of it waits any more. Its lanes rest as they are where it may be redriven."""
    execution = step.execution
    execution.status = status
    execution.error = error
    execution.cause = cause
    execution.stopped_at = step.moment.now
    execution.deadline = None
    for lane in execution.lanes.values():
        step.cancel(lane)
    limits = step.moment.limits
    if status == "SUCCEEDED" or not limits.redrives or execution.next_event > limits.redrivable_events:
        execution.lanes.clear()
    else:
        for lane in execution.lanes.values():
            if lane.waits != GATHERING:
                step.end(lane)
    step.ready.clear()
