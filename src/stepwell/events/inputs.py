"""What a target is given of an event: all of it, a part, a constant, or a template that is filled in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell.events.errors import InvalidTransformer
from stepwell.language.document import to_text
from stepwell.language.evaluation import PathError
from stepwell.language.jsonpath import Path, PathSyntaxError, compile_path

MAX_PATHS = 100
MAX_TEMPLATE = 8_192

_RESERVED = re.compile(r"aws\.", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLACE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event, and the rule that it matched."""

    event: dict[str, Any]
    rule_arn: str
    rule_name: str
    received: str
    """When the event came, as a timestamp."""


MakeInput = Callable[[Occasion], str]


def input_of(target: Mapping[str, Any]) -> MakeInput:
    """Return what makes the text that a target is given, by its Input, InputPath or InputTransformer.

    Raise `InvalidTransformer`.
    """
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name) is not None]
    if len(given) > 1:
        raise InvalidTransformer("Only one of Input, InputPath, or InputTransformer must be provided for target")
    if not given:
        return lambda occasion: to_text(occasion.event)
    value = target[given[0]]
    if given == ["Input"]:
        return lambda _: value
    if given == ["InputPath"]:
        path = _path(value)
        return lambda occasion: to_text(_null_if_missing(_found(path, occasion.event)))
    return _transformer(value.get("InputPathsMap") or {}, value["InputTemplate"])


def _transformer(paths: Mapping[str, str], template: str) -> MakeInput:
    """Return what fills in a template.

    A place that stands within a text gets what it stands for as text, any other its JSON; of what an event hasn't got
    the first gets nothing, and the other null.
    """
    if len(paths) > MAX_PATHS:
        raise InvalidTransformer(f"InputPathsMap has more than {MAX_PATHS} paths")
    if len(template) > MAX_TEMPLATE:
        raise InvalidTransformer(f"InputTemplate is longer than {MAX_TEMPLATE} characters")
    for name in paths:
        if _RESERVED.match(name) or not _NAME.fullmatch(name):
            raise InvalidTransformer(f"InputPathsMap has an invalid key: {name}")
    compiled = {name: _path(text) for name, text in paths.items()}
    pieces = list(_pieces(template, {*paths, *_FACTS}))
    for piece in pieces:
        if isinstance(piece, _Unknown):
            raise InvalidTransformer(f"Invalid InputTemplate for target: {piece.name} is not in InputPathsMap")

    def fill_in(occasion: Occasion) -> str:
        filled = []
        for piece in pieces:
            if isinstance(piece, str):
                filled.append(piece)
            elif isinstance(piece, _Place):
                path = compiled.get(piece.name)
                value = _FACTS[piece.name](occasion) if path is None else _found(path, occasion.event)
                filled.append(_within_text(value) if piece.within_text else to_text(_null_if_missing(value)))
        return "".join(filled)

    return fill_in


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a template is filled in, with what, and whether that is between quotation marks."""

    name: str
    within_text: bool


@dataclass(frozen=True, slots=True)
class _Unknown:
    """What looks like a place that nothing is known of."""

    name: str


_FACTS: dict[str, Callable[[Occasion], Any]] = {
    "aws.events.rule-arn": lambda occasion: occasion.rule_arn,
    "aws.events.rule-name": lambda occasion: occasion.rule_name,
    "aws.events.event.ingestion-time": lambda occasion: occasion.received,
    "aws.events.event": lambda occasion: {
        name: value for name, value in occasion.event.items() if name not in {"detail", "detail-type"}
    },
    "aws.events.event.json": lambda occasion: occasion.event,
}


def _pieces(template: str, known: set[str]) -> Iterator[str | _Place | _Unknown]:
    at, within_text = 0, False
    for match in _PLACE.finditer(template):
        before = template[at : match.start()]
        within_text = _toggled(before, within_text)
        yield before
        yield _Place(match[1], within_text) if match[1] in known else _Unknown(match[1])
        at = match.end()
    yield template[at:]


def _toggled(text: str, within: bool) -> bool:
    """Return whether one is within a text of JSON behind this, where one was (or was not) before."""
    quotes = len(re.findall(r'(?<!\\)(?:\\\\)*"', text))
    return within ^ bool(quotes % 2)


def _within_text(value: Any) -> str:
    if value is _NOTHING:
        return ""
    text = value if isinstance(value, str) else to_text(value)
    return to_text(text)[1:-1]


def _null_if_missing(value: Any) -> Any:
    return None if value is _NOTHING else value


def _found(path: Path, event: Any) -> Any:
    try:
        return path.find(event)
    except PathError:
        return _NOTHING


def _path(text: str) -> Path:
    try:
        path = compile_path(text)
    except PathSyntaxError as error:
        raise InvalidTransformer(f"Invalid JSON path {text}: {error}") from None
    if path.root != "$":
        raise InvalidTransformer(f"Invalid JSON path {text}: it must begin with $")
    return path
