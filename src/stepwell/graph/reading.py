"""From a definition's text to the scopes, nodes and edges that it speaks of. Nothing here raises.

What can't be drawn as it stands is drawn as a "?", and what can't be drawn at all is a problem with its line. Whether
the definition is valid is not asked: the validator says that better.
"""

from typing import Any

from stepwell.graph.labels import catch_label, rule_label, state_label
from stepwell.graph.model import (
    CATCH,
    CHOICE,
    DEFAULT,
    END,
    NEXT,
    SCOPE,
    START,
    STATE,
    UNKNOWN,
    Edge,
    Node,
    Problem,
    Scope,
)
from stepwell.graph.text import safe_text
from stepwell.language.diagnostics import Pointer
from stepwell.language.grammar.states import TYPES
from stepwell.language.source import Source, read

MOST_NODES = 10_000
"""States beyond it are not drawn."""

MOST_NESTED = 40
"""Scopes within each other; beyond it a Parallel or a Map is a plain box."""

LONGEST_TYPE = 80

_TERMINAL = ("Succeed", "Fail")


def read_graph(text: str, collapsed: frozenset[str]) -> tuple[Scope, list[Problem]]:
    """Return the outermost scope of a definition, and what could not be drawn."""
    source = read(text)
    problems = [Problem(found.message.partition("\n")[0], found.line, found.column) for found in source.problems]
    reader = _Reader(source, collapsed, problems)
    scope = Scope(Node("", SCOPE, ""))
    if source.value is not None:
        reader.scope(scope, source.value, (), 0)
    return scope, problems


def escaped(name: str) -> str:
    """Return a name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class _Reader:
    """Reads one definition."""

    def __init__(self, source: Source, collapsed: frozenset[str], problems: list[Problem]) -> None:
        self._source = source
        self._collapsed = collapsed
        self._problems = problems
        self._room = MOST_NODES

    def scope(self, scope: Scope, value: dict[str, Any], pointer: Pointer, depth: int) -> None:
        """Read one `States` object."""
        where = scope.box.id
        start = Node(f"{where}#start", START, "Start", parent=where)
        end = Node(f"{where}#end", END, "End", parent=where)
        states = value.get("States")
        if not isinstance(states, dict):
            self._problem("States is missing, or is no object", (*pointer, "States"))
            return
        found: dict[str, Node] = {}
        for name in sorted(states):  # the order of the keys means nothing, and must not show
            if self._room <= 0:
                self._problem(f"only {MOST_NODES} states are drawn", (*pointer, "States", name))
                break
            self._room -= 1
            found[name] = self._state(
                name, states[name], f"{where}/States/{escaped(name)}", (*pointer, "States", name), where
            )
        scope.nodes = [start, *found.values()]
        targets = _Targets(scope, found, end)
        begin = value.get("StartAt")
        if isinstance(begin, str):
            first = targets.find(begin)
            first.start = True
            scope.edges.append(Edge(start.id, start, first, START))
        else:
            self._problem("StartAt is missing, or is no text", (*pointer, "StartAt"))
        for name, node in found.items():
            self._edges(targets, node, states[name])
        if any(edge.target is end for edge in scope.edges):
            scope.nodes.append(end)
        for name, node in found.items():
            self._within(node, states[name], (*pointer, "States", name), depth)
        scope.box.children = sum(1 + node.children for node in found.values())

    def _problem(self, message: str, pointer: Pointer) -> None:
        self._problems.append(Problem(message, *self._source.position(pointer)))

    def _state(self, name: str, state: Any, node_id: str, pointer: Pointer, parent: str) -> Node:
        line, column = self._source.position(pointer, key=True)
        kind = state.get("Type") if isinstance(state, dict) else None
        node = Node(node_id, STATE, name, parent=parent, line=line, column=column)
        node.type = safe_text(kind, LONGEST_TYPE) if isinstance(kind, str) else ""
        if kind in TYPES:
            node.label = state_label(state)
        else:
            node.kind = UNKNOWN
        return node

    def _edges(self, targets: "_Targets", node: Node, state: Any) -> None:
        """Read the transitions of a state, in the order in which they are tried."""
        if not isinstance(state, dict):
            return
        if state.get("Type") == "Choice":
            for number, rule in enumerate(_list(state.get("Choices"))):
                label, following = rule_label(rule), rule.get("Next") if isinstance(rule, dict) else None
                targets.add(node, f"Choices/{number}", following, CHOICE, label)
            targets.add(node, "Default", state.get("Default"), DEFAULT)
        else:
            targets.add(node, "Next", state.get("Next"), NEXT)
        for number, catcher in enumerate(_list(state.get("Catch"))):
            following = catcher.get("Next") if isinstance(catcher, dict) else None
            targets.add(node, f"Catch/{number}", following, CATCH, catch_label(catcher))
        if state.get("End") is True or state.get("Type") in _TERMINAL:
            targets.end(node)

    def _within(self, node: Node, state: Any, pointer: Pointer, depth: int) -> None:
        """Read the branches or the iterations of a state, or, where it is collapsed, count what is in them."""
        inner = list(_inner_scopes(state)) if isinstance(state, dict) else []
        if not inner:
            return
        if depth >= MOST_NESTED:
            self._problem(f"only {MOST_NESTED} levels of Parallel and Map are drawn", pointer)
            return
        for steps, name, value in inner:
            if not isinstance(value, dict):
                self._problem(f"{name} is no object", (*pointer, *steps))
                continue
            where = f"{node.id}/{'/'.join(map(str, steps))}"
            line, column = self._source.position((*pointer, *steps))
            scope = Scope(Node(where, SCOPE, name, parent=node.id, line=line, column=column))
            self.scope(scope, value, (*pointer, *steps), depth + 1)
            node.scopes.append(scope)
        node.children = sum(scope.box.children for scope in node.scopes)
        if node.id in self._collapsed:
            node.scopes = []


class _Targets:
    """Finds what the transitions of a scope lead to, and makes a "?" of what isn't there."""

    def __init__(self, scope: Scope, states: dict[str, Node], end: Node) -> None:
        self._scope = scope
        self._states = states
        self._end = end
        self._missing: dict[str, Node] = {}

    def find(self, name: str) -> Node:
        """Return the state of a name, or the "?" that stands for it."""
        node = self._states.get(name) or self._missing.get(name)
        if node is None:
            where = self._scope.box.id
            node = self._missing[name] = Node(f"{where}#missing/{escaped(name)}", UNKNOWN, name, parent=where)
            self._scope.nodes.append(node)
        return node

    def add(self, source: Node, step: str, name: Any, kind: str, label: str = "") -> None:
        """Add a transition, if it is one."""
        if isinstance(name, str):
            self._scope.edges.append(Edge(f"{source.id}/{step}", source, self.find(name), kind, label))

    def end(self, source: Node) -> None:
        """Let a state end the scope."""
        source.end = True
        self._scope.edges.append(Edge(f"{source.id}#end", source, self._end, END))


def _inner_scopes(state: dict[str, Any]) -> list[tuple[Pointer, str, Any]]:
    """Return what is within a state: steps of the pointer, a name, the value."""
    branches = state.get("Branches") if state.get("Type") == "Parallel" else None
    if isinstance(branches, list):
        return [(("Branches", number), f"Branch {number + 1}", branch) for number, branch in enumerate(branches)]
    if state.get("Type") == "Map":
        field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        if field in state:
            return [((field,), field, state[field])]
    return []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
