"""Where the variables of an expression live: which are Python's own, and which need a frame.

A block that binds is a scope, and so is a function. What a scope binds as one of its own items, and what is looked up
behind that in the function of Python that the scope is in, is a variable of Python. Where another function looks it up,
or it is bound on the way (`c ? $x := 1`), the scope has a frame besides.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from stepwell.language.jsonata.compiler.natives import Applied, Natives, applied
from stepwell.language.jsonata.tree import Node

MAX_NEST = 12
"""So deep blocks are nested in one function: Python itself takes 20 loops, and 100 levels."""
_NEVER_OUTLINED = {
    "number", "string", "value", "regex", "variable", "name", "wildcard", "descendant", "parent", "placeholder",
    "bind", "lambda", "sort",
}  # fmt: skip


class Scope:
    """A block that binds variables, or a function with its parameters."""

    def __init__(self, around: "Scope | None", function: int, items: list[Node], parameters: Iterable[str]) -> None:
        self.around = around
        self.function = function
        self.assigned = set(parameters)
        """What it has bound up to the node that is being looked at."""
        self.wandering: set[str] = set()
        """What is bound elsewhere than by one of its own items."""
        self.names = set(self.assigned)
        self.terms: dict[str, Any] = {}
        """What its variables stand for, while it is written."""
        for item in items:
            if item.kind == "bind":
                self.names.add(item.value)
                self.wandering.update(bound_within(item.right))
            else:
                self.wandering.update(bound_within(item))
        self.names |= self.wandering
        self.framed = bool(self.wandering)


class Scopes:
    """The scopes of a tree, what its variables refer to, and which nodes become functions of their own."""

    def __init__(self, tree: Node, natives: Natives) -> None:
        self.of: dict[int, Scope] = {}
        """The scope that a block or a lambda opens, by the id of the node."""
        self.local: dict[int, Scope] = {}
        """The scope of a variable of Python, by the id of the node that looks it up."""
        self.outlined: set[int] = set()
        """The ids of nodes that would be nested too deep."""
        self._natives = natives
        self._carried = set(_carried(tree))
        self._functions = 0
        self._function = 0
        self._nest = 0
        self._scope: Scope | None = None
        self.top = self._open([tree], ())

    def look(self, node: Node) -> None:
        """Look at a node, where it is evaluated."""
        if self._nest > MAX_NEST and node.kind not in _NEVER_OUTLINED:
            self.outlined.add(id(node))
            with self._function_of_its_own():
                self._look_at(node)
        else:
            self._look_at(node)

    def _look_at(self, node: Node) -> None:
        _KINDS.get(node.kind, Scopes.generic)(self, node)
        for stage in node.predicates:
            if node.tuple and node.kind != "call":
                self._elsewhere([stage.right])
            else:
                self._nested([stage.right], 2)
        if node.group is not None and node.kind != "path":
            self._elsewhere(node.group.children())

    def generic(self, node: Node) -> None:
        """Look at what is evaluated one part after the other."""
        for part in (node.left, node.right, node.third, *node.items, *(value for _, value in node.pairs)):
            if part is not None:
                self.look(part)

    def variable(self, node: Node) -> None:
        """Find the scope of a variable."""
        self._look_up(node.value, node)

    def bind(self, node: Node) -> None:
        """Look at what is bound."""
        self.look(node.right)

    def function(self, node: Node) -> None:
        """Look at a lambda, which is a function of its own."""
        with self._function_of_its_own():
            self.of[id(node)] = self._open([node.body], [parameter.value for parameter in node.items])

    def block(self, node: Node) -> None:
        """Look at a block, which is a scope where it binds."""
        if next((name for item in node.items for name in bound_within(item)), None) is not None:
            self.of[id(node)] = self._open(node.items, ())
        else:
            self.generic(node)

    def object(self, node: Node) -> None:
        """Look at an object; where its keys are computed, it is a grouping."""
        if has_plain_keys(node):
            self.generic(node)
        else:
            self._elsewhere(node.children())

    def transform(self, node: Node) -> None:
        """Look at a transformation, which looks `$clone` up besides."""
        self._elsewhere([part for part in (node.left, node.right, node.third) if part is not None])
        self._look_up("clone", None)

    def condition(self, node: Node) -> None:
        """Look at a condition and its branches."""
        self.look(node.left)
        self._nested([part for part in (node.right, node.third) if part is not None], 1)

    def binary(self, node: Node) -> None:
        """Look at an operator."""
        call = applied(node)
        if call is not None:
            self._call(call)
        elif node.value in {"and", "or"}:
            self.look(node.left)
            self._nested([node.right], 1)
        else:
            self.generic(node)

    def call(self, node: Node) -> None:
        """Look at a call."""
        self._call(Applied(node, node.items))

    def path(self, node: Node) -> None:
        """Look at the steps of a path."""
        if any(step.tuple for step in node.items):
            for step in node.items:
                self._elsewhere([step, *(stage.right for stage in step.stages if stage.right is not None)])
        else:
            for step in node.items:
                if step.kind == "sort":
                    self._elsewhere([term.left for term in step.items])
                else:
                    self._nested([step], 2)
                self._nested([stage.right for stage in step.stages], 3)
        if node.group is not None:
            self._elsewhere(node.group.children())

    def sort(self, node: Node) -> None:
        """Look at an order-by of a path of tuples."""
        self._elsewhere([term.left for term in node.items])

    def _call(self, call: Applied) -> None:
        procedure = call.node.left
        self.look(procedure)
        if procedure.kind == "path":
            self._look_up(procedure.items[0].value, None)
        loop = self._natives.loop(call)
        for argument in call.arguments:
            if argument is not loop:
                self.look(argument)
        if loop is not None:
            self._nest += 2
            self.of[id(loop)] = self._open([loop.body], [parameter.value for parameter in loop.items])
            self._nest -= 2

    def _open(self, items: list[Node], parameters: Iterable[str]) -> Scope:
        scope = self._scope = Scope(self._scope, self._function, items, parameters)
        for item in items:
            self.look(item)
            if item.kind == "bind":
                scope.assigned.add(item.value)
        self._scope = scope.around
        return scope

    def _nested(self, nodes: list[Node], levels: int) -> None:
        self._nest += levels
        for node in nodes:
            self.look(node)
        self._nest -= levels

    def _elsewhere(self, nodes: list[Node]) -> None:
        with self._function_of_its_own():
            for node in nodes:
                self.look(node)

    @contextmanager
    def _function_of_its_own(self) -> Iterator[None]:
        before = self._function, self._nest
        self._functions += 1
        self._function, self._nest = self._functions, 0
        yield
        self._function, self._nest = before

    def _look_up(self, name: str, node: Node | None) -> None:
        """Find the scope that a name is bound in; the frames are searched where that is not certain."""
        scope, doubt = self._scope, node is None
        while scope is not None:
            if name in scope.names:
                certain = name in scope.assigned and name not in scope.wandering and name not in self._carried
                if certain and not doubt and scope.function == self._function:
                    self.local[id(node)] = scope
                    return
                scope.framed = doubt = True
                if certain:
                    return
            scope = scope.around


def has_plain_keys(node: Node) -> bool:
    """Return whether all keys of an object are texts, and no two are the same."""
    keys = {key.value for key, _ in node.pairs if key.kind == "string" and not key.predicates and not key.group}
    return len(keys) == len(node.pairs)


def bound_within(node: Node) -> Iterator[str]:
    """Yield the names that a node binds in the scope that it is evaluated in."""
    if node.kind == "bind":
        yield node.value
    if node.kind not in {"block", "lambda"}:
        for child in node.children():
            yield from bound_within(child)


def _carried(node: Node) -> Iterator[str]:
    """Yield the names that the tuples of a path may carry."""
    for name in (node.focus, node.index):
        if name is not None:
            yield name
    for child in node.children():
        if child.kind == "index":
            yield child.value
        else:
            yield from _carried(child)


_KINDS: dict[str, Callable[[Scopes, Node], None]] = {
    "variable": Scopes.variable,
    "bind": Scopes.bind,
    "lambda": Scopes.function,
    "block": Scopes.block,
    "object": Scopes.object,
    "transform": Scopes.transform,
    "condition": Scopes.condition,
    "binary": Scopes.binary,
    "call": Scopes.call,
    "partial": Scopes.call,
    "path": Scopes.path,
    "sort": Scopes.sort,
}
