"""The states that need nobody else: Pass, Wait, Choice, Succeed and Fail.

Each function runs a state that its lane has just entered. It leaves the state, or lets the lane wait, or raises
`StatesError`.
"""

from typing import Any

from stepwell.language.definition import ChoiceState, FailState, PassState, PathValue, SucceedState, WaitState
from stepwell.language.document import Document, to_text
from stepwell.language.evaluation import PathError, QueryEvaluationError, StatesError
from stepwell.language.timestamps import parse_timestamp
from stepwell.machine.data import TIMER, Lane
from stepwell.machine.history import KIND
from stepwell.machine.limits import LONGEST_WAIT_SECONDS
from stepwell.machine.step import FATAL, PlainError, Step

_PASS_EXITED = KIND["PassStateExited"]
_WAIT_EXITED = KIND["WaitStateExited"]
_CHOICE_EXITED = KIND["ChoiceStateExited"]
_SUCCEED_EXITED = KIND["SucceedStateExited"]

NANOSECONDS = 1_000_000


def run_pass(step: Step, lane: Lane, state: PassState) -> None:
    """Pass the input on, or a fixed result, or what Parameters make of the input."""
    if state.result is not None:
        result = state.result
    else:
        result = step.effective_input(lane, state)
        if state.parameters is not None:
            result = Document(None, state.parameters(step.evaluation(lane, state, result.value)))
    output = result if state.merge is None else state.merge(lane.input, result)
    step.leave(lane, state, output, _PASS_EXITED, lane.entered, None if state.query else result)


def run_succeed(step: Step, lane: Lane, state: SucceedState) -> None:
    """End the lane with the input as its result."""
    step.leave(lane, state, step.effective_input(lane, state), _SUCCEED_EXITED, lane.entered)


def run_choice(step: Step, lane: Lane, state: ChoiceState) -> None:
    """Go where the first rule that holds leads; what it says of output and variables goes for the state."""
    source = step.effective_input(lane, state)
    sees = step.evaluation(lane, state, source.value)
    for rule in state.rules:
        if rule.condition(sees):
            following, output, assign = rule.next, rule.output, rule.assign
            break
    else:
        if state.default is None:
            raise StatesError(
                "States.NoChoiceMatched",
                "Failed to transition out of the state. The state does not point to a next state.",
            )
        following, output, assign = state.default, state.output, state.assign
    shape = output or state.output_path
    if shape is not None:
        source = Document(None, shape(sees))
    assigned = None if assign is None else assign(sees)
    step.exit(lane, state, source, _CHOICE_EXITED, lane.entered, following, assigned)


def run_wait(step: Step, lane: Lane, state: WaitState) -> None:
    """Let the lane wait until its moment, unless that has come."""
    until = _moment_of(step, lane, state)
    now = step.moment.now
    if until - now > LONGEST_WAIT_SECONDS * 1000:
        raise StatesError(FATAL, "Wait state delay is too long.")
    if until <= now:
        end_wait(step, lane, state)
    else:
        step.issue_ticket(lane)
        step.wait(lane, TIMER, until)


def end_wait(step: Step, lane: Lane, state: WaitState) -> None:
    """Leave a Wait state whose moment has come."""
    step.leave(lane, state, step.effective_input(lane, state), _WAIT_EXITED, lane.entered)


def _moment_of(step: Step, lane: Lane, state: WaitState) -> int:
    """Return the moment, in ms, that a Wait state waits for."""
    if state.seconds is not None:
        return step.moment.now + state.seconds * 1000
    if state.timestamp is not None:
        return _milliseconds(state.timestamp)
    assert state.path is not None
    name, path = state.path.field, state.path
    value = _referenced(step, lane, state, path)
    if name.startswith("Seconds"):
        return step.moment.now + _seconds(path, value, query=state.query) * 1000
    moment = parse_timestamp(value) if isinstance(value, str) else None
    if moment is not None:
        return _milliseconds(moment)
    words = "a valid ISO-8601 extended offset date-time format string"
    if state.query:
        words = f"The Timestamp field cannot be parsed as {words.replace('a valid', 'an')}: {_plain(value)}"
        raise QueryEvaluationError(words, "Timestamp", on_entry=False)
    raise StatesError(FATAL, f"The TimestampPath parameter does not reference {words}: {path.text} == {_plain(value)}")


def _referenced(step: Step, lane: Lane, state: WaitState, path: PathValue) -> Any:
    try:
        return step.read(lane, state, path)
    except PathError:
        words = f"The {path.field} parameter does not reference an input value: {path.text}"
        raise StatesError(FATAL, words) from None


def _seconds(path: PathValue, value: Any, *, query: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if query:
        words = f"The Seconds field must be a non-negative integer, but was: {_plain(value)}"
        raise QueryEvaluationError(words, "Seconds", on_entry=False)
    if not isinstance(value, int) or isinstance(value, bool):
        words = f"The SecondsPath parameter cannot be parsed as a long value: {path.text} == {_plain(value)}"
        raise StatesError(FATAL, words)
    raise StatesError(FATAL, f"The SecondsPath parameter references a negative value: {path.text} == {value}")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else to_text(value)


def _milliseconds(nanoseconds: int) -> int:
    return -(-nanoseconds // NANOSECONDS)  # never early


def run_fail(step: Step, lane: Lane, state: FailState) -> None:
    """Fail with the error and the cause that the state says."""
    error, cause = state.error, state.cause
    if state.error_path is not None:
        error = _fail_text(step, lane, state, state.error_path)
    if state.cause_path is not None:
        cause = _fail_text(step, lane, state, state.cause_path)
    raise PlainError(error, cause)


def _fail_text(step: Step, lane: Lane, state: FailState, path: PathValue) -> str:
    value = path.read(step.evaluation(lane, state, lane.input.value))
    if not isinstance(value, str):
        raise StatesError(FATAL, f"The {path.field} field must be a string, but {path.text} is {to_text(value)}.")
    return value
