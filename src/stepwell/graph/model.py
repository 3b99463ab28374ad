"""What a graph consists of. A scope is one `States` object; a Parallel or a Map has scopes within."""

from dataclasses import dataclass, field
from typing import NamedTuple

STATE, SCOPE, START, END, UNKNOWN = "state", "scope", "start", "end", "unknown"
NEXT, DEFAULT, CHOICE, CATCH = "next", "default", "choice", "catch"

Point = tuple[float, float]


class Problem(NamedTuple):
    """Something of the text that can't be drawn."""

    message: str
    line: int
    column: int


@dataclass(slots=True, eq=False)
class Node:
    """A box or a mark. `id` is the JSON pointer of what it stands for; the coordinates are set by the layout."""

    id: str
    kind: str
    name: str
    type: str = ""
    label: str = ""
    parent: str = ""
    line: int | None = None
    column: int | None = None
    start: bool = False
    end: bool = False
    children: int = 0
    """States within, at any depth."""
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    scopes: list["Scope"] = field(default_factory=list)
    """What is drawn within."""


@dataclass(slots=True, eq=False)
class Edge:
    """A transition between two nodes of one scope. `points` are a polyline of horizontal and vertical pieces."""

    id: str
    source: Node
    target: Node
    kind: str
    label: str = ""
    back: bool = False
    """Whether it leads upwards."""
    points: list[Point] = field(default_factory=list)
    label_at: Point | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """The nodes and the edges of one `States` object, the start mark first; and the box around them."""

    box: Node
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """A graph that is laid out: coordinates are absolute, in pixels. Nodes come parents first."""

    nodes: list[Node]
    edges: list[Edge]
    width: float
    height: float
    problems: list[Problem]
