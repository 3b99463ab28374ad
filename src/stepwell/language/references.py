"""What a definition refers to: the variables of each state, as AWS's descriptions of a state machine list them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell.language.grammar import JSONATA, JSONPATH, STRUCTURES, Shape, shapes
from stepwell.language.intrinsics import compile_intrinsic, looks_like_intrinsic
from stepwell.language.jsonata import JsonataSyntaxError, compile_jsonata
from stepwell.language.jsonpath import compile_path
from stepwell.language.queries import is_query, query_text
from stepwell.language.templates import compile_template

RESERVED = "states"
"""`$states` is no variable of the state machine."""

_NONE: frozenset[str] = frozenset()
_MACHINES = frozenset({"Branch", "ItemProcessor"})


@dataclass(frozen=True, slots=True)
class Uses:
    """What a definition makes use of."""

    variables: dict[str, list[str]]
    """The names of the variables that a state refers to, sorted, by the state's name; states without any are not in."""
    variables_or_jsonata: bool
    """Whether it assigns or reads any variable, or has a state in JSONata."""


def uses_of(definition: Mapping[str, Any]) -> Uses:
    """Return what a definition uses, which has been found to have no errors."""
    reader = _Reader(definition.get("QueryLanguage", JSONPATH))
    reader.machine(definition)
    return Uses(reader.found, reader.newer or bool(reader.found))


class _Reader:
    """Walks a definition along the grammar's tables. States of branches and iterations come under their own names."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.newer = language == JSONATA
        self.found: dict[str, list[str]] = {}

    def machine(self, value: Mapping[str, Any]) -> None:
        """Read the states of a state machine, a branch or an item processor."""
        for name, state in value["States"].items():
            language = state.get("QueryLanguage", self._language)
            self.newer = self.newer or language == JSONATA
            if variables := {*self._structure(state["Type"], state, language)} - {RESERVED}:
                self.found[name] = sorted(variables)

    def _structure(self, name: str, value: Mapping[str, Any], language: str) -> Iterator[str]:
        fields = STRUCTURES[name].fields
        for key, content in value.items():
            yield from self._value(fields[key].shape, content, language)

    def _value(self, shape: Shape, value: Any, language: str) -> Iterator[str]:
        match shape:
            case shapes.Path():
                yield from _of_path(value)
            case shapes.Variables():
                self.newer = True
                yield from _of_data(value, language)
            case shapes.Data() | shapes.Credentials():
                yield from _of_data(value, language)
            case (
                shapes.Text(expression=True)
                | shapes.Number(expression=True)
                | shapes.Flag(expression=True)
                | shapes.Timestamp()
            ) if language == JSONATA:
                yield from _of_queries(value)
            case shapes.ListOf():
                for item in value:
                    yield from self._value(shape.item, item, language)
            case shapes.Nested() if shape.structure in _MACHINES:
                self.machine(value)
            case shapes.Nested():
                yield from self._structure(shape.structure, value, language)


def _of_path(value: str | None) -> frozenset[str]:
    if value is None:
        return _NONE
    return compile_intrinsic(value).variables if looks_like_intrinsic(value) else compile_path(value).variables


def _of_data(value: Any, language: str) -> Iterator[str] | frozenset[str]:
    return _of_queries(value) if language == JSONATA else compile_template(value).variables


def _of_queries(value: Any) -> Iterator[str]:
    """Yield the variables of all expressions in JSON."""
    if is_query(value):
        try:
            yield from compile_jsonata(query_text(value)).variables
        except JsonataSyntaxError:  # a definition from before they were checked; its execution says so
            return
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _of_queries(item)
