"""What a check of a definition carries with it: where it is, and what it has found."""

from typing import NamedTuple

from stepwell.language.diagnostics import ERROR, SCHEMA_VALIDATION_FAILED, Diagnostic, Pointer, location
from stepwell.language.grammar import JSONPATH
from stepwell.language.source import Position, Source

MAX_DIAGNOSTICS = 1_000
"""Problems that one definition is told of."""

_NONE: frozenset[str] = frozenset()


class Place(NamedTuple):
    """What holds for a part of a definition because of what it stands in."""

    language: str = JSONPATH
    """The query language of the state around it."""
    express: bool = False
    depth: int = 0
    """Machines around it: branches and item processors."""
    outer: frozenset[str] = _NONE
    """Variables that the scopes around this one assign."""
    leaving: frozenset[str] = _NONE
    """Variables that only the states around this one assign, on their way out, when its scope is no more."""
    assigned: frozenset[str] = _NONE
    """Variables that the states of this scope assign."""
    own: frozenset[str] = _NONE
    """Those of them that this state alone assigns."""
    structure: str = ""
    """The name of the object in the grammar: a state's type, Catcher, Rule."""


class Walk:
    """One check of one definition."""

    def __init__(self, source: Source, language: str) -> None:
        self.source = source
        self.language = language
        self.diagnostics: list[Diagnostic] = []
        self.state_names: set[str] = set()
        self.labels: set[str] = set()

    def report(
        self,
        pointer: Pointer | None,
        message: str,
        code: str = SCHEMA_VALIDATION_FAILED,
        *,
        key: str | None = None,
        severity: str = ERROR,
        shown: Position | None = None,
    ) -> None:
        """Note a problem at a place. `key`: the member of it to show to a person, whose key is what is wrong.

        `shown`: where to look instead, when that is known better.
        """
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            return
        place = pointer or ()
        where = shown
        if where is None:
            where = self.source.position((*place, key), key=True) if key is not None else self.source.position(place)
        text = None if pointer is None else location(pointer)
        self.diagnostics.append(Diagnostic(severity, code, message, text, where.line, where.column))
