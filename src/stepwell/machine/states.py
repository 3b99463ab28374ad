"""The states that need nobody else: Pass, Wait, Choice, Succeed and Fail.

Each function runs a state that its lane has just entered. It leaves the state, or lets the lane wait, or raises
`StatesError`.
"""

from typing import Any

from stepwell.language.definition import ChoiceState, FailState, PassState, PathValue, SucceedState, WaitState
from stepwell.language.document import Document, to_text
from stepwell.language.evaluation import PathError, StatesError
from stepwell.language.timestamps import parse_timestamp
from stepwell.machine.data import TIMER, Lane
from stepwell.machine.history import KIND
from stepwell.machine.limits import LONGEST_WAIT_SECONDS
from stepwell.machine.step import FATAL, Step

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
            result = Document(value=state.parameters(step.evaluation(lane, state, result.value)))
    if state.merge is not None:
        result = state.merge(lane.input, result)
    step.leave(lane, state, result, _PASS_EXITED, lane.entered)


def run_succeed(step: Step, lane: Lane, state: SucceedState) -> None:
    """End the lane with the input as its result."""
    step.leave(lane, state, step.effective_input(lane, state), _SUCCEED_EXITED, lane.entered)


def run_choice(step: Step, lane: Lane, state: ChoiceState) -> None:
    """Go where the first rule that holds leads."""
    source = step.effective_input(lane, state)
    evaluation = step.evaluation(lane, state, source.value)
    following = next((target for rule, target in state.rules if rule(evaluation)), state.default)
    if following is None:
        raise StatesError(
            "States.NoChoiceMatched",
            "Failed to transition out of the state. The state does not point to a next state.",
        )
    if state.output_path is not None:
        source = Document(value=state.output_path(evaluation))
    step.exit(lane, state, source, _CHOICE_EXITED, lane.entered, following)


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
    if name == "SecondsPath":
        return step.moment.now + _seconds(path, value) * 1000
    moment = parse_timestamp(value) if isinstance(value, str) else None
    if moment is None:
        words = "does not reference a valid ISO-8601 extended offset date-time format string"
        raise StatesError(FATAL, f"The TimestampPath parameter {words}: {path.text} == {_plain(value)}")
    return _milliseconds(moment)


def _referenced(step: Step, lane: Lane, state: WaitState, path: PathValue) -> Any:
    try:
        return step.read(lane, state, path)
    except PathError:
        words = f"The {path.field} parameter does not reference an input value: {path.text}"
        raise StatesError(FATAL, words) from None


def _seconds(path: PathValue, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        words = f"The SecondsPath parameter cannot be parsed as a long value: {path.text} == {_plain(value)}"
        raise StatesError(FATAL, words)
    if value < 0:
        raise StatesError(FATAL, f"The SecondsPath parameter references a negative value: {path.text} == {value}")
    return value


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else to_text(value)


def _milliseconds(nanoseconds: int) -> int:
    return -(-nanoseconds // NANOSECONDS)  # never early


def failure_of(step: Step, lane: Lane, state: FailState) -> tuple[str | None, str | None]:
    """Return the error and the cause that a Fail state ends its lane with."""
    error, cause = state.error, state.cause
    if state.error_path is not None:
        error = _fail_text(step, lane, state, state.error_path)
    if state.cause_path is not None:
        cause = _fail_text(step, lane, state, state.cause_path)
    return error, cause


def _fail_text(step: Step, lane: Lane, state: FailState, path: PathValue) -> str:
    value = path.read(step.evaluation(lane, state, lane.input.value))
    if not isinstance(value, str):
        raise StatesError(FATAL, f"The {path.field} field must be a string, but {path.text} is {to_text(value)}.")
    return value
