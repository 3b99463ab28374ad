"""The run of one state: it begins, says what it needs, takes the answer, and has an outcome.

A trial drives the machine as `advance` does, for one lane in one state: the functions of the states run it, and what
they raise is a failure that goes to the retriers and the catchers. Where the lane is afterwards is the outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stepwell.language.definition import (
    ChoiceState,
    FailState,
    MapState,
    ParallelState,
    PassState,
    State,
    SucceedState,
    TaskState,
    WaitState,
    WorkState,
)
from stepwell.language.document import Document, exceeds
from stepwell.language.evaluation import Evaluation, StatesError
from stepwell.language.resources import Resource
from stepwell.machine import failures, fanout, states, tasks
from stepwell.machine.data import TIMER, Execution, Lane, Moment
from stepwell.machine.failures import TIMEOUT, Failure
from stepwell.machine.history import KIND
from stepwell.machine.step import DATA_LIMIT, FATAL, Step, too_large
from stepwell.testing.batches import Batcher, batches, read_batcher
from stepwell.testing.contexts import default_context, merged, with_item
from stepwell.testing.inspection import Inspection
from stepwell.testing.readers import has_pointer, read_items
from stepwell.testing.refusal import TestRefused
from stepwell.testing.request import INFO, StateTest
from stepwell.testing.subject import UNNAMED

SUCCEEDED, FAILED, RETRIABLE, CAUGHT_ERROR = "SUCCEEDED", "FAILED", "RETRIABLE", "CAUGHT_ERROR"

_RUN: dict[type[State], Callable[..., Any]] = {
    PassState: states.run_pass,
    SucceedState: states.run_succeed,
    FailState: states.run_fail,
    ChoiceState: states.run_choice,
    WaitState: states.run_wait,
    TaskState: tasks.run_task,
    ParallelState: fanout.run_parallel,
    MapState: fanout.open_map,
}
_EXCEEDED = Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test answers."""

    status: str
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    next_state: str | None = None
    inspection: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What the state waits for: an answer to a call with these parameters, or only that a moment comes."""

    until: int | None
    """Milliseconds since the epoch, at most; None: as long as it takes."""
    resource: Resource | None = None
    """What is called; None: nothing."""
    state_name: str = ""
    parameters: Document | None = None
    role_arn: str | None = None
    """The role of the state's Credentials."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What meets a need: the name of the method of `Trial` that takes it, with its arguments."""

    method: str
    arguments: tuple[Any, ...] = ()


class _TrialStep(Step):
    """A turn in which expressions see the context object of the test."""

    __slots__ = ("context", "given_items", "inspection")

    context: dict[str, Any]
    given_items: Document | None
    inspection: Inspection

    def evaluation(
        self, lane: Lane, state: State, value: Any, item: tuple[int, Any] | None = None, **more: Any
    ) -> Evaluation:
        """Return what an expression sees."""
        evaluation = super().evaluation(lane, state, value, item, **more)
        evaluation.context = with_item(self.context, item)
        return evaluation

    def items_of(self, lane: Lane, state: MapState) -> Document:
        """Return what a Map iterates over: what its reader is said to have read, if that is given."""
        if self.given_items is not None:
            lane.items = self.given_items
        items = super().items_of(lane, state)
        self.inspection.note("afterItemsPath", items if state.items_path is None else items.value)
        return items


class Trial:
    """The run of the state of one test."""

    def __init__(self, test: StateTest, arn: str, machine_arn: str, moment: Moment) -> None:
        definition = test.subject.compile()
        scope = definition.root.states
        self._test = test
        self._inspection = Inspection(test.input)
        self.state = scope[test.subject.name] = self._inspection.watch(scope[test.subject.name])
        execution = Execution(arn, arn.rpartition(":")[2], machine_arn, test.role_arn or "", test.input, moment.now)
        self._step = step = _TrialStep(execution, definition, moment)
        step.inspection = self._inspection
        step.context = merged(self._default_context(), test.context)
        step.given_items = read_items(test.subject.value, test.reader_data)
        if step.given_items is not None and has_pointer(test.subject.value):
            self._inspection.note("afterItemsPointer", step.given_items.value)
        self._lane = self._enter()
        self._lane.own = self._lane.variables = test.variables
        self._begun = False
        self._failure: Failure | None = None

    def _default_context(self) -> dict[str, Any]:
        test, execution = self._test, self._step.execution
        return default_context(
            arn=execution.arn,
            machine_arn=execution.state_machine_arn,
            role_arn=test.role_arn,
            source=test.input.value,
            state=UNNAMED,  # as recorded from AWS, whatever the state is called
            retries=test.retry_count if isinstance(self.state, WorkState) else None,
            now=execution.started_at,
        )

    def _enter(self) -> Lane:
        """Return a lane that has entered the state as in an execution that begins with it."""
        test, step, state = self._test, self._step, self.state
        started = step.append(KIND["ExecutionStarted"], 0, test.input.text, step.execution.role_arn)
        lane = step.new_lane(None, 0, step.definition.root.path, state.name, test.input)
        lane.entered = lane.previous = step.append(
            KIND[f"{state.type}StateEntered"], started, state.name, test.input.text
        )
        lane.entered_at = step.moment.now
        if isinstance(state, WorkState) and state.retriers and test.retry_count:
            lane.attempts = [test.retry_count] * len(state.retriers)
            lane.retries = test.retry_count
        return lane

    def begin(self) -> Need | None:
        """Run the state as far as it goes by itself; return what it waits for, or None when it is done."""
        step, lane, state = self._step, self._lane, self.state
        if isinstance(state, PassState) and state.result is not None:
            self._inspection.note("result", state.result)
        try:
            _RUN[type(state)](step, lane, state)
            if isinstance(state, TaskState):
                stage = "afterArguments" if self._test.subject.uses_jsonata else "afterParameters"
                self._inspection.note(stage, lane.parameters)
            elif isinstance(state, MapState):
                self._look_at_items(state)
            elif isinstance(state, ParallelState):
                self._forget_branches()
        except StatesError as raised:
            self._blame(raised)
            return None
        if self._test.mock is not None:
            self._take_mock()
            return None
        return self._need() if lane.waits else None

    def _need(self) -> Need:
        lane, state = self._lane, self.state
        if isinstance(state, TaskState):
            return Need(lane.timeout_at, state.resource, state.name, lane.parameters, lane.role_arn)
        return Need(lane.due)

    def _forget_branches(self) -> None:
        failures.abort_children(self._step, self._lane, self.state)
        self._step.ready.clear()

    def _look_at_items(self, state: MapState) -> None:
        """Look at what the iterations would be given; none of them is run."""
        step, lane = self._step, self._lane
        self._begun = True
        items = step.items_of(lane, state).value
        source = step.effective_input(lane, state).value
        if state.parameters is not None:
            items = [
                state.parameters(step.evaluation(lane, state, source, (index, value)))
                for index, value in enumerate(items)
            ]
            self._inspection.note("afterItemSelector", items)
        batcher = read_batcher(self._test.subject.value, jsonata=self._test.subject.uses_jsonata)
        if batcher is not None:
            items = self._batches(state, batcher, items, source)
            self._inspection.note("afterItemBatcher", items)
        failed = self._test.failed_iterations
        if failed is not None and failed > len(items):
            raise TestRefused("Map iteration failure count must be less than or equal to the number of Map iterations")

    def _batches(self, state: MapState, batcher: Batcher, items: list[Any], source: Any) -> list[Any]:
        step, lane = self._step, self._lane
        limits = [fanout.whole_number(step, lane, state, limit) for limit in (batcher.most_items, batcher.most_bytes)]
        if any(limit is not None and limit < 1 for limit in limits):
            raise StatesError(FATAL, "The limits of ItemBatcher must be positive.")
        beside = {} if batcher.input is None else {"BatchInput": batcher.input(step.evaluation(lane, state, source))}
        return batches(items, beside, *limits)

    def _take_mock(self) -> None:
        mock, lane = self._test.mock, self._lane
        assert mock is not None
        if mock.result is None:
            self.fail(mock.error, mock.cause)
            return
        failed = self._test.failed_iterations
        if failed is not None and lane.tolerance is not None and failed > lane.tolerance:
            self._fail(_EXCEEDED)
        else:
            self.succeed(mock.result)

    # The answer

    def succeed(self, result: Document) -> None:
        """Take the result of what the state has called."""
        step, lane, state = self._step, self._lane, self.state
        assert isinstance(state, WorkState)
        self._inspection.note("result", result)
        lane.ticket = 0
        if isinstance(state, TaskState) and exceeds(result.text, step.moment.limits.payload_bytes):
            resource = state.resource
            title = resource.service if resource.kind == "service" else resource.arn
            self.fail(DATA_LIMIT, too_large(title))
            return
        try:
            fanout.leave_with_result(step, lane, state, result, KIND[f"{state.type}StateExited"], lane.previous)
        except StatesError as raised:
            self._blame(raised)

    def fail(self, error: str | None, cause: str | None) -> None:
        """Take the error that the state has had for an answer."""
        self._fail(Failure(error, cause))

    def time_out(self) -> None:
        """Take it that nobody has answered in time."""
        self._fail(Failure(TIMEOUT, None))

    def pass_by(self) -> None:
        """Take it that the moment has come that a Wait waits for."""
        step, lane, state = self._step, self._lane, self.state
        assert isinstance(state, WaitState)
        try:
            states.end_wait(step, lane, state)
        except StatesError as raised:
            self._blame(raised)

    def _blame(self, raised: StatesError) -> None:
        self._forget_branches()
        self._fail(failures.failure_of(self._lane, self.state, raised))

    def _fail(self, failure: Failure) -> None:
        self._failure = failure
        self._lane.ticket = 0
        failures.handle(self._step, self._lane, self.state, failure, self._lane.previous)

    # The outcome

    def outcome(self) -> Outcome:
        """Return what has become of the state."""
        execution, lane, failure = self._step.execution, self._lane, self._failure
        if execution.status != "RUNNING":
            return Outcome(FAILED, None, execution.error, execution.cause, None, self._inspected())
        if failure is None:
            return Outcome(SUCCEEDED, lane.input.text, None, None, lane.state, self._inspected())
        if lane.waits == TIMER:
            return Outcome(RETRIABLE, None, failure.error, failure.cause, None, self._inspected())
        return Outcome(CAUGHT_ERROR, lane.input.text, failure.error, failure.cause, lane.state, self._inspected())

    def _inspected(self) -> dict[str, Any] | None:
        if self._test.level == INFO:
            return None
        data = self._inspection.shown(self.state, jsonata=self._test.subject.uses_jsonata, begun=self._begun)
        details = self._error_details()
        if details:
            data["errorDetails"] = details
        variables = self._lane.variables
        if variables:
            data["variables"] = Document(None, variables).text
        return data

    def _error_details(self) -> dict[str, int]:
        """Return which retrier and which catcher the failure met."""
        failure, lane, state = self._failure, self._lane, self.state
        if failure is None or failure.fatal or not isinstance(state, WorkState):
            return {}
        details: dict[str, int] = {}
        for number, retrier in enumerate(state.retriers):
            if not failure.names.isdisjoint(retrier.errors):
                details["retryIndex"] = number
                break
        if lane.waits == TIMER and lane.due is not None:
            details["retryBackoffIntervalSeconds"] = round((lane.due - self._step.moment.now) / 1000)
            return details
        for number, catcher in enumerate(state.catchers):
            if not failure.names.isdisjoint(catcher.errors):
                details["catchIndex"] = number
                break
        return details


def run_test(test: StateTest, arn: str, machine_arn: str, moment: Moment, reply: Reply | None) -> Need | Outcome:
    """Run a test to its outcome, or to what it needs and the reply does not say. It begins anew each time."""
    trial = Trial(test, arn, machine_arn, moment)
    need = trial.begin()
    if need is not None:
        if reply is None:
            return need
        getattr(trial, reply.method)(*reply.arguments)
    return trial.outcome()
