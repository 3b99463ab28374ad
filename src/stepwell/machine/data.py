"""What an execution is: a tree of lanes, all of it plain data.

A lane is one sequential run through one `States` object: the root of the state machine, a branch of a Parallel state,
an iteration of a Map state. A lane either waits, and then says for what (`waits`), until when (`due`) and by which
ticket, or it has ended and keeps its result until its parent gathers it. Nothing else survives a turn.

Every wait has a ticket, a number that no other wait of the execution had before. An answer names the ticket of the wait
that it answers; whoever is late, or comes twice, holds a ticket that is no longer the lane's, and changes nothing.
"""

from collections.abc import Callable, Container
from typing import Any, Protocol

from stepwell.language.document import Document
from stepwell.language.evaluation import Allowance, Entropy
from stepwell.machine.limits import Limits

ROOT = 0
"""The number of the lane that every execution starts with."""

NO_PARENT = -1

# What a lane waits for.
RUNNING = ""
"""Nothing: the lane goes on in this turn."""
TASK = "task"
"""The answer of a call."""
TOKEN = "token"
"""Somebody who has the task token."""
JOB = "job"
"""The end of a job that a service has taken on."""
ACTIVITY = "activity"
"""A worker that polls the activity."""
TIMER = "timer"
"""The moment `due`."""
CHILDREN = "children"
"""Its branches or iterations."""
TURN = "turn"
"""The next turn."""
GATHERING = "gathering"
"""Its parent: the lane has ended, and keeps its result."""
ENDED = "ended"
"""A redrive: the lane was ended before it had come to its end, and is as it was then."""


class Moment(Protocol):
    """The world at the moment of a turn. The machine has no other source of time, chance or facts."""

    now: int
    """Milliseconds since the epoch."""
    entropy: Entropy
    limits: Limits
    allowance: Allowance
    """What the evaluations of the turn may use up."""
    activities: Container[str]
    """The ARNs of the activities that exist."""

    @property
    def region(self) -> str:
        """The region that the execution is in."""

    def token(self, lane: int, ticket: int) -> str:
        """Return the task token of a lane's ticket: the same whenever it is asked for."""


class Lane:
    """One sequential run through one scope."""

    __slots__ = (
        "attempts",
        "before",
        "changed",
        "concurrency",
        "due",
        "entered",
        "entered_at",
        "failed",
        "frame_changed",
        "heartbeat_at",
        "heartbeat_seconds",
        "index",
        "input",
        "items",
        "next_item",
        "number",
        "open",
        "own",
        "parameters",
        "parent",
        "previous",
        "resource",
        "retries",
        "role_arn",
        "scheduled",
        "scope",
        "state",
        "stored",
        "ticket",
        "timeout_at",
        "tolerance",
        "variables",
        "waits",
    )

    def __init__(self, number: int, parent: int, index: int, scope: str, state: str | None, source: Document) -> None:
        self.number = number
        self.parent = parent
        self.index = index
        """Which branch, or which iteration, of its parent's state."""
        self.scope = scope
        self.state = state
        """The name of the state that the lane is in; None when it has ended."""
        self.input = source
        """The raw input of that state; the lane's result when it has ended."""
        self.previous = 0
        """The id of the event that the next one names as its previous."""
        self.before = 0
        """What `previous` was when the state was entered."""
        self.entered = 0
        """The id of the StateEntered event of the state, 0 before there is one."""
        self.entered_at = 0
        self.waits = RUNNING
        self.ticket = 0
        self.due: int | None = None
        self.resource: str | None = None
        self.scheduled = 0
        """The id of the event that scheduled the task: it holds the parameters."""
        self.parameters: Document | None = None
        self.role_arn: str | None = None
        """Those parameters, and the role of the task's Credentials, where they are at hand: history keeps them."""
        self.timeout_at: int | None = None
        self.heartbeat_at: int | None = None
        self.heartbeat_seconds: int | None = None
        self.attempts: list[int] | None = None
        """For each retrier of the state how often it was used in this visit, since the last redrive."""
        self.retries = 0
        self.items: Document | None = None
        """What a Map iterates over, where it is at hand: it follows from the input."""
        self.next_item = 0
        """How many branches or iterations were started."""
        self.open = 0
        """How many of them have not ended."""
        self.failed = 0
        """How many iterations failed and were tolerated."""
        self.concurrency = 0
        self.tolerance: int | None = None
        """How many iterations may fail; None where the first failure fails the state."""
        self.variables: dict[str, Any] = {}
        """All that the lane sees: its own, and those of the lanes above."""
        self.own: dict[str, Any] = {}
        """The variables that were assigned in the lane itself."""
        self.changed = False
        self.frame_changed = False
        self.stored = False
        """Whether the store has a row of this lane."""


class Execution:
    """An execution: what it was started with, how far it is, and its lanes."""

    __slots__ = (
        "arn",
        "cause",
        "deadline",
        "error",
        "input",
        "lanes",
        "name",
        "next_event",
        "next_lane",
        "next_ticket",
        "output",
        "redrive_count",
        "redrive_tokens",
        "redriven_at",
        "role_arn",
        "started_at",
        "state_machine_alias_arn",
        "state_machine_arn",
        "state_machine_name",
        "state_machine_version_arn",
        "status",
        "stopped_at",
        "waited_for",
    )

    def __init__(
        self,
        arn: str,
        name: str,
        state_machine_arn: str,
        role_arn: str,
        source: Document,
        started_at: int,
        state_machine_version_arn: str | None = None,
        state_machine_alias_arn: str | None = None,
    ) -> None:
        self.arn = arn
        self.name = name
        self.state_machine_arn = state_machine_arn
        self.state_machine_name = state_machine_arn.split(":", 7)[6]
        self.state_machine_version_arn = state_machine_version_arn
        self.state_machine_alias_arn = state_machine_alias_arn
        self.role_arn = role_arn
        self.input = source
        self.started_at = started_at
        self.waited_for = False
        """Whether its caller waits for its end: of such a one AWS shows no count of redrives."""
        self.redrive_count = 0
        self.redriven_at: int | None = None
        self.redrive_tokens: tuple[tuple[str, int], ...] = ()
        """What the last redrives were asked for with, and when."""
        self.status = "RUNNING"
        self.output: Document | None = None
        self.error: str | None = None
        self.cause: str | None = None
        self.stopped_at: int | None = None
        self.deadline: int | None = None
        """When the whole execution times out."""
        self.next_event = 1
        self.next_ticket = 1
        self.next_lane = ROOT
        self.lanes: dict[int, Lane] = {}

    def children(self, lane: Lane) -> list[Lane]:
        """Return the lanes below a lane, in the order of their indexes."""
        return sorted((child for child in self.lanes.values() if child.parent == lane.number), key=_by_index)


def _by_index(lane: Lane) -> int:
    return lane.index


Handler = Callable[..., None]
