"""Reading JSON strictly, with the offset of every key and value.

A value's mark says where it is: the offset itself for a plain value, else a `Mark` with those of its members. The
reader refuses what RFC 8259 refuses, and what no other part could carry: halves of characters, numbers beyond a double
and beyond reason, nesting beyond reason.
"""

import json
import math
import re
from typing import Any, NamedTuple

import msgspec

from stepwell.language.document import decode
from stepwell.language.source import jackson
from stepwell.language.source.jackson import JsonProblem

MAX_DEPTH = 200
"""Arrays and objects within each other."""
MAX_NUMBER = 1_000
"""Characters of one number."""

_blank = re.compile(r"[ \t\r\n]*").match
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?").match
_half = re.compile("[\ud800-\udfff]").search
_string = json.decoder.scanstring  # type: ignore[attr-defined]
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_NUMERIC = frozenset("-0123456789")
_AFTER_NUMBER = frozenset("0123456789.eE")


class Mark(NamedTuple):
    """Where an object or an array begins, and the marks of its members: by key (with the key's offset) or in order."""

    offset: int
    members: dict[str, tuple[int, Any]] | list[Any]


class Reader:
    """Reads one text. After `read`, `duplicates` has the names that stand twice in an object, with their offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self.duplicates: list[tuple[str, int]] = []
        self._may_have_halves = "\\ud" in text.lower() or _half(text) is not None

    def read(self) -> tuple[Any, Any]:
        """Return the value of the whole text and its mark; raise `JsonProblem` where it is not JSON."""
        text = self.text
        at = self._skip(0)
        if at == len(text):
            raise JsonProblem("No content to map due to end-of-input", at, at)
        if text[at] in "}]":
            jackson.mismatched(text, at, "]" if text[at] == "}" else "}", "root", -1)
        value, mark = self._value(at, 0, in_array=False)
        if text[self.end : self.end + 1].strip() and isinstance(value, (int, float)) and not isinstance(value, bool):
            jackson.unexpected(text, self.end, "Expected space separating root-level values")
        at = self._skip(self.end)
        if at < len(text):
            if text[at].isalpha():
                jackson.odd_value(text, at, in_array=False)
            jackson.unexpected(text, at, "was expecting the end of the text behind its one value")
        return value, mark

    def _skip(self, at: int) -> int:
        found = _blank(self.text, at)
        return found.end() if found else at

    def _value(self, at: int, depth: int, *, in_array: bool) -> tuple[Any, Any]:
        """Return the value that begins at an offset, and its mark; leave the offset behind it in `end`."""
        text = self.text
        char = text[at]
        if char == '"':
            return self._text(at, name=False), at
        if char == "{":
            return self._object(at, depth)
        if char == "[":
            return self._array(at, depth)
        if char in _NUMERIC:
            return self._numeral(at), at
        word, value = _WORDS.get(char, ("", None))
        if not word or not text.startswith(word, at) or text[at + len(word) : at + len(word) + 1].isalnum():
            jackson.odd_value(text, at, in_array=in_array)
        self.end = at + len(word)
        return value, at

    def _text(self, at: int, *, name: bool) -> str:
        value: str
        try:
            value, self.end = _string(self.text, at + 1, True)
        except json.JSONDecodeError:
            jackson.odd_string(self.text, at, name=name)
        if self._may_have_halves and _half(value):
            raise JsonProblem(
                "Incomplete surrogate pair: a character's second half or first half is missing", at, self.end
            )
        return value

    def _numeral(self, at: int) -> int | float:
        text = self.text
        found = _number(text, at)
        end = found.end() if found else at
        if found is None or text[end : end + 1] in _AFTER_NUMBER:
            jackson.odd_number(text, at, end)
        self.end = end
        if end - at > MAX_NUMBER:
            bound = f"Number value length ({end - at}) exceeds the maximum allowed ({MAX_NUMBER})"
            raise JsonProblem(bound, at, end)
        if found.lastindex is None:
            return int(text[at:end])
        value = float(text[at:end])
        if math.isinf(value):
            raise JsonProblem(f"Numeric value ({text[at:end]}) out of range of double", at, end)
        return value

    def _first(self, start: int, depth: int, kind: str, closing: str) -> int | None:
        """Step over an opening mark and return the offset of the first member; None where there is none."""
        if depth >= MAX_DEPTH:
            raise JsonProblem(f"Document nesting depth ({depth + 1}) exceeds the maximum allowed ({MAX_DEPTH})", start)
        at = self._skip(start + 1)
        return None if self._closed(at, start, kind, closing) else at

    def _next(self, start: int, kind: str, closing: str) -> int | None:
        """Step over the comma behind a member and return the offset of the next one; None behind the last."""
        at = self._skip(self.end)
        if self._closed(at, start, kind, closing):
            return None
        if self.text[at] != ",":
            jackson.unexpected(self.text, at, f"was expecting comma to separate {kind} entries")
        return self._within(at + 1, kind)

    def _closed(self, at: int, start: int, kind: str, closing: str) -> bool:
        char = self.text[at : at + 1]
        if char == closing:
            self.end = at + 1
            return True
        if not char:
            jackson.unclosed(self.text, start, kind)
        if char in "}]":
            jackson.mismatched(self.text, at, closing, kind, start)
        return False

    def _within(self, at: int, kind: str) -> int:
        at = self._skip(at)
        if at == len(self.text):
            jackson.ended(self.text, f" within/between {kind} entries")
        return at

    def _array(self, start: int, depth: int) -> tuple[list[Any], Mark]:
        values: list[Any] = []
        marks: list[Any] = []
        at = self._first(start, depth, "Array", "]")
        while at is not None:
            value, mark = self._value(at, depth + 1, in_array=True)
            values.append(value)
            marks.append(mark)
            at = self._next(start, "Array", "]")
        return values, Mark(start, marks)

    def _object(self, start: int, depth: int) -> tuple[dict[str, Any], Mark]:
        text = self.text
        values: dict[str, Any] = {}
        marks: dict[str, tuple[int, Any]] = {}
        at = self._first(start, depth, "Object", "}")
        while at is not None:
            if text[at] != '"':
                jackson.unexpected(text, at, "was expecting double-quote to start field name")
            name = self._text(at, name=True)
            if name in values:
                self.duplicates.append((name, at))
            colon = self._within(self.end, "Object")
            if text[colon] != ":":
                jackson.unexpected(text, colon, "was expecting a colon to separate field name and value")
            values[name], mark = self._value(self._within(colon + 1, "Object"), depth + 1, in_array=False)
            marks[name] = (at, mark)
            at = self._next(start, "Object", "}")
        return values, Mark(start, marks)


def json_problem(text: str) -> str | None:
    """Return None for JSON, else what Jackson says about the text, without the location."""
    try:
        decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as refusal:
        try:
            Reader(text).read()
        except JsonProblem as problem:
            return problem.message
        return f"Not a JSON text that can be kept: {refusal}"
    return None
