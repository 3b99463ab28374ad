"""What each type of event tells.

The chunk of a turn is read whole: whether a failure is retried shows in what does not follow it there. What can't be
placed (an event of a type that is not known here) is taken for one of the visit of the event before. Nothing is raised
for what stands in a history.
"""

from collections.abc import Callable, Sequence

from stepwell.console.story import Story
from stepwell.console.visits import (
    ABORTED,
    BACKOFF,
    CAUGHT,
    FAILED,
    QUEUE,
    RETRYING,
    RUNNING,
    SUCCEEDED,
    TIMED_OUT,
    WAIT,
    WAITING,
    WORK,
    Line,
    Visit,
)
from stepwell.language.resources import parse_resource
from stepwell.machine.history import EventTuple, type_of

_STATES = ("Task", "Pass", "Choice", "Wait", "Parallel", "Map", "Succeed", "Fail")
_FAN_OUTS = ("Parallel", "Map")
_TASKS = ("Task", "LambdaFunction", "Activity")
_TOLERANCES = {f"ToleratedFailure{what}" for what in ("Count", "CountPath", "Percentage", "PercentagePath")}
_TIMES = ("TimeoutSeconds", "HeartbeatSeconds")
_ENDS = {"ExecutionSucceeded": SUCCEEDED, "ExecutionTimedOut": TIMED_OUT, "ExecutionAborted": ABORTED}
_ITERATION_ENDS = {"MapIterationSucceeded": SUCCEEDED, "MapIterationFailed": FAILED, "MapIterationAborted": ABORTED}


def tell(story: Story, events: Sequence[EventTuple]) -> None:
    """Have a story go on by the events of one turn, which follow those that it has."""
    story.failing = {}
    for event in events:
        number = story.last = story.last + 1
        previous, story.at = event[1], event[2]
        line = story.lines[previous] if 0 <= previous < number else story.root
        story.lines.append(line)
        story.places.append((0, ""))
        handler = _HANDLERS.get(type_of(event))
        if handler is None:
            story.belongs(line.now, number)
        else:
            handler(story, number, event, line)
    if story.status == RUNNING:
        _see_what_is_retried(story, len(events))


def _see_what_is_retried(story: Story, turn: int) -> None:
    """See which failures of a turn nothing came of in it: their states are tried again, or those around them are."""
    for visit, failed in story.failing.items():
        if visit.open and visit.failing and not visit.over:
            visit.begin(BACKOFF, story.at)
            visit.restarts = bool(visit.lines)
            story.change(visit, failed, RETRYING)
    for line in dict.fromkeys(story.lines[-turn:]):
        around = line.within
        if around is not None and around.open and not around.over and _has_failed(line, around):
            story.blame(line, around, story.last)
            story.close_below(around, story.last)
            around.begin(BACKOFF, story.at)
            around.status, around.failing, around.restarts = RETRYING, True, True
            around.touched = story.last


def _has_failed(line: Line, around: Visit) -> bool:
    if around.state.type == "Map":
        return line.status == FAILED and all(each.ended is not None for each in around.lines.values())
    visit = line.now
    return visit is not None and visit.status == FAILED and (visit.over or not visit.open)


# The execution as a whole


def _started(story: Story, _number: int, _event: EventTuple, _line: Line) -> None:
    story.root.started = story.at


def _ended(story: Story, number: int, event: EventTuple, line: Line) -> None:
    story.status = _ENDS.get(type_of(event), FAILED)
    if story.status == FAILED:
        story.blame(line, None, number)
    rest = TIMED_OUT if story.status == TIMED_OUT else ABORTED
    for visit in story.current():
        if visit.open:
            visit.close(rest, number, story.at)
    story.root.end(story.status, story.at)
    story.places[number] = (0, "" if story.status == SUCCEEDED else rest)


def _redriven(story: Story, number: int, _event: EventTuple, _line: Line) -> None:
    story.status = RUNNING
    story.reopening.add(number)
    _reopen(story.root, number)
    story.places[number] = (0, RUNNING)


def _reopen(line: Line, number: int) -> None:
    """Let a line go on by an event, and its branches; an iteration goes on when an event of its own says so."""
    visit = line.now
    if visit is None or line.status == SUCCEEDED:
        return
    line.begin()
    if visit.status in {SUCCEEDED, CAUGHT}:
        return  # it had left one state and not entered the next
    visit.reopened, visit.touched = True, number
    visit.failing = visit.over = False
    if visit.state.type in {"Task", *_FAN_OUTS}:  # the others are entered again
        visit.exited, visit.exit, visit.status = None, 0, RUNNING
    if visit.state.type == "Parallel" and not visit.restarts:
        for branch in visit.lines.values():
            _reopen(branch, number)


# States


def _entered(story: Story, number: int, event: EventTuple, line: Line) -> None:
    name = event[3]
    found = story.line_of(line, name) or _new_branch(story, line, name, number)
    if found is None:
        return
    _mind_what_was_caught(story, found.now, name)
    state = found.scope.states[name]
    visit = Visit(number, state, found, story.at, given=hash(event[4]))
    story.visits[number] = found.now = visit
    found.visits += 1
    found.begin()
    if state.type == "Wait":
        visit.begin(WAIT, story.at)
        visit.status = WAITING
    elif state.type == "Fail":
        error = state.value.get("Error")
        visit.error = error if isinstance(error, str) else None
        visit.close(FAILED, number, story.at)
    story.belongs(visit, number)


def _mind_what_was_caught(story: Story, before: Visit | None, name: str) -> None:
    """See by where it has led that a state failed without an event of its own."""
    if before is None or before.status != SUCCEEDED or before.state.next == name:
        return
    if name in before.state.caught_by:
        story.change(before, before.exit, CAUGHT)


def _new_branch(story: Story, line: Line, name: str, number: int) -> Line | None:
    """Return a new line for the branch that a state is in: of this line's Parallel, or of one below it."""
    if line.now is None:
        return None
    for visit in (line.now, *story.below(line.now)):
        for index, scope in enumerate(visit.state.scopes):
            if name in scope.states and index not in visit.lines:
                visit.lines[index] = found = Line(scope, visit, index, story.at, number)
                return found
    return None


def _exited(story: Story, number: int, event: EventTuple, line: Line) -> None:
    found = story.line_of(line, event[3])
    visit = None if found is None else found.now
    if found is None or visit is None or visit.state.name != event[3]:
        return
    if len(event) > 5 and event[5]:
        found.assigned.append(number)
    story.close_below(visit, number)
    visit.gave = hash(event[4])
    visit.close(CAUGHT if visit.failing else SUCCEEDED, number, story.at)
    story.belongs(visit, number)
    if visit.status == SUCCEEDED and visit.state.next is None and visit.state.type != "Choice":
        found.end(SUCCEEDED, story.at)


def _aborted(story: Story, number: int, event: EventTuple, line: Line) -> None:
    kind = type_of(event).removesuffix("StateAborted")
    visit = story.open_visit(line, kind)
    before = story.lines[number - 1].within
    if event[1] in story.reopening and before is not None and before.open and before.state.type == kind:
        visit = before  # it has no event of its own since then: those within it are aborted just before
    if visit is not None:
        story.close_below(visit, number)
        visit.close(FAILED if visit.failing else ABORTED, number, story.at)
        story.belongs(visit, number)


def _evaluation_failed(story: Story, number: int, event: EventTuple, line: Line) -> None:
    name = event[6] if len(event) > 6 else None
    found = line if name is None else story.line_of(line, name)
    if found is not None and found.now is not None:
        _fail(story, found.now, number, event[3])


def _fail(story: Story, visit: Visit, number: int, error: str | None) -> None:
    visit.failing = True
    visit.error = error
    visit.status = FAILED
    visit.rest(story.at)
    story.failing[visit] = number
    story.belongs(visit, number)


# Tasks


def _scheduled(story: Story, number: int, event: EventTuple, line: Line) -> None:
    visit = None
    if event[1] in story.reopening:
        visit = story.reopened_visit(line, "Task", lambda each: _likeness(each, event))
    visit = visit or story.open_visit(line, "Task")
    if visit is not None:
        visit.attempts += 1
        visit.failing = False
        visit.begin(QUEUE, story.at)
        visit.status = WAITING if type_of(event).startswith("Activity") else RUNNING
        story.belongs(visit, number)


def _likeness(visit: Visit, event: EventTuple) -> int:
    """Return how much of what a …Scheduled event says is what a state says."""
    said = visit.state.value
    resource = parse_resource(said.get("Resource", ""))
    service = type_of(event) == "TaskScheduled"
    wanted = [*((resource.service, resource.label) if service else (resource.arn,))]
    alike = sum(bool(one == other) for one, other in zip(event[3:], wanted, strict=False))
    times = event[7:9] if service else event[5:7]
    return alike * 4 + sum(bool(one == said.get(name)) for one, name in zip(times, _TIMES, strict=False))


def _task_started(story: Story, number: int, _event: EventTuple, line: Line) -> None:
    _go_on(story, number, line, WORK, RUNNING)


def _submitted(story: Story, number: int, _event: EventTuple, line: Line) -> None:
    _go_on(story, number, line, WAIT, WAITING)


def _go_on(story: Story, number: int, line: Line, segment: str, status: str) -> None:
    visit = story.open_visit(line, "Task")
    if visit is not None:
        visit.begin(segment, story.at)
        visit.status = status
        story.belongs(visit, number)


def _task_succeeded(story: Story, number: int, _event: EventTuple, line: Line) -> None:
    visit = story.open_visit(line, "Task")
    if visit is not None:
        visit.rest(story.at)
        visit.status = RUNNING
        story.belongs(visit, number)


def _task_failed(story: Story, number: int, event: EventTuple, line: Line) -> None:
    visit = story.open_visit(line, "Task")
    if visit is not None:
        service = type_of(event).startswith("Task")  # which says before the error what was called
        fields = event[5:] if service else event[3:]
        _fail(story, visit, number, fields[0] if fields else None)


# Parallel and Map


def _fan_out_of(story: Story, event: EventTuple, line: Line) -> Visit | None:
    return story.open_visit(line, "Map" if type_of(event).startswith("Map") else "Parallel")


def _fan_out_started(story: Story, number: int, event: EventTuple, line: Line) -> None:
    visit = None
    if event[1] in story.reopening:
        kind = "Map" if type_of(event).startswith("Map") else "Parallel"
        visit = story.reopened_visit(line, kind, lambda each: each.restarts or not each.lines)
    visit = visit or _fan_out_of(story, event, line)
    if visit is None:
        return
    if visit.lines:  # it is tried again
        story.blame(line, visit, number)
        story.close_below(visit, number)
        visit.lines = {}
    visit.attempts += 1
    visit.failing = visit.restarts = False
    visit.length = event[3] if len(event) > 3 else None
    visit.begin(WORK, story.at)
    visit.status = RUNNING
    story.belongs(visit, number)


def _fan_out_succeeded(story: Story, number: int, event: EventTuple, line: Line) -> None:
    visit = _fan_out_of(story, event, line)
    for inner in () if visit is None else visit.lines.values():
        if inner.ended is None:
            inner.end(SUCCEEDED, story.at)
    story.belongs(visit, number)


def _fan_out_failed(story: Story, number: int, event: EventTuple, line: Line) -> None:
    visit = _fan_out_of(story, event, line)
    if visit is not None:
        error = None if line.now is None else line.now.error
        if visit.state.value.keys() & _TOLERANCES and error != "States.Runtime":
            error = "States.ExceedToleratedFailureThreshold"
        story.blame(line, visit, number)
        story.close_below(visit, number)
        visit.over = True
        _fail(story, visit, number, error)


def _iteration(story: Story, number: int, event: EventTuple, line: Line) -> None:
    name, index = event[3], event[4]
    found = story.line_of(line, name)
    visit = None if found is None else found.now
    if visit is None or not visit.state.scopes:
        return
    kind = type_of(event)
    inner = visit.lines.get(index)
    if inner is None:
        inner = visit.lines[index] = Line(visit.state.scopes[0], visit, index, story.at, number)
    if kind == "MapIterationFailed" and line.within is not None:
        story.blame(line, visit, number)
    story.belongs(visit, number)
    story.lines[number] = inner
    if kind == "MapIterationStarted":
        story.reopening.add(number)
        _reopen(inner, number)
        return
    inner.end(_ITERATION_ENDS[kind], story.at)
    if inner.now is not None:
        inner.error = inner.now.error
        if inner.now.open:
            inner.now.close(inner.status, number, story.at)
        for each in story.below(inner.now):
            if each.open:
                each.close(ABORTED, number, story.at)


_Handler = Callable[[Story, int, EventTuple, Line], None]

_HANDLERS: dict[str, _Handler] = {
    "ExecutionStarted": _started,
    "ExecutionRedriven": _redriven,
    **dict.fromkeys(("ExecutionFailed", *_ENDS), _ended),
    "EvaluationFailed": _evaluation_failed,
    **dict.fromkeys((f"{kind}StateEntered" for kind in _STATES), _entered),
    **dict.fromkeys((f"{kind}StateExited" for kind in _STATES), _exited),
    **dict.fromkeys((f"{kind}StateAborted" for kind in _STATES), _aborted),
    **dict.fromkeys((f"{kind}Scheduled" for kind in _TASKS), _scheduled),
    **dict.fromkeys((f"{kind}Started" for kind in _TASKS), _task_started),
    **dict.fromkeys((f"{kind}Succeeded" for kind in _TASKS), _task_succeeded),
    **dict.fromkeys(
        (f"{kind}{what}" for kind in _TASKS for what in ("Failed", "TimedOut", "SubmitFailed", "StartFailed")),
        _task_failed,
    ),
    "TaskSubmitted": _submitted,
    **dict.fromkeys((f"{kind}StateStarted" for kind in _FAN_OUTS), _fan_out_started),
    **dict.fromkeys((f"{kind}StateSucceeded" for kind in _FAN_OUTS), _fan_out_succeeded),
    **dict.fromkeys((f"{kind}StateFailed" for kind in _FAN_OUTS), _fan_out_failed),
    **dict.fromkeys(("MapIterationStarted", *_ITERATION_ENDS), _iteration),
}
