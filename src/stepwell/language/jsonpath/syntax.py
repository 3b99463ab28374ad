"""The parts of a path, as the parser leaves them: plain, immutable, and each able to say how it is written."""

from dataclasses import dataclass
from typing import Any

from .cursor import TextSyntaxError
from .pattern import Pattern

MAX_PATH_LENGTH = 10_000
MAX_STEPS = 100
MAX_NESTING = 20


class PathSyntaxError(TextSyntaxError):
    """A text that is no path. `position` counts characters from the path's own start."""


@dataclass(frozen=True, slots=True)
class Name:
    """`.name`, `['name']`."""

    name: str

    def __str__(self) -> str:
        return f"['{self.name}']"


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`, `[-1]`."""

    index: int

    def __str__(self) -> str:
        return f"[{self.index}]"


@dataclass(frozen=True, slots=True)
class Names:
    """`['a', 'b']`."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0, 2]`."""

    indexes: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:5]`, `[-2:]`, `[::2]`."""

    bounds: slice

    def __str__(self) -> str:
        parts = (self.bounds.start, self.bounds.stop, self.bounds.step)
        return "[" + ":".join("" if part is None else str(part) for part in parts) + "]"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*`, `[*]`."""

    def __str__(self) -> str:
        return "[*]"


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(condition)]`."""

    condition: "Condition"

    def __str__(self) -> str:
        return "[?]"


@dataclass(frozen=True, slots=True)
class Scan:
    """`..`: the next step is tried on the node and on everything below it."""

    def __str__(self) -> str:
        return ".."


Step = Name | Index | Names | Indexes | Slice | Wildcard | Filter | Scan


@dataclass(frozen=True, slots=True)
class Call:
    """`.length()` and its like, always the last part of a path."""

    function: str
    arguments: tuple["Operand", ...]

    def __str__(self) -> str:
        return f".{self.function}()"


@dataclass(frozen=True, slots=True)
class Route:
    """The way from a root to its nodes: the steps, and the function that is called on what they find."""

    steps: tuple[Step, ...]
    call: Call | None = None

    @property
    def singular(self) -> bool:
        """Whether the steps lead to one node at most."""
        last = len(self.steps) - 1
        return all(
            # Jayway merges several names at the end of a path into one object; elsewhere they fork.
            isinstance(step, Name | Index) or (isinstance(step, Names) and at == last)
            for at, step in enumerate(self.steps)
        )

    def __str__(self) -> str:
        return "$" + "".join(map(str, self.steps)) + (str(self.call) if self.call else "")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written in a filter or as an argument."""

    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """A path in a filter: from `@`, the node that is being tested, or from `$`."""

    route: Route
    from_root: bool


Operand = Literal | Query | Pattern


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Exists:
    """A path that stands alone: true where it finds something."""

    query: Query


@dataclass(frozen=True, slots=True)
class Not:
    """`!(condition)`."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """`a && b`."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 (`Any` is typing's)
    """`a || b`."""

    conditions: tuple["Condition", ...]


Condition = Comparison | Exists | Not | All | Any_
