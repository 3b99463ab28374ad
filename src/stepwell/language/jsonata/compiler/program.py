"""The source of one expression, while it is written, and what is in it beside text."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from stepwell.language.jsonata.compiler.natives import Natives
from stepwell.language.jsonata.compiler.scopes import Scopes
from stepwell.language.jsonata.compiler.vocabulary import VOCABULARY
from stepwell.language.jsonata.tree import Node

MAX_LITERAL = 80
MAX_LINES = 40_000
"""Python compiles so many in about half a second."""
_EXACT = 2**53


class TooLong(Exception):
    """An expression whose source would take too long to be compiled."""


class Name(str):
    """The name of a written function, or of a callable made of some, among the arguments of a callable."""

    __slots__ = ()


class Program:
    """The functions of one expression, its constants, and the callables that are made when it is built.

    `bound` are the names that something in it binds. `dynamic`: bindings of the caller hide built-in functions, so that
    none is taken for granted.
    """

    def __init__(self, tree: Node, bound: set[str], *, dynamic: bool = False) -> None:
        self.bound = bound
        self.natives = Natives(bound, dynamic=dynamic)
        self.scopes = Scopes(tree, self.natives)
        self.needs_run = True
        self.namespace: dict[str, Any] = {"__builtins__": VOCABULARY}
        self._functions: list[str] = []
        self._made: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = []
        self._constants: dict[int, str] = {}
        self._count = 0
        self.lines = 0

    def name(self, letter: str) -> str:
        """Return a new name."""
        self._count += 1
        return f"{letter}{self._count}"

    def literal(self, value: Any) -> str:
        """Return a constant as it stands in the source: a number or an escaped text, or else its name."""
        if value is None or value is True or value is False or (type(value) is int and -_EXACT <= value <= _EXACT):
            return repr(value)
        if type(value) is float and isfinite(value):
            return repr(value)
        if type(value) is str and len(value) <= MAX_LITERAL:
            return ascii(value)
        return self.constant(value)

    def constant(self, value: Any) -> str:
        """Return the name of a constant."""
        known = self._constants.get(id(value))
        if known is None:
            known = self._constants[id(value)] = self.name("k")
            self.namespace[known] = value
        return known

    def made(self, factory: Callable[..., Any], *arguments: Any) -> Name:
        """Return the name of what a factory will make; names among its arguments stand for what they name."""
        name = Name(self.name("m"))
        self._made.append((name, factory, arguments))
        return name

    def count_line(self) -> None:
        """Count a line; raise `TooLong` where there are too many."""
        self.lines += 1
        if self.lines > MAX_LINES:
            raise TooLong

    def write(self, header: str, lines: list[str]) -> None:
        """Write a function."""
        self._functions.append("\n    ".join([header, *lines]))

    @property
    def source(self) -> str:
        """All that was written."""
        return "\n\n".join(self._functions) + "\n"

    def build(self) -> Callable[..., Any]:
        """Return the function by the name of `expression`."""
        exec(compile(self.source, "<jsonata>", "exec"), self.namespace)  # noqa: S102 (no text of others is in it)
        for name, factory, arguments in self._made:
            self.namespace[name] = factory(*[self._named(argument) for argument in arguments])
        expression: Callable[..., Any] = self.namespace["expression"]
        return expression

    def _named(self, argument: Any) -> Any:
        if type(argument) is Name:
            return self.namespace[argument]
        if type(argument) is list:
            return [self._named(item) for item in argument]
        return tuple([self._named(item) for item in argument]) if type(argument) is tuple else argument
