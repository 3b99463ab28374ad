"""What an expression of a definition sees when it is evaluated, and how it says that it can't be.

Every expression of a definition (a path, a payload template, an intrinsic function, a choice rule) is compiled once,
to a callable that takes an `Evaluation`. It reads what it needs from there; it has no other source of values.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Entropy(Protocol):
    """Where randomness comes from: outside, so that a run can be repeated."""

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""

    def uuid(self) -> str:
        """Return a new UUID, version 4, as text."""


class Evaluation:
    """What one evaluation sees. `input` is `$`, `context()` is `$$`, `variables[name]` is `$name`."""

    __slots__ = ("context", "entropy", "input", "variables")

    def __init__(
        self,
        input: Any,  # noqa: A002 (the language's own word)
        context: Callable[[], Mapping[str, Any]],
        variables: Mapping[str, Any],
        entropy: Entropy,
    ) -> None:
        self.input = input
        self.context = context
        self.variables = variables
        self.entropy = entropy


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
