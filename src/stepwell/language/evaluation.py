"""What an expression of a definition sees when it is evaluated, and how it says that it can't be.

Every expression of a definition (a path, a payload template, an intrinsic function, a choice rule) is compiled once,
to a callable that takes an `Evaluation`. It reads what it needs from there; it has no other source of values.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec


class Entropy(Protocol):
    """Where randomness comes from: outside, so that a run can be repeated."""

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""

    def uuid(self) -> str:
        """Return a new UUID, version 4, as text."""


class _Absent:
    """What there is no value of: a type of its own, as null is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class Overdrawn(Exception):
    """What is to be evaluated takes more steps than its allowance has. It has no outcome: nothing may come of it."""


class Allowance:
    """The steps that evaluations may use up together, each of about half a microsecond. Then they are `Overdrawn`.

    With a `last` one there is no other place to go to: what uses it up fails, with the error of its own bound.
    """

    __slots__ = ("half", "last", "steps")

    def __init__(self, steps: int, *, last: bool = False) -> None:
        self.steps = steps
        self.half = steps // 2
        self.last = last

    def spend(self, steps: int) -> None:
        """Use up steps."""
        self.steps -= steps
        if self.steps < 0:
            if self.last:
                raise StatesError("States.Runtime", "The state's fields take too many steps to evaluate.")
            raise Overdrawn


BOUNDLESS = 1 << 62
"""So many steps are never used up."""


def _boundless() -> Allowance:
    return Allowance(BOUNDLESS)


class Evaluation(msgspec.Struct, eq=False, gc=False):
    """What one evaluation sees. In JSONPath, `input` is `$`, `context()` is `$$`, `variables[name]` is `$name`.

    In JSONata, `$states` has `input`, `context`, and where there are any `result` and `error_output` (`errorOutput`).
    """

    input: Any
    context: Callable[[], Mapping[str, Any]]
    variables: Mapping[str, Any]
    entropy: Entropy
    now: int = 0
    allowance: Allowance = msgspec.field(default_factory=_boundless)
    result: Any = ABSENT
    error_output: Any = ABSENT


Expression = Callable[[Evaluation], Any]


class StatesError(Exception):
    """An error of the language, which Retry and Catch see: its name (`States.IntrinsicFailure`, …) and its cause."""

    def __init__(self, error: str | None, cause: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class PathError(StatesError):
    """A path that leads nowhere. `detail` is what AWS writes behind `Invalid path '…' : `."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__("States.Runtime", f"Invalid path '{path}' : {detail}")
        self.path = path
        self.detail = detail


class QueryEvaluationError(StatesError):
    """A JSONata expression that gives no usable value. `location` is its field, or None where no field is to blame.

    `on_entry`: it came up while the state was being entered or left, as nearly all do; AWS's history then names the
    event before the state's as previous.
    """

    def __init__(self, cause: str, location: str | None, *, on_entry: bool = True) -> None:
        super().__init__("States.QueryEvaluationError", cause)
        self.location = location
        self.on_entry = on_entry
