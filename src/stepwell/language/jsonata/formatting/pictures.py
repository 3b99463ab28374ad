"""Decimal pictures, `#,##0.00;(#)`: how XPath's format-number takes them apart, and what it refuses."""

import sys
from dataclasses import dataclass, replace
from functools import reduce
from math import gcd

from stepwell.language.jsonata.errors import JsonataError

DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}


class Symbols:
    """The characters that mean something in a picture."""

    def __init__(self, options: dict[str, str]) -> None:
        table = {**DEFAULTS, **options}
        self.decimal = table["decimal-separator"]
        self.grouping = table["grouping-separator"]
        self.exponent = table["exponent-separator"]
        self.minus = table["minus-sign"]
        self.percent = table["percent"]
        self.per_mille = table["per-mille"]
        self.zero = table["zero-digit"]
        self.digit = table["digit"]
        self.pattern = table["pattern-separator"]
        self.family = {chr(min(ord(self.zero[:1] or "0") + index, sys.maxunicode)) for index in range(10)}
        self.active = self.family | {self.decimal, self.exponent, self.grouping, self.digit, self.pattern}

    def digits(self, part: str) -> int:
        """Return how many mandatory digits a part has."""
        return sum(character in self.family for character in part)

    def places(self, part: str) -> int:
        """Return how many digits a part has, optional ones with them."""
        return sum(character in self.family or character == self.digit for character in part)


@dataclass(slots=True)
class Parts:
    """A sub-picture in its parts."""

    picture: str
    prefix: str
    suffix: str
    active: str
    mantissa: str
    exponent: str | None
    integer: str
    fraction: str


@dataclass(frozen=True, slots=True)
class DecimalPicture:
    """A sub-picture, analysed: what surrounds the number, how many digits it has, where separators stand."""

    picture: str
    prefix: str
    suffix: str
    integer_groups: tuple[int, ...]
    every: int
    fraction_groups: tuple[int, ...]
    scale: int
    least_integer: int
    least_fraction: int
    most_fraction: int
    least_exponent: int


def decimal_pictures(picture: str, symbols: Symbols) -> tuple[DecimalPicture, DecimalPicture]:
    """Return the pictures of numbers from zero on, and of those below."""
    subs = picture.split(symbols.pattern)
    if len(subs) > 2:
        raise JsonataError("D3080")
    parts = [_split(sub, symbols) for sub in subs]
    for part in parts:
        _validate(part, symbols)
    first, *rest = [_analyse(part, symbols) for part in parts]
    return first, rest[0] if rest else replace(first, prefix=symbols.minus + first.prefix)


def _split(sub: str, symbols: Symbols) -> Parts:
    anchors = [at for at, c in enumerate(sub) if c in symbols.active and c != symbols.exponent]
    start, end = (anchors[0], anchors[-1] + 1) if anchors else (len(sub), len(sub))
    if not anchors:
        prefix, suffix, active = "", "", sub
    else:
        prefix, suffix, active = sub[:start], sub[end:], sub[start:end]
    mantissa, exponent = active, None
    at = sub.find(symbols.exponent, len(prefix))
    if 0 <= at <= len(sub) - len(suffix):
        mantissa, exponent = active[:at], active[at + 1 :]
    integer, found, fraction = mantissa.partition(symbols.decimal)
    return Parts(sub, prefix, suffix, active, mantissa, exponent, integer, fraction if found else suffix)


def _validate(parts: Parts, symbols: Symbols) -> None:
    """Raise the error of a sub-picture; where there are several, the last one counts."""
    sub = parts.picture
    at = sub.find(symbols.decimal)
    optional = parts.integer.find(symbols.digit)
    last_optional = parts.fraction.rfind(symbols.digit)
    around = {sub[at - 1 : at], sub[at + 1 : at + 2]} if at >= 0 else set()
    scaled = symbols.percent in sub or symbols.per_mille in sub
    checks = [
        ("D3081", sub.count(symbols.decimal) > 1),
        ("D3082", sub.count(symbols.percent) > 1),
        ("D3083", sub.count(symbols.per_mille) > 1),
        ("D3084", symbols.percent in sub and symbols.per_mille in sub),
        ("D3085", symbols.places(parts.mantissa) == 0),
        ("D3086", any(character not in symbols.active for character in parts.active)),
        ("D3087", symbols.grouping in around),
        ("D3088", at < 0 and parts.integer.endswith(symbols.grouping)),
        ("D3089", symbols.grouping * 2 in sub),
        ("D3090", optional >= 0 and symbols.digits(parts.integer[:optional]) > 0),
        ("D3091", last_optional >= 0 and symbols.digits(parts.fraction[last_optional:]) > 0),
        ("D3092", bool(parts.exponent) and scaled),
        ("D3093", parts.exponent is not None and not _all_digits(parts.exponent, symbols)),
    ]
    failed = [code for code, fails in checks if fails]
    if failed:
        raise JsonataError(failed[-1])


def _all_digits(part: str, symbols: Symbols) -> bool:
    return bool(part) and symbols.digits(part) == len(part)


def _groups(part: str, symbols: Symbols, to_left: bool) -> tuple[int, ...]:
    """Return where the separators of a part stand: how many digits are on their right, or on their left."""
    found = [at for at, character in enumerate(part) if character == symbols.grouping]
    return tuple(symbols.places(part[:at] if to_left else part[at:]) for at in found)


def _analyse(parts: Parts, symbols: Symbols) -> DecimalPicture:
    integer_groups = _groups(parts.integer, symbols, False)
    least_integer = scale = symbols.digits(parts.integer)
    least_fraction, most_fraction = symbols.digits(parts.fraction), symbols.places(parts.fraction)
    exponential = parts.exponent is not None
    if least_integer == 0 and most_fraction == 0:
        if exponential:
            least_fraction = most_fraction = 1
        else:
            least_integer = 1
    if exponential and least_integer == 0 and symbols.digit in parts.integer:
        least_integer = 1
    if least_integer == 0 and least_fraction == 0:
        least_fraction = 1
    return DecimalPicture(
        parts.picture,
        parts.prefix,
        parts.suffix,
        integer_groups,
        _every(integer_groups),
        _groups(parts.fraction, symbols, True),
        scale,
        least_integer,
        least_fraction,
        most_fraction,
        symbols.digits(parts.exponent or ""),
    )


def _every(positions: tuple[int, ...]) -> int:
    if not positions:
        return 0
    distance = reduce(gcd, positions)
    return distance if all(index * distance in positions for index in range(1, len(positions) + 1)) else 0
