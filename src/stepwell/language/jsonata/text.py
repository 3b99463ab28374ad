"""From a value to its text: `$string`, and what `&` makes of what is no string. Numbers are as in ECMAScript."""

import json
from math import inf, isfinite, isnan
from typing import Any

import msgspec

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.values import EXACT, UNDEFINED, Function, number

_encode = msgspec.json.Encoder().encode
PRECISION = 15


def _quote(text: str) -> str:
    try:
        return _encode(text).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8: it is escaped.
        return json.dumps(text)


def number_text(value: float) -> str:
    """Return a number's shortest text, as ECMAScript writes it."""
    value = number(value)
    if type(value) is int:
        return str(value)
    if not isfinite(value):
        return "NaN" if isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    digits = digits.removesuffix(".0")
    if -7 < power < 0:
        whole, _, fraction = digits.partition(".")
        return f"{sign}0.{'0' * (-power - 1)}{whole}{fraction}"
    return f"{sign}{digits}e{'+' if power > 0 else '-'}{abs(power)}"


def rounded(value: float) -> float:
    """Return a number with the 15 significant digits that the text of a value has."""
    if type(value) is int and -EXACT < value < EXACT and -(10**PRECISION) < value < 10**PRECISION:
        return value
    return number(float(f"{float(value):.{PRECISION - 1}e}"))


def to_string(value: Any, run: Run, pretty: bool = False) -> str:
    """Return the text of a value: a string as it is, anything else as JSON with rounded numbers."""
    if type(value) is str:
        return value
    if isinstance(value, Function):
        return ""
    if type(value) in {int, float} and not isfinite(value):
        raise JsonataError("D3001", value)
    parts: list[str] = []
    _write(value, parts, run, "\n" if pretty else None)
    text = "".join(parts)
    run.reserve_text(len(text))
    return text


def _write(value: Any, parts: list[str], run: Run, line: str | None) -> None:
    kind = type(value)
    if kind is str:
        run.spend(len(value) // 64)
        parts.append(_quote(value))
    elif kind is bool:
        parts.append("true" if value else "false")
    elif value is None or value is UNDEFINED:
        parts.append("null")
    elif kind is int or kind is float:
        if value in {inf, -inf}:
            raise JsonataError("D1001", value)
        parts.append(number_text(rounded(value)) if isfinite(value) else "null")
    elif isinstance(value, Function):
        parts.append('""')
    else:
        run.spend(3 + 2 * len(value))
        _write_members(value, parts, run, line)


def _write_members(value: Any, parts: list[str], run: Run, line: str | None) -> None:
    opens, closes = "{}" if isinstance(value, dict) else "[]"
    if not value:
        parts.append(opens + closes)
        return
    inner = None if line is None else line + "  "
    parts.append(opens)
    members: Any = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    first = True
    for key, item in members:
        if not first:
            parts.append(",")
        first = False
        if inner is not None:
            parts.append(inner)
        if key is not None:
            parts.append(_quote(key) + (": " if inner is not None else ":"))
        _write(item, parts, run, inner)
    if line is not None:
        parts.append(line)
    parts.append(closes)
