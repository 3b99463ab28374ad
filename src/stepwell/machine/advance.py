"""How an execution advances: the one function that everything else in this package serves.

`advance(execution, definition, event, moment)` takes what has happened, runs every lane that can go on until all of
them wait, and returns the `Step`: the events to append to the history, the commands for the outside, and, in the
execution, which lanes have changed. It reads no clock, draws no number, opens no socket: `moment` carries the world.
It changes the execution that it is given. Whoever keeps that one commits the step, or forgets the execution and reads
it again; so what is committed and what is in memory never differ.

An event names a lane and a ticket. Where that ticket is no longer the lane's, the event is stale: nothing happens, and
the step is empty.

A turn is bounded, by its transitions and by what its evaluations use up of the moment's allowance. What could go on but
has had its share waits for the next turn, which the `Yield` command asks for. One state alone may take more than the
allowance has: then `advance` raises `Overdrawn`, and the turn was none.
"""

from typing import Any

from stepwell.language.definition import Definition, MapState, ParallelState, TaskState, WaitState
from stepwell.language.evaluation import StatesError
from stepwell.machine import failures, fanout, redrive, states, tasks
from stepwell.machine.data import (
    ACTIVITY,
    CHILDREN,
    JOB,
    NO_PARENT,
    RUNNING,
    TASK,
    TIMER,
    TOKEN,
    TURN,
    Execution,
    Handler,
    Lane,
    Moment,
)
from stepwell.machine.events import (
    ActivityStarted,
    DeadlineReached,
    Event,
    Redrive,
    Start,
    Stop,
    TaskFailed,
    TaskHeartbeat,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
    TurnCame,
    Yield,
)
from stepwell.machine.history import KIND
from stepwell.machine.step import FATAL, HistoryFull, Step

_EXECUTION_STARTED = KIND["ExecutionStarted"]
_EXECUTION_SUCCEEDED = KIND["ExecutionSucceeded"]
_EXECUTION_FAILED = KIND["ExecutionFailed"]
_EXECUTION_TIMED_OUT = KIND["ExecutionTimedOut"]
_EXECUTION_ABORTED = KIND["ExecutionAborted"]

_RUN: dict[str, Handler] = {
    "Pass": states.run_pass,
    "Succeed": states.run_succeed,
    "Fail": states.run_fail,
    "Choice": states.run_choice,
    "Wait": states.run_wait,
    "Task": tasks.run_task,
    "Parallel": fanout.run_parallel,
    "Map": fanout.run_map,
}
_TYPES = {name: (KIND[f"{name}StateEntered"], run) for name, run in _RUN.items()}
"""What is noted of a state that is entered, and what runs it, by its type."""

_ANSWERABLE = {TASK, TOKEN, JOB}


def advance(execution: Execution, definition: Definition, event: Event, moment: Moment) -> Step:
    """Take an event, run until every lane waits or the turn is used up, and return what came of it."""
    step = Step(execution, definition, moment)
    if execution.status != "RUNNING" and type(event) is not Redrive:
        return step
    try:
        _guarded(step, None, _take, event)
        while step.ready and not step.used_up:
            lane = step.ready.popleft()
            if execution.lanes.get(lane.number) is lane:  # its parent may have failed meanwhile
                _guarded(step, lane, _run_lane, lane)
    except HistoryFull:
        _end_full(step)
    _yield_rest(step)
    return step


def _guarded(step: Step, lane: Lane | None, do: Any, subject: Any) -> None:
    """Do something; an error of the language in it is a failure of the state of the lane that is at work."""
    step.current = lane
    try:
        do(step, subject)
        return
    except StatesError as raised:
        error = raised
    while True:
        culprit = step.current
        assert culprit is not None
        try:
            _blame(step, culprit, error)
            return
        except StatesError as raised:  # the iteration that starts in place of a tolerated one can fail in turn
            error = raised


def _blame(step: Step, lane: Lane, raised: StatesError) -> None:
    """Let the state that a lane is in fail with an error of the language."""
    state = step.state_of(lane)
    failures.abort_children(step, lane, state)
    lane.ticket = 0  # of an attempt that could not be scheduled
    failure = failures.failure_of(lane, state, raised)
    event = failures.note_evaluation(step, lane, state, raised, failure)
    failures.handle(step, lane, state, failure, event, own=True)


def _run_lane(step: Step, lane: Lane) -> None:
    """Run a lane until it waits or has ended."""
    moment, allowance = step.moment, step.moment.allowance
    scope = step.definition.scopes[lane.scope].states
    while lane.waits == RUNNING:
        if lane.state is None:
            _end_lane(step, lane)
            return
        state = scope[lane.state]
        kind, run = _TYPES[state.type]
        if not lane.entered:
            if step.transitions >= moment.limits.transitions_per_turn or allowance.steps < allowance.half:
                step.ready.append(lane)
                return
            step.transitions += 1
            before = lane.before = lane.previous
            now = lane.entered_at = moment.now
            lane.entered = lane.previous = step.note((kind, before, now, state.name, lane.input.text))
            lane.frame_changed = True
        run(step, lane, state)


def _end_lane(step: Step, lane: Lane) -> None:
    if lane.parent != NO_PARENT:
        fanout.end_lane(step, lane)
        return
    step.append(_EXECUTION_SUCCEEDED, lane.previous, lane.input.text)
    step.execution.output = lane.input
    failures.finish(step, "SUCCEEDED")


def _yield_rest(step: Step) -> None:
    """Let what is still ready wait for the next turn."""
    waiting = False
    for lane in step.ready:
        if step.execution.lanes.get(lane.number) is lane and lane.waits == RUNNING:
            step.wait(lane, TURN)
            waiting = True
    if waiting:
        step.commands.append(Yield())


def _end_full(step: Step) -> None:
    limit = step.moment.limits.history_events
    execution = step.execution
    execution.next_event = limit
    cause = f"The execution reached the maximum number of history events ({limit})."
    step.events.append((_EXECUTION_FAILED, limit - 1, step.moment.now, FATAL, cause))
    execution.next_event += 1
    failures.finish(step, "FAILED", FATAL, cause)


def _take(step: Step, event: Event) -> None:
    """Apply an event. Stale ones change nothing."""
    _TAKE[type(event)](step, event)


def _start(step: Step, _: Start) -> None:
    execution = step.execution
    alias, version = execution.state_machine_alias_arn, execution.state_machine_version_arn
    qualifiers = () if version is None else (alias, version)
    step.append(_EXECUTION_STARTED, 0, execution.input.text, execution.role_arn, *qualifiers)
    step.set_deadline(execution.started_at)
    root = step.definition.root.path
    step.new_lane(None, 0, root, step.definition.start_at, execution.input)


def _awaited(step: Step, lane: int, ticket: int) -> Lane | None:
    """Return the lane that still waits by this ticket, or None; errors from now on are its own."""
    found = step.execution.lanes.get(lane)
    if found is None or found.ticket != ticket or ticket == 0:
        return None
    step.current = found
    return found


def _task_of(step: Step, lane: int, ticket: int) -> tuple[Lane, TaskState] | None:
    found = _awaited(step, lane, ticket)
    if found is None or found.waits not in _ANSWERABLE:
        return None
    state = step.state_of(found)
    assert isinstance(state, TaskState)
    return found, state


def _succeeded(step: Step, event: TaskSucceeded) -> None:
    if task := _task_of(step, event.lane, event.ticket):
        tasks.succeed(step, *task, event.output)


def _failed(step: Step, event: TaskFailed) -> None:
    task = _task_of(step, event.lane, event.ticket)
    if task is not None and not (event.by_call and task[0].waits != TASK):  # what was submitted does not fail to submit
        tasks.fail(step, *task, event)


def _submitted(step: Step, event: TaskSubmitted) -> None:
    task = _task_of(step, event.lane, event.ticket)
    if task is not None and task[0].waits == TASK:
        tasks.submit(step, *task, event.output, event.job)


def _heartbeat(step: Step, event: TaskHeartbeat) -> None:
    if task := _task_of(step, event.lane, event.ticket):
        tasks.beat(step, task[0])


def _activity_started(step: Step, event: ActivityStarted) -> None:
    lane = _awaited(step, event.lane, event.ticket)
    if lane is not None and lane.waits == ACTIVITY:
        state = step.state_of(lane)
        assert isinstance(state, TaskState)
        tasks.start_activity(step, lane, state, event.worker_name)


def _timer_fired(step: Step, event: TimerFired) -> None:
    lane = _awaited(step, event.lane, event.ticket)
    if lane is None or lane.due is None or lane.due > step.moment.now:
        return
    state = step.state_of(lane)
    if lane.waits != TIMER:
        assert isinstance(state, TaskState)
        tasks.time_out(step, lane, state)
    else:
        step.wake(lane)
        if isinstance(state, WaitState):
            states.end_wait(step, lane, state)


def _deadline_reached(step: Step, _: DeadlineReached) -> None:
    execution = step.execution
    if execution.deadline is not None and execution.deadline <= step.moment.now:
        step.append(_EXECUTION_TIMED_OUT, 0)
        failures.finish(step, "TIMED_OUT")


def _turn_came(step: Step, _: TurnCame) -> None:
    waiting = [lane for lane in step.execution.lanes.values() if lane.waits == TURN]
    for lane in sorted(waiting, key=_last_event):  # who went on last is the last: a loop keeps no other lane waiting
        step.wake(lane)


def _last_event(lane: Lane) -> int:
    return lane.previous


def _stopped(step: Step, event: Stop) -> None:
    step.append(_EXECUTION_ABORTED, 0, event.error, event.cause)
    failures.finish(step, "ABORTED", event.error, event.cause)


def _redrive(step: Step, event: Redrive) -> None:
    for lane in redrive.reopen(step, event):
        # What goes on in one of them may have ended the others.
        if step.execution.lanes.get(lane.number) is lane and lane.waits == CHILDREN:
            _guarded(step, lane, _resume, lane)


def _resume(step: Step, lane: Lane) -> None:
    state = step.state_of(lane)
    assert isinstance(state, ParallelState | MapState)
    fanout.resume(step, lane, state)


_TAKE: dict[type, Handler] = {
    Start: _start,
    TaskSucceeded: _succeeded,
    TaskFailed: _failed,
    TaskSubmitted: _submitted,
    TaskHeartbeat: _heartbeat,
    ActivityStarted: _activity_started,
    TimerFired: _timer_fired,
    DeadlineReached: _deadline_reached,
    TurnCame: _turn_came,
    Stop: _stopped,
    Redrive: _redrive,
}
