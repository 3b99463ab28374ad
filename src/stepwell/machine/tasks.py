"""Task: it is scheduled, answered (or not), and left with a result or a failure.

Three kinds of resources, three sets of events, one way: schedule, hand over, wait by ticket. A function or a service is
called; an activity's task is offered to workers; what waits for a task token or a job goes on waiting after the call.
Each attempt has a ticket, and so a task token, of its own.
"""

from typing import Any

from stepwell.language.definition import PathValue, TaskState
from stepwell.language.document import Document, exceeds, to_text
from stepwell.language.evaluation import StatesError
from stepwell.language.parameters import problem_of, unusable
from stepwell.language.resources import Resource
from stepwell.machine import failures
from stepwell.machine.data import ACTIVITY, JOB, TASK, TOKEN, Lane
from stepwell.machine.events import Call, Offer, TaskFailed, Watch
from stepwell.machine.failures import HEARTBEAT_TIMEOUT, TIMEOUT, Failure
from stepwell.machine.fanout import leave_with_result
from stepwell.machine.history import KIND
from stepwell.machine.step import DATA_LIMIT, FATAL, PlainError, Step, too_large

_EXITED = KIND["TaskStateExited"]
_PREFIX = {"function": "LambdaFunction", "activity": "Activity", "service": "Task"}
_SCHEDULED, _STARTED, _SUCCEEDED, _FAILED, _TIMED_OUT = (
    {kind: KIND[f"{prefix}{what}"] for kind, prefix in _PREFIX.items()}
    for what in ("Scheduled", "Started", "Succeeded", "Failed", "TimedOut")
)
_SUBMITTED = KIND["TaskSubmitted"]
_SUBMIT_FAILED = KIND["TaskSubmitFailed"]


def run_task(step: Step, lane: Lane, state: TaskState) -> None:
    """Schedule an attempt of a Task, the first or a later one."""
    resource = state.resource
    if resource.kind == "activity" and resource.arn not in step.moment.activities:
        raise StatesError(FATAL, f"The activity {resource.arn} does not exist.")
    step.issue_ticket(lane)
    parameters = _parameters(step, lane, state)
    problem = problem_of(resource, parameters)
    if problem is not None:
        raise StatesError(FATAL, unusable(parameters, problem))
    timeout = _seconds(step, lane, state, state.timeout_seconds)
    heartbeat = _seconds(step, lane, state, state.heartbeat_seconds)
    now = step.moment.now
    lane.parameters = parameters
    lane.role_arn = None
    if state.role_arn is not None:
        lane.role_arn = state.role_arn(step.evaluation(lane, state, lane.input.value))
    lane.timeout_at = None if timeout is None else now + timeout * 1000
    lane.heartbeat_seconds = heartbeat
    lane.heartbeat_at = None
    lane.scheduled = step.append(
        _SCHEDULED[resource.kind], lane.previous, *_scheduled(step, lane, state, timeout, heartbeat)
    )
    if resource.kind == "activity":
        lane.timeout_at = None  # AWS counts from ActivityStarted: a task that no worker takes waits on
        lane.previous = lane.scheduled
        lane.resource = resource.arn
        step.wait(lane, ACTIVITY)
        step.commands.append(Offer(lane.number, lane.ticket, resource.arn))
        return
    lane.previous = step.append(_STARTED[resource.kind], lane.scheduled, *_named(resource))
    if resource.pattern and heartbeat is not None:
        lane.heartbeat_at = now + heartbeat * 1000
    step.wait(lane, TASK, _due(lane))
    step.commands.append(Call(lane.number, lane.ticket, resource, parameters, lane.timeout_at))


def _parameters(step: Step, lane: Lane, state: TaskState) -> Document:
    source = step.effective_input(lane, state)
    if state.parameters is None:
        return source
    parameters = Document(None, state.parameters(step.evaluation(lane, state, source.value)))
    if exceeds(parameters.text, step.moment.limits.payload_bytes):
        words = "provided parameters with a size exceeding the maximum number of bytes service limit."
        raise PlainError(DATA_LIMIT, f"The state/task '{_title(state.resource)}' {words}")
    return parameters


def _scheduled(step: Step, lane: Lane, state: TaskState, timeout: int | None, heartbeat: int | None) -> tuple[Any, ...]:
    resource = state.resource
    assert lane.parameters is not None
    text = lane.parameters.text
    role = None if lane.role_arn is None else {"roleArn": lane.role_arn}
    if resource.kind == "function":
        return resource.arn, text, timeout, role
    if resource.kind == "activity":
        return resource.arn, text, timeout, heartbeat
    return resource.service, resource.label, step.moment.region, text, timeout, heartbeat, role


def _named(resource: Resource) -> tuple[str, ...]:
    return (resource.service, resource.label) if resource.kind == "service" else ()


def _title(resource: Resource) -> str:
    return resource.service if resource.kind == "service" else resource.arn


def _seconds(step: Step, lane: Lane, state: TaskState, number: int | PathValue | None) -> int | None:
    if not isinstance(number, PathValue):
        return number
    value = step.read(lane, state, number)
    if not isinstance(value, int) or isinstance(value, bool):
        shown = value if isinstance(value, str) else to_text(value)
        words = f"The {number.field} parameter cannot be parsed as a long value: {number.text} == {shown}"
        raise StatesError(FATAL, words)
    if value <= 0:
        words = f"The {number.field} parameter references a value that is not positive: {number.text} == {value}"
        raise StatesError(FATAL, words)
    return value


def _due(lane: Lane) -> int | None:
    times = [moment for moment in (lane.timeout_at, lane.heartbeat_at) if moment is not None]
    return min(times, default=None)


def start_activity(step: Step, lane: Lane, state: TaskState, worker_name: str | None) -> None:
    """Note that a worker has taken an activity's task; its timeout and its heartbeat count from now on."""
    timeout = _seconds(step, lane, state, state.timeout_seconds)
    lane.timeout_at = None if timeout is None else step.moment.now + timeout * 1000
    lane.previous = step.append(_STARTED[state.resource.kind], lane.previous, worker_name)
    if lane.heartbeat_seconds is not None:
        lane.heartbeat_at = step.moment.now + lane.heartbeat_seconds * 1000
    lane.resource = None
    step.wait(lane, TOKEN, _due(lane))


def beat(step: Step, lane: Lane) -> None:
    """Set the heartbeat's clock back."""
    if lane.heartbeat_seconds is not None:
        lane.heartbeat_at = step.moment.now + lane.heartbeat_seconds * 1000
        step.wait(lane, lane.waits, _due(lane))


def submit(step: Step, lane: Lane, state: TaskState, output: Document, job: str | None) -> None:
    """Note that the service has taken the job, or the message with the task token, on."""
    lane.previous = step.append(_SUBMITTED, lane.previous, *_named(state.resource), output.text)
    lane.resource = job
    step.wait(lane, TOKEN if job is None else JOB, _due(lane))
    if job is not None:
        step.commands.append(Watch(lane.number, lane.ticket, job))


def succeed(step: Step, lane: Lane, state: TaskState, output: Document) -> None:
    """Leave a Task with its result."""
    resource = state.resource
    if exceeds(output.text, step.moment.limits.payload_bytes):
        fail(step, lane, state, TaskFailed(lane.number, lane.ticket, DATA_LIMIT, too_large(_title(resource))))
        return
    _end_wait(step, lane)
    lane.previous = step.append(_SUCCEEDED[resource.kind], lane.previous, *_named(resource), output.text)
    leave_with_result(step, lane, state, output, _EXITED, lane.previous)
    step.wake(lane)


def fail(step: Step, lane: Lane, state: TaskState, answer: TaskFailed) -> None:
    """Note that an attempt failed, and see what is to be done about it."""
    resource = state.resource
    submitting = answer.by_call and lane.waits == TASK and bool(resource.pattern)
    kind = _SUBMIT_FAILED if submitting else _FAILED[resource.kind]
    _end_wait(step, lane)
    event = step.append(kind, lane.previous, *_named(resource), answer.error, answer.cause)
    failures.handle(step, lane, state, Failure(answer.error, answer.cause), event)


def time_out(step: Step, lane: Lane, state: TaskState) -> None:
    """Note that nobody answered in time, or that the heartbeat stopped."""
    stopped = lane.timeout_at is None or step.moment.now < lane.timeout_at
    step.cancel(lane)
    _end_wait(step, lane)
    event = step.append(_TIMED_OUT[state.resource.kind], lane.previous, *_named(state.resource), TIMEOUT)
    also = HEARTBEAT_TIMEOUT if stopped else None
    failures.handle(step, lane, state, Failure(TIMEOUT, None, also=also), event)


def _end_wait(step: Step, lane: Lane) -> None:
    """Void the ticket: whatever else comes for this attempt is too late."""
    lane.ticket = 0
    lane.parameters = lane.role_arn = None
    lane.timeout_at = lane.heartbeat_at = lane.heartbeat_seconds = None
    lane.due = None
    lane.resource = None
    step.change(lane)
