"""A small shell around the machine, for tests: a world whose clock and chance are set by hand, and one execution in it.

Every turn goes to the rows of a model store. With `restart=True` the execution is read from them again after each turn,
so that nothing but what is stored carries it on.
"""

from collections.abc import Container, Iterable
from typing import Any

import pytest

from machine.checker import Shown, check_growth, check_history
from machine.rows import Rows, execution_of, new_record
from stepwell.language.compiler import compile_definition
from stepwell.language.document import Document, to_text
from stepwell.language.evaluation import BOUNDLESS, Allowance, Entropy
from stepwell.machine import events
from stepwell.machine.advance import advance
from stepwell.machine.data import TURN, Lane
from stepwell.machine.history import show
from stepwell.machine.limits import Limits
from stepwell.machine.step import Step
from stepwell.runtime.residents import Resident
from stepwell.runtime.turns import changes_nothing, due_of, turn_of

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z"""

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:work"
ACTIVITY = "arn:aws:states:us-east-1:111111111111:activity:work"
SERVICE = "arn:aws:states:::aws-sdk:sqs:sendMessage"
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
JOB = "arn:aws:states:::states:startExecution.sync:2"

States = dict[str, Any]


def machine(timeout: int | None = None, **states: States) -> States:
    """Return a definition of states in a row: each goes to the next one, the last one ends."""
    names = list(states)
    filled = {}
    for place, (name, state) in enumerate(states.items()):
        filled[name] = dict(state)
        if state["Type"] in {"Choice", "Succeed", "Fail"} or "Next" in state or "End" in state:
            continue
        filled[name].update({"Next": names[place + 1]} if place + 1 < len(names) else {"End": True})
    definition: States = {"StartAt": names[0], "States": filled}
    return definition if timeout is None else definition | {"TimeoutSeconds": timeout}


def task(resource: str = FUNCTION, **fields: Any) -> States:
    """Return a Task."""
    return {"Type": "Task", "Resource": resource, **fields}


def fails(error: str = "Boom", cause: str = "It broke") -> States:
    """Return a Fail."""
    return {"Type": "Fail", "Error": error, "Cause": cause}


def parallel(*branches: States, **fields: Any) -> States:
    """Return a Parallel."""
    return {"Type": "Parallel", "Branches": list(branches), **fields}


def each(processor: States, **fields: Any) -> States:
    """Return a Map."""
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def lines(text: str) -> list[str]:
    """Return the lines of a block, without the blanks around them."""
    return [line.strip() for line in text.strip().splitlines()]


class World:
    """The world as a test sets it: a moment that stays until it is moved, and chance that is always the same."""

    def __init__(self, limits: Limits, activities: Iterable[str], chance: float) -> None:
        self.now = START
        self.limits = limits
        self.region = "us-east-1"
        self.allowance = Allowance(BOUNDLESS)
        self.activities: Container[str] = set(activities)
        self.entropy: Entropy = self
        self.chance = chance

    def random(self) -> float:
        """Return the set number."""
        return self.chance

    def uuid(self) -> str:
        """Return always the same."""
        return "5b3a6a3c-4f0c-4c59-9a34-1c1a2d4f7c11"

    def token(self, lane: int, ticket: int) -> str:
        """Return a token that shows what it is of."""
        return f"token {lane}/{ticket}"


class Run:
    """One execution, started, with what a test does to it and reads of it."""

    def __init__(
        self,
        definition: States,
        source: Any = None,
        *,
        limits: Limits | None = None,
        activities: Iterable[str] = (ACTIVITY,),
        chance: float = 0.5,
        restart: bool = False,
    ) -> None:
        """Start an execution; a `source` that is a text is the input as it was written."""
        text = source if isinstance(source, str) else to_text({} if source is None else source)
        self.world = World(limits or Limits(), activities, chance)
        self.definition = compile_definition(definition)
        record = new_record(text, self.world.now)
        self.rows = Rows(record)
        self.resident = Resident(record, execution_of(record), self.definition)
        self.restart = restart
        self.commands: list[events.Command] = []
        """Of the last turn."""
        self.turns = 0
        self._shown: list[Shown] = []
        self.send(events.Start())

    # What is done to it

    def send(self, event: events.Event) -> Step:
        """Let something happen; a turn that changes anything is committed."""
        step = advance(self.resident.execution, self.definition, event, self.world)
        self.commands = step.commands
        if changes_nothing(step):
            return step
        self.turns += 1
        self.rows.commit(turn_of(self.resident, step, "node", new=self.rows.record.version == 0))
        if self.restart:
            self.read_again()
        return step

    def read_again(self) -> None:
        """Forget the execution, and read it from its rows."""
        if self.rows.record.status == "RUNNING":
            self.resident = Resident(self.rows.record, self.rows.read(), self.definition)

    def after(self, seconds: float) -> None:
        """Move the clock, timer by timer, as far as that."""
        end = self.world.now + round(seconds * 1000)
        while (due := self.next_due()) is not None and due <= end:
            self.world.now = max(due, self.world.now)
            self.fire()
        self.world.now = max(end, self.world.now)

    def fire(self) -> None:
        """Fire what is due now, the execution's own deadline first."""
        execution = self.resident.execution
        if execution.deadline is not None and execution.deadline <= self.world.now:
            self.send(events.DeadlineReached())
            return
        for number, lane in list(execution.lanes.items()):
            if lane.due is not None and lane.due <= self.world.now:
                self.send(events.TimerFired(number, lane.ticket))

    def next_due(self) -> int | None:
        """Return the next moment at which a timer fires."""
        execution = self.resident.execution
        dues = [due_of(lane, execution) for lane in execution.lanes.values()]
        return min((due for due in dues if due is not None), default=None)

    def go_on(self) -> None:
        """Give turns as long as the execution asks for them."""
        while any(lane.waits == TURN for lane in self.lanes):
            self.send(events.TurnCame())

    def succeed(self, state: str, output: Any = None, index: int = 0) -> Step:
        """Answer the task that waits in a state (the one of this place among several) with a result."""
        lane = self.lane(state, index)
        document = Document(output) if isinstance(output, str) else Document(None, {} if output is None else output)
        return self.send(events.TaskSucceeded(lane.number, lane.ticket, document))

    def fail(
        self, state: str, error: str | None = "Boom", cause: str | None = "It broke", index: int = 0, **more: bool
    ) -> Step:
        """Answer a task with an error."""
        lane = self.lane(state, index)
        return self.send(events.TaskFailed(lane.number, lane.ticket, error, cause, **more))

    def submit(self, state: str, output: Any = None, job: str | None = None, index: int = 0) -> Step:
        """Say that a job, or the message with the token, was taken on."""
        lane = self.lane(state, index)
        return self.send(events.TaskSubmitted(lane.number, lane.ticket, Document(None, output or {}), job))

    def beat(self, state: str, index: int = 0) -> Step:
        """Say that the holder of a token is alive."""
        lane = self.lane(state, index)
        return self.send(events.TaskHeartbeat(lane.number, lane.ticket))

    def take(self, state: str, worker: str | None = "worker", index: int = 0) -> Step:
        """Let a worker take an activity's task."""
        lane = self.lane(state, index)
        return self.send(events.ActivityStarted(lane.number, lane.ticket, worker))

    def stop(self, error: str | None = None, cause: str | None = None) -> Step:
        """Stop the execution."""
        return self.send(events.Stop(error, cause))

    def redrive(self, token: str | None = None) -> Step:
        """Let the execution, which has ended, go on as it rests."""
        self.resident = Resident(self.rows.record, self.rows.read(), self.definition)
        return self.send(events.Redrive(token))

    # What is read of it

    @property
    def lanes(self) -> list[Lane]:
        """The lanes, in the order of their numbers."""
        return [lane for _, lane in sorted(self.resident.execution.lanes.items())]

    def waiting(self, state: str) -> list[Lane]:
        """Return the lanes that are in a state."""
        return [lane for lane in self.lanes if lane.state == state]

    def lane(self, state: str, index: int = 0) -> Lane:
        """Return one of them."""
        return self.waiting(state)[index]

    @property
    def status(self) -> str:
        """The stored status."""
        return self.rows.record.status

    @property
    def output(self) -> str | None:
        """The stored output, as text."""
        return self.rows.record.output

    @property
    def trouble(self) -> tuple[str | None, str | None]:
        """The stored error and cause."""
        return self.rows.record.error, self.rows.record.cause

    @property
    def history(self) -> list[Shown]:
        """The history as AWS shows it; reading it checks it."""
        shown = [show(number, event) for number, event in enumerate(self.rows.events, 1)]
        check_history(shown, self.status)
        check_growth(self._shown, shown)
        self._shown = shown
        return shown

    @property
    def story(self) -> list[str]:
        """The history as `id<previous Type what`, with the name, index or error that the event is about."""
        return [_told(event) for event in self.history]

    def details(self, kind: str) -> list[dict[str, Any]]:
        """Return the details of all events of a type."""
        return [_details(event) for event in self.history if event["type"] == kind]

    def times(self, kind: str) -> list[float]:
        """Return when the events of a type happened, in seconds since the start."""
        return [event["timestamp"] - START / 1000 for event in self.history if event["type"] == kind]


def _details(event: Shown) -> dict[str, Any]:
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def _told(event: Shown) -> str:
    details = _details(event)
    about = details.get("index", details.get("name", details.get("error", "")))
    return f"{event['id']}<{event['previousEventId']} {event['type']} {about}".rstrip()


def mapped(source: Any, processor: States | None = None, **fields: Any) -> Run:
    """Start a Map, of a Task if nothing else is said, over items."""
    return Run(machine(M=each(processor or machine(T=task()), **fields)), source)


def indexes(run: Run, kind: str) -> list[int]:
    """Return the indexes of the iterations that have Started, Succeeded, Failed or were Aborted, in this order."""
    return [details["index"] for details in run.details(f"MapIteration{kind}")]


def told(run: Run, event: str) -> list[str]:
    """Return what the history tells behind an event, without ids."""
    story = [line.split(" ", 1)[1] for line in run.story]
    return story[story.index(event) + 1 :]


def both(test):
    """Let a test run twice: with the execution in memory from turn to turn, and read from its rows each time."""
    return pytest.mark.parametrize("restart", [False, True], ids=["in memory", "from rows"])(test)


def ended_by(run: Run, end: str) -> None:
    if end == "stop":
        run.stop("Stopped", "by hand")
    else:
        run.after(100)
