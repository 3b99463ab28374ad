"""Calls of built-in functions, as they are recognised in a tree."""

from typing import NamedTuple

from stepwell.language.jsonata.calling import Native
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.tree import Node

_LOOPS = {"map": (2, 1, 3), "filter": (2, 1, 3), "reduce": (3, 2, 4)}
"""Functions whose function can become the body of a loop: with so many arguments, of so many parameters."""


class Applied(NamedTuple):
    """A call: the node of its function, and those of its arguments."""

    node: Node
    arguments: list[Node]


class Natives:
    """Says which calls are of built-in functions, where neither the expression nor its bindings hide these.

    `used` are the names by which it has found any.
    """

    def __init__(self, hidden: set[str], *, dynamic: bool) -> None:
        self.used: set[str] = set()
        self._hidden = hidden
        self._dynamic = dynamic

    def called(self, procedure: Node) -> Native | None:
        """Return the built-in function that a node names."""
        if self._dynamic or procedure.kind != "variable" or procedure.value in self._hidden:
            return None
        if procedure.predicates or procedure.group is not None or procedure.keep_array:
            return None
        native = BUILT_IN.get(procedure.value)
        if native is not None:
            self.used.add(native.name)
        return native

    def loop(self, call: Applied) -> Node | None:
        """Return the lambda that is the body of a loop."""
        native = self.called(call.node.left) if call.node.kind == "call" else None
        if native is None or native.name not in _LOOPS:
            return None
        most, least, parameters = _LOOPS[native.name]
        if not 2 <= len(call.arguments) <= most:
            return None
        body = call.arguments[1]
        if body.kind != "lambda" or body.signature is not None or body.predicates or body.group or body.keep_array:
            return None
        names = {parameter.value for parameter in body.items}
        return body if least <= len(body.items) <= parameters and len(names) == len(body.items) else None


def applied(node: Node) -> Applied | None:
    """Return the call that a node is: `f(x)`, or `x ~> f()`; None where it is none."""
    if node.kind == "call":
        return Applied(node, node.items)
    right = node.right
    if node.kind == "binary" and node.value == "~>" and right.kind == "call":
        return None if right.predicates or right.group is not None else Applied(right, [node.left, *right.items])
    return None
