"""The shapes that values of a definition have, and the parts that the tables are made of: fields and structures."""

from collections.abc import Mapping
from dataclasses import dataclass

JSONPATH, JSONATA = "JSONPath", "JSONata"


class Shape:
    """What a field's value looks like. Each kind of shape has one check, found by its class."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A string; with `choices`, one of them. `expression`: in a JSONata state it may be an expression."""

    choices: tuple[str, ...] = ()
    expression: bool = False


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false. `expression`: in a JSONata state it may be an expression."""

    expression: bool = False


@dataclass(frozen=True, slots=True)
class Number(Shape):
    """A number within bounds: "Integer", or "Float" for any. In a JSONata state it may be an expression."""

    type: str = "Integer"
    minimum: float | None = None
    maximum: float | None = None
    expression: bool = True


@dataclass(frozen=True, slots=True)
class Path(Shape):
    """A path: any, or a reference path. `context` and `variables`: what it may start from beside the state's input."""

    reference: bool = True
    context: bool = False
    variables: bool = True
    nullable: bool = False
    intrinsic: bool = False
    operand: bool = False
    """Of a choice rule: AWS speaks of a reference path, but takes any."""


@dataclass(frozen=True, slots=True)
class Data(Shape):
    """JSON to evaluate: a payload template, or JSON with expressions in a JSONata state. `types`: which are allowed."""

    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Literal(Shape):
    """Any JSON, taken as it is."""


@dataclass(frozen=True, slots=True)
class Timestamp(Shape):
    """A moment by RFC 3339. In a JSONata state it may be an expression."""


@dataclass(frozen=True, slots=True)
class StateName(Shape):
    """The name of a state of the same scope."""


@dataclass(frozen=True, slots=True)
class TaskResource(Shape):
    """The ARN of what a Task calls."""


@dataclass(frozen=True, slots=True)
class DataResource(Shape):
    """The ARN of what a distributed Map reads from or writes to: one of these actions."""

    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variables(Shape):
    """The object of Assign: names of variables and what they become."""


@dataclass(frozen=True, slots=True)
class Label(Shape):
    """The name that a distributed Map gives its Map Runs."""


@dataclass(frozen=True, slots=True)
class Credentials(Shape):
    """The role that a Task is done with."""


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """An array of one shape."""

    item: Shape
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Nested(Shape):
    """An object of the structure with this name."""

    structure: str


@dataclass(frozen=True, slots=True)
class States(Shape):
    """The object of states, by their names."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: the shape of its value, the one query language that has it (None: both), and if it must be there."""

    shape: Shape
    language: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """An object: its fields in AWS's order, and of which groups of fields it has exactly one, or at most one."""

    fields: Mapping[str, Field]
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
