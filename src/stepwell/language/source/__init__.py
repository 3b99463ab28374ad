"""The text of a definition: the value in it, what is wrong with its writing, and where each part stands.

A definition is JSON, as AWS has it, or YAML, as people write it. Both are read to the same plain values, with the place
of every key and value beside them, so that a problem found much later can still be shown where it was written. Nothing
here raises: a text that cannot be read has problems, and no value.

A text is taken for JSON where it begins like JSON, else for YAML; what turns out to be neither is refused in the words
of AWS, which knows JSON only.
"""

import json
import re
from bisect import bisect_right
from typing import Any, NamedTuple

from stepwell.language.diagnostics import ERROR, INVALID_JSON_DESCRIPTION, SCHEMA_VALIDATION_FAILED, Diagnostic, Pointer
from stepwell.language.source.jackson import JsonProblem, source_location
from stepwell.language.source.json_text import MAX_DEPTH, Mark, Reader, json_problem
from stepwell.language.source.yaml_text import YamlProblem, read_yaml

__all__ = ["MAX_DEFINITION", "MAX_DEPTH", "Position", "Source", "json_problem", "read"]

MAX_DEFINITION = 1_048_576
"""AWS's quota: characters of a definition."""

_JSON_STARTS = ("{", "[", '"')
_QUOTES = ('"', "'")
_YAML_LINE = re.compile(r"(?m)^(?:---|[A-Za-z\"'][\w \"'.-]*:(?:\s|$))")


class Position(NamedTuple):
    """A place in a text; both count from 1."""

    line: int
    column: int


class Source:
    """A definition's text, read. `value` is None where the text could not be read; then there are `problems`."""

    def __init__(self, text: str, form: str, value: Any = None, mark: Any = 0) -> None:
        self.text = text
        self.format = form
        self.value = value
        self.problems: list[Diagnostic] = []
        self._mark = mark
        self._lines: list[int] = []

    def position(self, pointer: Pointer, *, key: bool = False) -> Position:
        """Return where a value stands, or its key; for what is not there, where the nearest part around it stands."""
        mark, at = self._mark, _offset(self._mark)
        for step in pointer:
            members = mark.members if isinstance(mark, Mark) else None
            if isinstance(members, dict) and step in members:
                at, mark = members[str(step)]
            elif isinstance(members, list) and isinstance(step, int) and step < len(members):
                mark = members[step]
                at = _offset(mark)
            else:
                return self.place(_offset(mark))
        return self.place(at if key else _offset(mark))

    def within(self, pointer: Pointer, text: str, index: int) -> Position:
        """Return where a character of a text value stands, or where the text begins if escapes or folding hide it."""
        position = self.position(pointer)
        begin = self._lines[position.line - 1] + position.column - 1
        first = begin + 1 if self.text[begin : begin + 1] in _QUOTES else begin
        return self.place(first + index) if self.text.startswith(text[:index], first) else position

    def place(self, offset: int) -> Position:
        """Return the line and column of an offset."""
        if not self._lines:
            self._lines = [0, *(end.end() for end in re.finditer("\n", self.text))]
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def refuse(self, message: str, offset: int, location: str | None, code: str = INVALID_JSON_DESCRIPTION) -> None:
        """Note what is wrong at an offset."""
        line, column = self.place(offset)
        self.problems.append(Diagnostic(ERROR, code, message, location, line, column))


def _offset(mark: Any) -> int:
    return mark.offset if isinstance(mark, Mark) else int(mark)


def read(text: str) -> Source:
    """Return what a text says, and where; never raise."""
    if len(text) > MAX_DEFINITION:
        source = Source(text, "json")
        source.refuse(f"Definition must not exceed {MAX_DEFINITION} characters", 0, None, SCHEMA_VALIDATION_FAILED)
        return source
    begin = text.lstrip()
    if not begin:
        return _without_object(Source(text, "json"))
    source = _read_json(text) if begin.startswith(_JSON_STARTS) else _read_yaml(text)
    if not source.problems and not isinstance(source.value, dict):
        return _without_object(source)
    return source


def value_of(text: str) -> Any:
    """Return what a text says that was read before without a problem: for its value alone there is a faster way."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # YAML
        return read(text).value


def _without_object(source: Source) -> Source:
    source.value = None
    source.refuse("Definition must be a valid JSON object", 0, None, SCHEMA_VALIDATION_FAILED)
    return source


def _read_json(text: str) -> Source:
    reader = Reader(text)
    try:
        source = Source(text, "json", *reader.read())
    except JsonProblem as problem:
        source = Source(text, "json")
        where = source_location(text, problem.read)
        source.refuse(f"{problem.message}\n at {where}", problem.offset, where)
    for name, offset in reader.duplicates:
        where = source_location(text, offset)
        source.refuse(f"Duplicate field '{name}'\n at {where}", offset, where)
    return source


def _read_yaml(text: str) -> Source:
    try:
        value, mark, duplicates = read_yaml(text)
    except YamlProblem as problem:
        if not _YAML_LINE.search(text):
            return _read_json(text)
        source = Source(text, "yaml")
        duplicates = []
        _refuse_yaml(source, problem.message, problem.offset)
    else:
        if not isinstance(value, dict):
            return _read_json(text)
        source = Source(text, "yaml", value, mark)
    for name, offset in duplicates:
        _refuse_yaml(source, f"Duplicate field '{name}'", offset)
    return source


def _refuse_yaml(source: Source, message: str, offset: int) -> None:
    line, column = source.place(offset)
    source.refuse(message, offset, f"[Source: (YAML); line: {line}, column: {column}]")
