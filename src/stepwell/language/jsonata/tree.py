"""The tree of an expression: first as it is written, then with its paths laid out in steps (see `steps.py`)."""

from typing import Any


class Slot:
    """One use of `%`: the variable that the step it means must bind, and how many steps up that one still is."""

    __slots__ = ("label", "level")

    def __init__(self, label: str) -> None:
        self.label = label
        self.level = 1


class Node:
    """A node. `kind` says what it is; what a kind does not use stays empty."""

    __slots__ = (
        "ancestor", "body", "constructed", "descending", "focus", "group", "index", "items", "keep_array",
        "keep_steps", "kind", "left", "next_function", "pairs", "position", "predicates", "right", "seeking",
        "signature", "slot", "stages", "third", "tuple", "value",
    )  # fmt: skip

    def __init__(self, kind: str, position: int, value: Any = None) -> None:
        self.kind = kind
        self.position = position
        self.value = value
        self.left: Any = None
        self.right: Any = None
        self.third: Any = None
        self.items: list[Node] = []
        self.pairs: list[tuple[Node, Node]] = []
        self.body: Any = None
        self.signature: Any = None
        self.keep_array = False
        self.keep_steps = False
        self.constructed = False
        self.descending = False
        self.tuple = False
        self.focus: str | None = None
        self.index: str | None = None
        self.group: Node | None = None
        self.predicates: list[Node] = []
        self.stages: list[Node] = []
        self.ancestor: Slot | None = None
        self.slot: Slot | None = None
        self.seeking: list[Slot] = []
        self.next_function: str | None = None

    def children(self) -> "list[Node]":
        """Return the nodes directly below this one, in the order in which they are written."""
        found = [node for node in (self.left, self.right, self.third) if isinstance(node, Node)]
        found += self.items
        found += [node for pair in self.pairs for node in pair]
        found += [node for node in (self.body, self.group) if node is not None]
        return found + self.predicates + self.stages
