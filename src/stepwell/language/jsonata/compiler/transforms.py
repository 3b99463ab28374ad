"""Transformations: `|pattern|update, delete|`, a function that returns a changed copy."""

from collections.abc import Callable
from math import inf
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import call
from stepwell.language.jsonata.compiler.writer import Term, Writer, rule
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.signature import parse_signature
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Function
from stepwell.language.jsonata.variables import find

Code = Callable[[Any, Any, Run], Any]

_SIGNATURE = parse_signature("<(oa):o>")


class Transform(Function):
    """A transformation, with the frame in which it was written."""

    __slots__ = ("codes", "frame", "positions")

    def __init__(self, codes: tuple[Code, Code, Code | None], positions: tuple[int, int], frame: Any) -> None:
        self.codes = codes
        self.positions = positions
        self.frame = frame

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        """Return a copy of the argument, changed where the pattern leads to."""
        (value,) = _SIGNATURE.arguments(arguments, context)
        if value is UNDEFINED:
            return UNDEFINED
        clone = find(self.frame, "clone", run, BUILT_IN["clone"])
        if not isinstance(clone, Function):
            raise JsonataError("T2013")
        result = call(run, clone, [value], None)
        own: set[int] = set()
        _collect(result, own, run)
        pattern, update, delete = self.codes
        matches = pattern(result, self.frame, run)
        run.unsettled = True
        if matches is UNDEFINED:
            return result
        for match in matches if isinstance(matches, list) else [matches]:
            changes = self._changes(update(match, self.frame, run))
            # Only the copy may be changed: a pattern that leads out of it, to a variable, changes nothing.
            mine = type(match) is dict and id(match) in own
            if mine:
                match.update(changes)
            if delete is not None:
                for name in self._names(delete(match, self.frame, run)):
                    if mine:
                        match.pop(name, None)
        return result

    def _changes(self, changes: Any) -> dict[str, Any]:
        if changes is UNDEFINED:
            return {}
        if type(changes) is not dict:
            error = JsonataError("T2011", changes)
            error.position = self.positions[0]
            raise error
        return changes

    def _names(self, names: Any) -> list[str]:
        if names is UNDEFINED:
            return []
        found = names if isinstance(names, list) else [names]
        if not all(type(name) is str for name in found):
            error = JsonataError("T2012", names)
            error.position = self.positions[1]
            raise error
        return found


def _collect(value: Any, own: set[int], run: Run) -> None:
    if isinstance(value, dict | list):
        own.add(id(value))
        run.spend(1)
        for item in value.values() if isinstance(value, dict) else value:
            _collect(item, own, run)


@rule("transform")
def transform(w: Writer, node: Node, depth: int) -> Term:
    """Write a transformation."""
    parts = [part and w.function(part, depth + 1) for part in (node.left, node.right, node.third)]
    positions = (node.right.position, node.third.position if node.third is not None else 0)
    made = w.program.made(_transforming, *parts, positions)
    return Term(w.put(f"{made}({w.frame})"), "function", True, inf, True)


def _transforming(pattern: Code, update: Code, delete: Code | None, positions: tuple[int, int]) -> Any:
    """Return what makes a transformation where it is written."""
    return lambda frame: Transform((pattern, update, delete), positions, frame)
