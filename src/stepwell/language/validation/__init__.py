"""Everything that is wrong with a definition, found at once and shown where it was written.

The tables of `stepwell.language.grammar` say what a definition may look like; `structures` walks a definition along
them, `values` and `data` check what stands in the fields, `rules` what fields mean to each other, and `transitions` the
ways between the states. Where AWS's words for a problem are known, they are used; for the rest there are words in the
same style. Nothing is refused that AWS is known to accept: what is only suspicious is a warning.
"""

from dataclasses import dataclass
from typing import Any

from stepwell.language.diagnostics import ERROR, WARNING, Diagnostic
from stepwell.language.grammar import JSONATA, JSONPATH
from stepwell.language.source import Source, read
from stepwell.language.validation.structures import state, structure
from stepwell.language.validation.walk import Place, Walk

__all__ = ["Diagnosis", "diagnose", "diagnose_state"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A definition's value (None where its text could not be read), its source, and all that was found."""

    value: Any
    source: Source
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> list[Diagnostic]:
        """Return what keeps the definition from being used."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity == ERROR]

    @property
    def warnings(self) -> list[Diagnostic]:
        """Return what is suspicious, but allowed."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity == WARNING]


def diagnose(text: str, kind: str = "STANDARD") -> Diagnosis:
    """Return what is wrong with the definition of a state machine of a type: "STANDARD" or "EXPRESS"."""
    source = read(text)
    return _diagnosis(source, kind, whole=True)


def diagnose_state(text: str, kind: str = "STANDARD") -> Diagnosis:
    """Return what is wrong with the definition of a single state; where it leads to is not asked."""
    return _diagnosis(read(text), kind, whole=False)


def _diagnosis(source: Source, kind: str, *, whole: bool) -> Diagnosis:
    value = source.value
    if value is None:
        return Diagnosis(None, source, tuple(source.problems))
    language = JSONATA if value.get("QueryLanguage") == JSONATA else JSONPATH
    walk = Walk(source, language)
    place = Place(language, express=kind == "EXPRESS")
    if whole:
        structure(walk, "Machine", value, (), place)
    else:
        state(walk, value, (), place)
    return Diagnosis(value, source, (*source.problems, *walk.diagnostics))
