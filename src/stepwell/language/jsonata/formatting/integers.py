"""Integers by pictures: `#,##0`, `001;o`, `A`, `i`, `Ww`."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from functools import reduce
from math import gcd, isfinite, nan
from typing import Any

from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.formatting.words import (
    from_letters,
    from_roman,
    from_words,
    to_letters,
    to_roman,
    to_words,
)
from stepwell.language.jsonata.text import number_text
from stepwell.language.jsonata.values import number

MAX_LETTERS = 100
_STYLES = {"A": "letters", "a": "letters", "I": "roman", "i": "roman", "W": "words", "w": "words", "Ww": "words"}
_ZEROS = (
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
)  # fmt: skip
_SUFFIXES = {"1": "st", "2": "nd", "3": "rd"}
_LEADING_INTEGER = re.compile(r"\s*([+-]?[0-9]+)")


@dataclass(slots=True)
class IntegerFormat:
    """A picture of integers, analysed. `every` is the distance of the separators where it is regular."""

    style: str
    picture: str
    ordinal: bool = False
    zero: int = 0x30
    mandatory: int = 0
    optional: int = 0
    every: int = 0
    separators: list[tuple[int, str]] = field(default_factory=list)
    parse_width: int = 0

    @property
    def title_case(self) -> bool:
        """Return whether words have capitals at their start only."""
        return self.picture == "Ww"

    @property
    def upper(self) -> bool:
        """Return whether letters are upper case."""
        return self.picture in {"A", "I", "W"}


def integer_format(picture: str) -> IntegerFormat:
    """Return a picture, analysed."""
    primary, _, modifier = picture.rpartition(";") if ";" in picture else (picture, "", "")
    ordinal = modifier.startswith("o")
    if primary in _STYLES:
        return IntegerFormat(_STYLES[primary], primary, ordinal)
    result = IntegerFormat("decimal", primary, ordinal)
    zero: int | None = None
    position = 0
    separators = []
    for character in reversed(primary):
        code = ord(character)
        group = next((start for start in _ZEROS if start <= code <= start + 9), None)
        if group is not None:
            result.mandatory += 1
            position += 1
            if zero is None:
                zero = group
            elif zero != group:
                raise JsonataError("D3131")
        elif character == "#":
            position += 1
            result.optional += 1
        else:
            separators.append((position, character))
    if zero is None:
        result.style = "sequence"
        return result
    result.zero = zero
    result.every = regular_distance(separators)
    result.separators = separators
    return result


def regular_distance(separators: list[tuple[int, str]]) -> int:
    """Return the distance of separators that stand at all its multiples, else 0."""
    if not separators or any(character != separators[0][1] for _, character in separators):
        return 0
    positions = [position for position, _ in separators]
    distance = reduce(gcd, positions)
    if all(index * distance in positions for index in range(1, len(positions) + 1)):
        return distance
    return 0


def format_integer(value: float, picture: IntegerFormat) -> str:
    """Return an integer's text by a picture."""
    if not isfinite(value):
        return number_text(value)
    # Beyond what a double holds exactly, the digits are those that the number is written with.
    integer = abs(int(Decimal(repr(value)).to_integral_value(ROUND_FLOOR)))
    sign = "-" if value < 0 else ""
    if picture.style == "decimal":
        return sign + _decimal(integer, picture)
    if picture.style == "letters":
        return sign + to_letters(integer, picture.picture)
    if picture.style == "roman":
        text = to_roman(integer)
        return sign + (text.upper() if picture.upper else text)
    if picture.style == "words":
        text = to_words(integer, picture.ordinal)
        return sign + (text if picture.title_case else text.upper() if picture.upper else text.lower())
    raise JsonataError("D3130", picture.picture)


def _decimal(integer: int, picture: IntegerFormat) -> str:
    text = number_text(integer).rjust(picture.mandatory, "0")
    if picture.zero != 0x30:
        text = "".join(chr(ord(digit) - 0x30 + picture.zero) for digit in text)
    if picture.every:
        separator = picture.separators[0][1]
        for index in range((len(text) - 1) // picture.every, 0, -1):
            at = len(text) - index * picture.every
            text = text[:at] + separator + text[at:]
            # The ones still to come are nearer to the end, which has stayed where it was.
    else:
        for position, separator in reversed(picture.separators):
            at = len(text) - position
            text = text[: max(at, 0)] + separator + text[at:]
    if picture.ordinal:
        suffix = _SUFFIXES.get(text[-1:])
        if suffix is None or (len(text) > 1 and text[-2] == "1"):
            suffix = "th"
        text += suffix
    return text


def parse_integer(text: str, picture: IntegerFormat) -> Any:
    """Return the integer that a text means by a picture."""
    if picture.style == "decimal":
        return _parse_decimal(text, picture)
    if picture.style == "letters":
        return number(from_letters(text[:MAX_LETTERS], picture.picture))
    if picture.style == "roman":
        return number(from_roman(text if picture.upper else text.upper()))
    if picture.style == "words":
        return number(from_words(text.lower()))
    raise JsonataError("D3130", picture.picture)


def _parse_decimal(text: str, picture: IntegerFormat) -> Any:
    digits = text[:-2] if picture.ordinal else text
    separators = {","} if picture.every else {character for _, character in picture.separators}
    for separator in separators:
        digits = digits.replace(separator, "")
    if picture.zero != 0x30:
        shifted = (ord(character) - picture.zero + 0x30 for character in digits)
        digits = "".join(chr(code) if code >= 0 else "?" for code in shifted)
    found = _LEADING_INTEGER.match(digits[:4_000])
    return number(float(found[1])) if found else nan
