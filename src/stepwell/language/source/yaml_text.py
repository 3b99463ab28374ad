"""Reading YAML as far as it says the same as JSON, with the offset of every key and value.

The rules are those of YAML 1.2's core schema: only `true` and `false` are booleans, dates stay text, and so do numbers
with leading zeros (an account's id is no number). What goes beyond plain data is refused: tags such as `!Sub`, more
than one document, and aliases that would unfold without end.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from stepwell.language.source.json_text import MAX_DEPTH, MAX_NUMBER, Mark

MAX_NODES = 200_000
"""Keys and values of one text, each alias counted with all that it stands for."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)").fullmatch
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?").fullmatch
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset({None, "!"} | {_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq")})


class YamlProblem(ValueError):
    """A text that is not YAML, or not plain data."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class _Reader:
    """Reads the events of one text; the depth is bounded, so it may call itself."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.duplicates: list[tuple[str, int]] = []
        self.anchors: dict[str, tuple[Any, Any, int] | None] = {}
        self.nodes = 0

    def node(self, event: Any, depth: int) -> tuple[Any, Any]:
        """Return the value that begins with an event, and its mark."""
        offset: int = event.start_mark.index
        self._count(1, offset)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), offset)
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.removeprefix(_TAG)
            raise YamlProblem(f"The tag '{tag}' is not supported: a definition holds plain data only", offset)
        if depth > MAX_DEPTH:
            raise YamlProblem(f"Nesting depth exceeds the maximum allowed ({MAX_DEPTH})", offset)
        before = self.nodes
        if event.anchor:
            self.anchors[event.anchor] = None
        value, mark = self._content(event, offset, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, mark, self.nodes - before)
        return value, mark

    def _content(self, event: Any, offset: int, depth: int) -> tuple[Any, Any]:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, offset), offset
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(offset, depth)
        return self._mapping(offset, depth)

    def _sequence(self, offset: int, depth: int) -> tuple[list[Any], Mark]:
        values: list[Any] = []
        marks: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value, mark = self.node(event, depth + 1)
            values.append(value)
            marks.append(mark)
        return values, Mark(offset, marks)

    def _mapping(self, offset: int, depth: int) -> tuple[dict[str, Any], Mark]:
        values: dict[str, Any] = {}
        marks: dict[str, tuple[int, Any]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at: int = event.start_mark.index
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlProblem("A key must be text", at)
            self._count(1, at)
            name = event.value
            if name in values:
                self.duplicates.append((name, at))
            values[name], mark = self.node(next(self.events), depth + 1)
            marks[name] = (at, mark)
        return values, Mark(offset, marks)

    def _alias(self, anchor: str, offset: int) -> tuple[Any, Any]:
        if anchor not in self.anchors:
            raise YamlProblem(f"The alias '*{anchor}' has no anchor before it", offset)
        known = self.anchors[anchor]
        if known is None:
            raise YamlProblem(f"The alias '*{anchor}' stands within what it stands for", offset)
        value, mark, nodes = known
        self._count(nodes, offset)
        return value, mark

    def _count(self, nodes: int, offset: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise YamlProblem(f"The text unfolds to more than {MAX_NODES} keys and values", offset)


def _scalar(event: Any, offset: int) -> Any:
    text: str = event.value
    plain = event.tag != f"{_TAG}str" and (event.implicit[0] or event.tag is not None)
    if not plain or event.tag == "!":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_NUMBER and _FLOAT(text):
        raise YamlProblem(f"Number value length ({len(text)}) exceeds the maximum allowed ({MAX_NUMBER})", offset)
    if _INTEGER(text):
        return int(text)
    if _FLOAT(text):
        value = float(text)
        if value in {float("inf"), float("-inf")}:
            raise YamlProblem(f"Numeric value ({text}) out of range of double", offset)
        return value
    return text


def read_yaml(text: str) -> tuple[Any, Any, list[tuple[str, int]]]:
    """Return the value, its mark and the doubled names of a YAML text; raise `YamlProblem` where it can't be read."""
    events = yaml.parse(text, Loader=_Loader)
    try:
        next(events), next(events)  # the stream's and the document's start
        reader = _Reader(events)
        value, mark = reader.node(next(events), 0)
        next(events)
        following: Any = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise YamlProblem("There must be one document only", following.start_mark.index)
    except StopIteration:
        raise YamlProblem("The text is empty", 0) from None
    except yaml.MarkedYAMLError as problem:
        place = problem.problem_mark or problem.context_mark
        message = " ".join(part for part in (problem.context, problem.problem) if part)
        raise YamlProblem(message, getattr(place, "index", 0)) from None
    except yaml.YAMLError as problem:  # a character that YAML does not know
        raise YamlProblem(str(problem).partition("\n")[0], getattr(problem, "position", 0) or 0) from None
    except UnicodeEncodeError as problem:
        raise YamlProblem("Half of a character (a surrogate) stands alone", problem.start) from None
    return value, mark, reader.duplicates
