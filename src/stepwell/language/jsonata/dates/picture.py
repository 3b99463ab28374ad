"""Pictures of dates and times, `[Y0001]-[M01]-[D01]`, taken apart."""

import re
from dataclasses import dataclass
from functools import lru_cache

from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.formatting.integers import IntegerFormat, integer_format

ISO = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
_DEFAULTS = {
    "Y": "1", "M": "1", "D": "1", "d": "1", "F": "n", "W": "1", "w": "1", "X": "1", "x": "1", "H": "1", "h": "1",
    "P": "n", "m": "01", "s": "01", "f": "1", "Z": "01:01", "z": "01:01", "C": "n", "E": "n",
}  # fmt: skip
_NUMERIC = "YMDdFWwXxHhmsf"
_INTEGER = re.compile(r"[+-]?\d{1,9}")
MAX_WIDTH = 1_000


@dataclass(slots=True)
class Part:
    """A literal text, or a component with how it is presented."""

    literal: str | None = None
    component: str = ""
    modifier: str | None = None
    names: str = ""
    integer: IntegerFormat | None = None
    most: int | None = None
    year_digits: int = -1


@lru_cache(maxsize=200)
def date_picture(picture: str) -> tuple[Part, ...]:
    """Return the parts of a picture."""
    parts: list[Part] = []
    start = at = 0
    while at < len(picture):
        if picture[at] != "[":
            at += 1
            continue
        _add_literal(parts, picture[start:at])
        if picture.startswith("[", at + 1):
            parts.append(Part("["))
            at += 2
            start = at
            continue
        end = picture.find("]", at)
        if end < 0:
            raise JsonataError("D3135")
        parts.append(_component("".join(picture[at + 1 : end].split()), parts))
        start = at = end + 1
    _add_literal(parts, picture[start:])
    return tuple(parts)


def _add_literal(parts: list[Part], text: str) -> None:
    if text:
        parts.append(Part(text.replace("]]", "]")))


def _component(marker: str, before: list[Part]) -> Part:
    part = Part(component=marker[:1])
    presentation, comma, widths = marker[1:].rpartition(",") if "," in marker[1:] else (marker[1:], "", "")
    least: int | None = None
    if comma:
        low, dash, high = widths.partition("-")
        least, part.most = _width(low), _width(high) if dash else None
    if len(presentation) > 1 and presentation[-1] in "atco":
        part.modifier = presentation[-1]
        presentation = presentation[:-1]
    presentation = presentation or _DEFAULTS.get(part.component, "")
    if not presentation:
        raise JsonataError("D3132", part.component)
    if presentation[0] in "nN":
        part.names = "lower" if presentation[0] == "n" else "title" if presentation[1:2] == "n" else "upper"
    elif part.component in _NUMERIC:
        _numeric(part, presentation, least)
        if before and before[-1].integer is not None:
            # Digits that follow digits can only be told apart by their number.
            before[-1].integer.parse_width = before[-1].integer.mandatory
    if part.component in "Zz":
        part.integer = integer_format(presentation)
    return part


def _numeric(part: Part, presentation: str, least: int | None) -> None:
    integer = integer_format(presentation + (f";{part.modifier}" if part.modifier else ""))
    part.integer = integer
    if least is not None:
        integer.mandatory = max(integer.mandatory, least)
    if part.component == "Y":
        if part.most is not None:
            part.year_digits = integer.mandatory = part.most
        elif integer.mandatory + integer.optional >= 2:
            part.year_digits = integer.mandatory + integer.optional


def _width(text: str) -> int | None:
    found = _INTEGER.match(text)
    return min(int(found[0]), MAX_WIDTH) if found else None
