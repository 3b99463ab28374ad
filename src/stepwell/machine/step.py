"""One turn in the making: what it has noted, what it asks for, and the few primitives that all states are made of."""

from collections import deque
from typing import Any

from stepwell.language.definition import Definition, MapState, ParallelState, PathValue, State, TaskState
from stepwell.language.document import Document, encode, exceeds, to_text
from stepwell.language.evaluation import ABSENT, Evaluation, QueryEvaluationError, StatesError
from stepwell.machine import history
from stepwell.machine.context import Context
from stepwell.machine.data import ENDED, JOB, NO_PARENT, RUNNING, Execution, Lane, Moment
from stepwell.machine.events import Cancel, Command

_LAST = frozenset(history.KIND[name] for name in history.TERMINAL)

FATAL = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"


class HistoryFull(Exception):
    """The history has no room but for its last event."""


class PlainError(StatesError):
    """An error whose cause is complete: AWS does not say before it in which state it came up."""


class BoundaryError(PlainError):
    """An error at a state's boundary, which no Catch sees."""


class Step:
    """A turn of one execution. `events` begin with the id `first_event`."""

    __slots__ = (
        "_limit",
        "commands",
        "current",
        "definition",
        "events",
        "execution",
        "first_event",
        "gone",
        "in_contexts",
        "moment",
        "ready",
        "touched",
        "transitions",
    )

    def __init__(self, execution: Execution, definition: Definition, moment: Moment) -> None:
        self.execution = execution
        self.definition = definition
        self.moment = moment
        self.events: list[history.EventTuple] = []
        self.first_event = execution.next_event
        self.commands: list[Command] = []
        self.ready: deque[Lane] = deque()
        self.gone: list[int] = []
        """Numbers of lanes that are gone and that the store has rows of."""
        self.touched: list[Lane] = []
        """Lanes that are not as the store has them; some may be gone again."""
        self.in_contexts: dict[bool, dict[str, Any]] = {}
        """What the context objects of this turn have in common: without a count of redrives, and with one."""
        self.transitions = 0
        self.current: Lane | None = None
        """The lane that an error is blamed on."""
        self._limit = moment.limits.history_events

    def append(self, kind: int, previous: int, *fields: Any) -> int:
        """Note an event that happens now; return its id."""
        return self.note((kind, previous, self.moment.now, *fields))

    def note(self, event: history.EventTuple) -> int:
        """Note an event; return its id."""
        execution = self.execution
        number = execution.next_event
        if number >= self._limit and (number > self._limit or event[0] not in _LAST):
            raise HistoryFull
        self.events.append(event)
        execution.next_event = number + 1
        return number

    @property
    def used_up(self) -> bool:
        """Whether no further state is entered in this turn."""
        return self.transitions >= self.moment.limits.transitions_per_turn or self.tires

    @property
    def tires(self) -> bool:
        """Whether the turn's evaluations have used up their share."""
        return self.moment.allowance.steps < self.moment.allowance.half

    def new_lane(self, parent: Lane | None, index: int, scope: str, start_at: str, source: Document) -> Lane:
        """Begin a lane at the start of a scope; it runs in this turn."""
        execution = self.execution
        above = NO_PARENT if parent is None else parent.number
        lane = Lane(execution.next_lane, above, index, scope, start_at, source)
        if parent is not None:
            lane.previous = parent.previous
            lane.variables = parent.variables
        execution.next_lane += 1
        execution.lanes[lane.number] = lane
        lane.changed = lane.frame_changed = True
        self.touched.append(lane)
        self.ready.append(lane)
        return lane

    def set_deadline(self, since: int) -> None:
        """Let the execution's own time run from a moment on; in all it may run for as long as the limit says."""
        execution, limit = self.execution, self.moment.limits.execution_seconds
        seconds = self.definition.timeout_seconds or limit
        execution.deadline = min(since + seconds * 1000, execution.started_at + limit * 1000)

    def change(self, lane: Lane, *, frame: bool = False) -> None:
        """Say that a lane is not as the store has it; `frame`: neither is its large part.

        Of a lane that goes on in this turn that has been said: when it was new, or when it was woken.
        """
        if not lane.changed:
            lane.changed = True
            self.touched.append(lane)
        if frame:
            lane.frame_changed = True

    def drop(self, lane: Lane) -> None:
        """Forget a lane."""
        del self.execution.lanes[lane.number]
        if lane.stored:
            self.gone.append(lane.number)

    def drop_below(self, lane: Lane) -> None:
        """Forget all lanes below a lane."""
        for child in self.execution.children(lane):
            if child.state is not None and isinstance(self.state_of(child), ParallelState | MapState):
                self.drop_below(child)
            self.drop(child)

    def end(self, lane: Lane) -> None:
        """Let a lane rest as it is: it takes part in nothing, and is dropped, or redriven."""
        lane.resource = None
        self.wait(lane, ENDED)

    def issue_ticket(self, lane: Lane) -> int:
        """Give a lane a new ticket: whatever it waited for before is stale from now on."""
        execution = self.execution
        lane.ticket = execution.next_ticket
        execution.next_ticket += 1
        return lane.ticket

    def wait(self, lane: Lane, what: str, due: int | None = None) -> None:
        """Let a lane wait, by the ticket that it has."""
        lane.waits = what
        lane.due = due
        self.change(lane)

    def wake(self, lane: Lane) -> None:
        """End a lane's wait: its ticket is void, and it goes on in this turn."""
        lane.waits = RUNNING
        lane.due = None
        lane.ticket = 0
        lane.resource = None
        self.change(lane)
        self.ready.append(lane)

    def cancel(self, lane: Lane) -> None:
        """Void a lane's ticket, and say so to whoever it was handed over to."""
        if lane.ticket:
            state = self.state_of(lane)
            resource = state.resource if isinstance(state, TaskState) else None
            job = lane.resource if lane.waits == JOB else None
            self.commands.append(Cancel(lane.number, lane.ticket, resource, job))
            lane.ticket = 0

    def state_of(self, lane: Lane) -> State:
        """Return the state that a lane is in."""
        assert lane.state is not None
        return self.definition.scopes[lane.scope].states[lane.state]

    def evaluation(
        self,
        lane: Lane,
        state: State,
        value: Any,
        item: tuple[int, Any] | None = None,
        *,
        result: Any = ABSENT,
        error_output: Any = ABSENT,
    ) -> Evaluation:
        """Return what an expression of a state sees, with `value` as `$` or `$states.input`."""
        moment, context = self.moment, Context(self, lane, state, item)
        return Evaluation(
            value, context, lane.variables, moment.entropy, moment.now, moment.allowance, result, error_output
        )

    def effective_input(self, lane: Lane, state: State) -> Document:
        """Return a state's input behind InputPath."""
        if state.input_path is None:
            return lane.input
        return Document(None, state.input_path(self.evaluation(lane, state, lane.input.value)))

    def items_of(self, lane: Lane, state: MapState) -> Document:
        """Return what a Map iterates over: an array. Raise `StatesError` where it is none."""
        if lane.items is None:
            source = self.effective_input(lane, state)
            items, words = source, "$"
            if state.items_path is not None:
                words = state.items_path.text
                words = words[1:] if words.startswith("$$") else words  # of the context object AWS names the rest
                items = Document(None, state.items_path.read(self.evaluation(lane, state, source.value)))
            if not isinstance(items.value, list):
                if state.query:
                    raise QueryEvaluationError(
                        f"Map state input must be an array but was: {to_text(items.value)}", None
                    )
                raise BoundaryError(FATAL, f'Reference path "{words}" must point to array.')
            lane.items = items
        return lane.items

    def read(self, lane: Lane, state: State, field: PathValue) -> Any:
        """Return what a `…Path` field of a state points to."""
        source = self.effective_input(lane, state)
        return field.read(self.evaluation(lane, state, source.value))

    def leave(
        self, lane: Lane, state: State, output: Document, kind: int, previous: int, result: Document | None = None
    ) -> None:
        """Leave a state with a StateExited event, for the next one or for the lane's end.

        `output` is what the state gives before its OutputPath; its Output, in JSONata, takes its place. `result` is the
        raw result of a state that has one. Output and Assign both see the variables as they were.
        """
        if state.output is None and state.output_path is None and state.assign is None:
            self.exit(lane, state, output, kind, previous, state.next)
            return
        given = output
        if state.query:
            sees = self.evaluation(lane, state, lane.input.value, result=ABSENT if result is None else result.value)
            if state.output is not None:
                output = Document(None, state.output(sees))
        else:
            sees = self.evaluation(lane, state, (given if result is None else result).value)
            if state.output_path is not None:
                output = Document(None, state.output_path(self.evaluation(lane, state, given.value)))
        assigned = None if state.assign is None else state.assign(sees)
        self.exit(lane, state, output, kind, previous, state.next, assigned)

    def exit(
        self,
        lane: Lane,
        state: State,
        output: Document,
        kind: int,
        previous: int,
        following: str | None,
        assigned: dict[str, Any] | None = None,
    ) -> None:
        """Note that a lane exits its state, and set it on the state that follows, or at its end."""
        name, text, moment = state.name, output.text, self.moment
        limit = moment.limits.payload_bytes
        if len(text) > limit // 4 and exceeds(text, limit):
            raise BoundaryError(DATA_LIMIT, too_large(name))
        if assigned:
            event: history.EventTuple = (kind, previous, moment.now, name, text, self._assign(lane, state, assigned))
        else:
            event = (kind, previous, moment.now, name, text)
        lane.previous = self.note(event)
        lane.input = output
        lane.state = following
        lane.entered = 0
        lane.attempts = None
        lane.retries = 0
        lane.items = None
        lane.frame_changed = True

    def _assign(self, lane: Lane, state: State, assigned: dict[str, Any]) -> dict[str, str]:
        """Set variables of a lane; return their texts."""
        limits = self.moment.limits
        texts = {name: to_text(value) for name, value in assigned.items()}
        if sum(map(len, texts.values())) > limits.assign_bytes // 4 and len(encode(assigned)) > limits.assign_bytes:
            raise BoundaryError(DATA_LIMIT, too_large(state.name))
        own, variables = {**lane.own, **assigned}, {**lane.variables, **assigned}
        if len(variables) > len(assigned) and len(encode(variables)) > limits.variables_bytes:
            raise BoundaryError(DATA_LIMIT, too_large(state.name))
        lane.own, lane.variables = own, variables
        return texts


def too_large(what: str) -> str:
    """Return AWS's words for a result beyond the limit."""
    return f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
