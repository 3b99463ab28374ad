"""A definition, compiled: what the machine runs. Made once per definition by `compiler`, never changed after.

A `Scope` is one `States` object with its start: the state machine's own, a branch's, or an item processor's. Scopes are
named by their path in the definition (`/States/Each/ItemProcessor`), which is how a waiting lane remembers where it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepwell.language.document import Document, Merge
from stepwell.language.evaluation import Expression
from stepwell.language.resources import Resource


@dataclass(slots=True, frozen=True)
class Retrier:
    """One entry of Retry."""

    errors: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int | None
    full_jitter: bool


@dataclass(slots=True, frozen=True)
class Catcher:
    """One entry of Catch."""

    errors: tuple[str, ...]
    next: str
    merge: Merge | None = None
    output: Expression | None = None
    assign: Expression | None = None


@dataclass(slots=True, frozen=True)
class ChoiceRule:
    """One rule of a Choice state, and what it does where it holds."""

    condition: Expression
    next: str
    output: Expression | None = None
    assign: Expression | None = None


@dataclass(slots=True, frozen=True)
class PathValue:
    """A field whose value is found when the state runs: a `…Path`, or an expression. `text` is for messages."""

    field: str
    text: str
    read: Expression


@dataclass(slots=True, eq=False)
class State:
    """What all the types of states have. An expression that is None stands for the default, `$`.

    In JSONata, `output` takes the place of the paths. `assign` gives the variables that are set on the way out.
    """

    name: str
    type: str
    next: str | None = None
    """The state that follows; None where this one ends its scope."""
    input_path: Expression | None = None
    output_path: Expression | None = None
    merge: Merge | None = None
    """ResultPath: puts the result into the raw input; None: the result replaces it."""
    query: bool = False
    """Whether the state's language is JSONata."""
    output: Expression | None = None
    assign: Expression | None = None


@dataclass(slots=True, eq=False)
class PassState(State):
    """Pass."""

    result: Document | None = None
    parameters: Expression | None = None


@dataclass(slots=True, eq=False)
class WaitState(State):
    """Wait, in one of its four forms."""

    seconds: int | None = None
    timestamp: int | None = None
    """Nanoseconds since the epoch."""
    path: PathValue | None = None
    """SecondsPath or TimestampPath; in JSONata an expression for Seconds or Timestamp."""


@dataclass(slots=True, eq=False)
class ChoiceState(State):
    """Choice: its rules in order. `output` and `assign` are for the default."""

    rules: tuple[ChoiceRule, ...] = ()
    default: str | None = None


@dataclass(slots=True, eq=False)
class SucceedState(State):
    """Succeed."""


@dataclass(slots=True, eq=False)
class FailState(State):
    """Fail."""

    error: str | None = None
    cause: str | None = None
    error_path: PathValue | None = None
    cause_path: PathValue | None = None


@dataclass(slots=True, eq=False)
class WorkState(State):
    """What Task, Parallel and Map have in common: parameters, a result, and what is done about failures."""

    parameters: Expression | None = None
    result_selector: Expression | None = None
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()


@dataclass(slots=True, eq=False)
class TaskState(WorkState):
    """Task."""

    resource: Resource = field(default_factory=lambda: Resource("", "", "", ""))
    timeout_seconds: int | PathValue | None = None
    heartbeat_seconds: int | PathValue | None = None
    role_arn: Expression | None = None
    """Credentials.RoleArn."""


@dataclass(slots=True, eq=False)
class ParallelState(WorkState):
    """Parallel."""

    branches: tuple["Scope", ...] = ()


@dataclass(slots=True, eq=False)
class MapState(WorkState):
    """Map, inline. `parameters` is its ItemSelector."""

    processor: "Scope" = field(default_factory=lambda: Scope("", "", {}))
    items_path: PathValue | None = None
    max_concurrency: int | PathValue = 0
    tolerated_failure_count: int | PathValue | None = None
    tolerated_failure_percentage: float | PathValue | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """One `States` object."""

    path: str
    start_at: str
    states: dict[str, State]


@dataclass(slots=True, eq=False)
class Definition:
    """A state machine's definition, compiled."""

    start_at: str
    timeout_seconds: int | None
    root: Scope
    scopes: Mapping[str, Scope]

    def state(self, scope: str, name: str) -> State:
        """Return a state by its scope's path and its name."""
        return self.scopes[scope].states[name]


def nothing(_: Any) -> dict[str, Any]:
    """Be the path `null`: of an input or output, it leaves an empty object."""
    return {}
