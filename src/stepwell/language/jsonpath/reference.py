"""Reference paths: the way to exactly one node, which may be written to."""

from typing import Any

from stepwell.language.evaluation import PathError

from .definite import compile_definite, index_problem, missing_property, object_problem
from .grammar import PathGrammar
from .syntax import Index, Name, PathSyntaxError

_RULE = "A reference path is '$' with '.name', ['name'] or [n] steps, which lead to a single node"


class ReferencePath:
    """A compiled reference path: `get(value)` reads its node, `put(value, new)` returns the value with a new node."""

    __slots__ = ("_steps", "get", "member", "text")

    def __init__(self, text: str, steps: tuple[Name | Index, ...]) -> None:
        self.text = text
        self._steps = steps
        self.get = compile_definite(text, steps)
        self.member = steps[0].name if len(steps) == 1 and isinstance(steps[0], Name) else None
        """The name in `$.name`, which nearly all of them are; else None."""

    def put(self, value: Any, new: Any) -> Any:
        """Return `value` with `new` at the path. Objects that are missing are made; `value` stays as it is."""
        copies: list[Any] = []
        current, path, missing = value, "$", False
        for at, step in enumerate(self._steps):
            if isinstance(step, Name):
                if not isinstance(current, dict):
                    raise PathError(self.text, object_problem(current, step, path))
                copies.append(current.copy())
                # What is missing on the way becomes an object, if the path goes on by a name.
                missing = step.name not in current
                current = current.get(step.name)
            else:
                problem = missing_property(path) if missing else index_problem(current, step.index, path)
                if problem:
                    raise PathError(self.text, problem)
                copies.append(current.copy())
                missing = False
                current = current[step.index]
            path += str(step)
            if missing and at + 1 < len(self._steps) and isinstance(self._steps[at + 1], Name):
                current = {}
        return self._linked(copies, new)

    def _linked(self, copies: list[Any], new: Any) -> Any:
        for step, copy in zip(reversed(self._steps), reversed(copies), strict=True):
            copy[step.name if isinstance(step, Name) else step.index] = new
            new = copy
        return new


def compile_reference_path(text: str) -> ReferencePath:
    """Return the reference path that `text` is, or raise `PathSyntaxError`."""
    grammar = PathGrammar(text)
    root, route = grammar.path()
    if grammar.at < len(text):
        grammar.fail("Unexpected text behind the path")
    if root != "$":
        raise PathSyntaxError(_RULE, 0)
    steps: list[Name | Index] = []
    for step in route.steps:
        if not isinstance(step, Name | Index):
            raise PathSyntaxError(_RULE, 0)
        steps.append(step)
    if route.call is not None:
        raise PathSyntaxError(_RULE, 0)
    return ReferencePath(text, tuple(steps))
