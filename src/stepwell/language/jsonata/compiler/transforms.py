"""Transformations: `|pattern|update, delete|`, a function that returns a changed copy."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import call
from stepwell.language.jsonata.compiler.core import Code, Compiler, Frame, rule
from stepwell.language.jsonata.compiler.values import bound
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.signature import parse_signature
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Function

_SIGNATURE = parse_signature("<(oa):o>")


class Transform(Function):
    """A transformation, with the frame in which it was written."""

    __slots__ = ("codes", "frame", "positions")

    def __init__(self, codes: tuple[Code, Code, Code | None], positions: tuple[int, int], frame: Frame) -> None:
        self.codes = codes
        self.positions = positions
        self.frame = frame

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        """Return a copy of the argument, changed where the pattern leads to."""
        (value,) = _SIGNATURE.arguments(arguments, context)
        if value is UNDEFINED:
            return UNDEFINED
        clone = bound("clone")(None, self.frame, run)
        if not isinstance(clone, Function):
            raise JsonataError("T2013")
        result = call(run, clone, [value], None)
        own: set[int] = set()
        _collect(result, own, run)
        pattern, update, delete = self.codes
        matches = pattern(result, self.frame, run)
        run.made = 2
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
def transform(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile a transformation."""
    codes = (
        compiler.code(node.left, depth + 1),
        compiler.code(node.right, depth + 1),
        compiler.code(node.third, depth + 1) if node.third is not None else None,
    )
    positions = (node.right.position, node.third.position if node.third is not None else 0)

    def close(_value: Any, frame: Frame, _run: Run) -> Any:
        return Transform(codes, positions, frame)

    return close
