"""Parallel and inline Map: lanes below a lane.

The parent counts, the children keep their own results. A child that ends notes its result in its own lane; the last
one makes the parent gather them all. So a Map of many items writes two small rows an item and never a growing one.

The order and the previous ids of the events are AWS's: an iteration that starts in the first wave names MapStateStarted
as its previous event, a later one the last event of the states of the iteration that made room for it.
"""

from typing import Any

from stepwell.language.definition import MapState, ParallelState, PathValue, WorkState
from stepwell.language.document import Document, to_text
from stepwell.language.evaluation import StatesError
from stepwell.machine.data import CHILDREN, GATHERING, Lane
from stepwell.machine.history import KIND
from stepwell.machine.step import FATAL, Step

_PARALLEL_STARTED = KIND["ParallelStateStarted"]
_PARALLEL_SUCCEEDED = KIND["ParallelStateSucceeded"]
_PARALLEL_EXITED = KIND["ParallelStateExited"]
_MAP_STARTED = KIND["MapStateStarted"]
_MAP_SUCCEEDED = KIND["MapStateSucceeded"]
_MAP_EXITED = KIND["MapStateExited"]
_ITERATION_STARTED = KIND["MapIterationStarted"]
_ITERATION_SUCCEEDED = KIND["MapIterationSucceeded"]


def run_parallel(step: Step, lane: Lane, state: ParallelState) -> None:
    """Start all branches, each with the same input."""
    source = step.effective_input(lane, state)
    if state.parameters is not None:
        source = Document(None, state.parameters(step.evaluation(lane, state, source.value)))
    lane.previous = step.append(_PARALLEL_STARTED, lane.previous)
    lane.open = lane.next_item = len(state.branches)
    step.wait(lane, CHILDREN)
    for index, branch in enumerate(state.branches):
        step.new_lane(lane, index, branch.path, branch.start_at, source)


def run_map(step: Step, lane: Lane, state: MapState) -> None:
    """Start as many iterations as may run at the same time."""
    length = open_map(step, lane, state)
    lane.previous = step.append(_MAP_STARTED, lane.previous, length)
    lane.next_item = lane.open = lane.failed = 0
    step.wait(lane, CHILDREN)
    previous = lane.previous
    for _ in range(min(lane.concurrency, length)):
        _start_iteration(step, lane, state, previous)
    if not length:
        _gather(step, lane, state)


def open_map(step: Step, lane: Lane, state: MapState) -> int:
    """Find out what a Map iterates over, and how; return how many items there are."""
    lane.items = None
    length = len(step.items_of(lane, state).value)
    lane.concurrency = _concurrency(step, lane, state)
    lane.tolerance = _tolerance(step, lane, state, length)
    return length


def _start_iteration(step: Step, lane: Lane, state: MapState, previous: int) -> None:
    index = lane.next_item
    value = step.items_of(lane, state).value[index]
    if state.parameters is not None:
        effective = step.effective_input(lane, state)
        value = state.parameters(step.evaluation(lane, state, effective.value, (index, value)))
    lane.next_item += 1
    lane.open += 1
    started = step.note((_ITERATION_STARTED, previous, step.moment.now, state.name, index))
    child = step.new_lane(lane, index, state.processor.path, state.processor.start_at, Document(None, value))
    child.previous = started


def end_lane(step: Step, lane: Lane) -> None:
    """Hand the result of a branch or an iteration that has succeeded to its parent."""
    parent = step.execution.lanes[lane.parent]
    state = step.state_of(parent)
    noted = lane.previous
    if isinstance(state, MapState):
        noted = step.note((_ITERATION_SUCCEEDED, lane.previous, step.moment.now, state.name, lane.index))
    assert isinstance(state, WorkState)
    end_child(step, lane, parent, state, lane.previous, noted)


def end_child(step: Step, lane: Lane, parent: Lane, state: WorkState, last: int, noted: int) -> None:
    """Let a lane wait to be gathered; `last` is its states' last event, `noted` the one that tells of its end."""
    step.wait(lane, GATHERING)
    parent.previous = noted
    parent.open -= 1
    step.change(parent)
    step.current = parent
    if isinstance(state, MapState) and parent.next_item < len(step.items_of(parent, state).value):
        _start_iteration(step, parent, state, last)
    elif parent.open == 0:
        _gather(step, parent, state)


def resume(step: Step, lane: Lane, state: ParallelState | MapState) -> None:
    """Go on with a Parallel or a Map whose unfinished branches or iterations run again after a redrive."""
    if isinstance(state, MapState):
        length = len(step.items_of(lane, state).value)
        while lane.open < lane.concurrency and lane.next_item < length:
            _start_iteration(step, lane, state, lane.previous)
    if lane.open == 0:
        _gather(step, lane, state)


def _gather(step: Step, lane: Lane, state: WorkState) -> None:
    children = step.execution.children(lane)
    result = Document(None, [child.input.value for child in children])
    parallel = isinstance(state, ParallelState)
    last = lane.previous
    step.append(_PARALLEL_SUCCEEDED if parallel else _MAP_SUCCEEDED, last)
    leave_with_result(step, lane, state, result, _PARALLEL_EXITED if parallel else _MAP_EXITED, last)
    for child in children:  # not before: where that fails, a redrive gathers them again
        step.drop(child)
    step.wake(lane)


def leave_with_result(step: Step, lane: Lane, state: WorkState, result: Document, kind: int, previous: int) -> None:
    """Leave a Task, Parallel or Map: ResultSelector, ResultPath, OutputPath, in this order."""
    output = result
    if state.result_selector is not None:
        output = Document(None, state.result_selector(step.evaluation(lane, state, result.value)))
    if state.merge is not None:
        output = state.merge(lane.input, output)
    step.leave(lane, state, output, kind, previous, result)


def _concurrency(step: Step, lane: Lane, state: MapState) -> int:
    wanted = whole_number(step, lane, state, state.max_concurrency) or 0
    if wanted < 0:
        raise StatesError(FATAL, "MaxConcurrency cannot be negative.")
    ceiling = step.moment.limits.inline_map_concurrency
    return min(wanted, ceiling) if wanted else ceiling


def _tolerance(step: Step, lane: Lane, state: MapState, length: int) -> int | None:
    count = whole_number(step, lane, state, state.tolerated_failure_count)
    if count is not None and count < 0:
        raise StatesError(FATAL, "ToleratedFailureCount cannot be negative.")
    share = state.tolerated_failure_percentage
    percentage = _pointed(step, lane, state, share, (int, float), "float") if isinstance(share, PathValue) else share
    if percentage is not None and not 0 <= percentage <= 100:
        raise StatesError(FATAL, "ToleratedFailurePercentage must be between 0 and 100.")
    bounds = [] if count is None else [count]
    if percentage is not None:
        bounds.append(int(length * percentage / 100))
    return min(bounds) if bounds else None


def whole_number(step: Step, lane: Lane, state: MapState, number: int | PathValue | None) -> int | None:
    """Return a number of a Map, read where it is to be found. Raise where that is no whole number."""
    if isinstance(number, PathValue):
        value: int = _pointed(step, lane, state, number, (int,), "integer")
        return value
    return number


def _pointed(step: Step, lane: Lane, state: MapState, path: PathValue, types: tuple[type, ...], kind: str) -> Any:
    value = step.read(lane, state, path)
    if isinstance(value, types) and not isinstance(value, bool):
        return value
    shown = value if isinstance(value, str) else to_text(value)
    try:
        return types[-1](shown)  # AWS takes "3" for 3
    except ValueError:
        words = f'The {path.field} field refers to value "{shown}" which is not a valid {kind}: {path.text}'
        raise StatesError(FATAL, words) from None
