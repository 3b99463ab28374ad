"""From text to milliseconds: `$toMillis`, by ISO 8601 or by a picture."""

import re
from functools import lru_cache
from math import isfinite, nan
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.dates.calendar import DAY, DAYS, MAX_MILLIS, MONTHS, days_from, fragment, moment_of
from stepwell.language.jsonata.dates.picture import Part, date_picture
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.formatting.integers import IntegerFormat, parse_integer
from stepwell.language.jsonata.formatting.words import WORD_VALUES
from stepwell.language.jsonata.regex.matcher import Matcher
from stepwell.language.jsonata.regex.program import Program
from stepwell.language.jsonata.values import UNDEFINED

_ISO = re.compile(
    r"(\d{4})(?:-([01]\d))?(?:-([0-3]\d))?(?:T([0-2]\d):([0-5]\d):([0-5]\d)(?:\.(\d+))?)?"
    r"(?:Z|([+-])([0-2]\d):?([0-5]\d))?\Z"
)
_LOOSE = re.compile(r"\d{4}(-[01]\d)*(-[0-3]\d)*(T[0-2]\d:[0-5]\d:[0-5]\d)*(\.\d+)?([+-][0-2]\d:?[0-5]\d|Z)?\Z")
_SPECIAL = re.compile(r"[.*+?^${}()|\[\]\\]")
# Which components together make a date, or a time, as bits in the order of the letters.
_DATE_ORDER, _TIME_ORDER = "YXMxWwdD", "PHhmsf"
_DATES = {"YMD": 0b10100001, "Yd": 0b10000010, "Xxw": 0b01010100, "XW": 0b01001000}
_TIMES = {"Hmsf": 0b010111, "Phmsf": 0b101111}


def parse_iso(text: str) -> Any:
    """Return the milliseconds of an ISO 8601 time."""
    found = _ISO.match(text)
    if found is None:
        if not _LOOSE.match(text):
            raise JsonataError("D3110", text)
        return nan
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups()[:6])
    month, day, hour = month or (1 if month is None else 0), day or (1 if day is None else 0), hour or 0
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour <= 24) or (hour == 24 and (minute or second)):
        return nan
    millis = days_from(year or 0, month, day) * DAY + hour * 3_600_000
    millis += (minute or 0) * 60_000 + (second or 0) * 1000 + int((found[7] or "0").ljust(3, "0")[:3])
    if found[8]:
        offset = (int(found[9]) * 60 + int(found[10])) * 60_000
        millis -= offset if found[8] == "+" else -offset
    return millis


def parse_millis(text: str, picture: str, run: Run) -> Any:
    """Return the milliseconds of a time by a picture; nothing where the text is not of that form."""
    program, parts = _matcher(picture)
    match = Matcher(program, True, text, run).search(0)
    if match is None:
        return UNDEFINED
    found: dict[str, Any] = {}
    for part, piece in zip(parts, match.groups, strict=True):
        value = _value(part, piece or "")
        if value is not None:
            found[part.component] = value
        else:
            found.setdefault(part.component, None)
    if not found:
        return UNDEFINED
    return _millis(found, run)


@lru_cache(maxsize=100)
def _matcher(picture: str) -> tuple[Program, list[Part]]:
    parts = date_picture(picture)
    sources = [_SPECIAL.sub(r"\\\g<0>", p.literal) if p.literal is not None else f"({_source(p)})" for p in parts]
    return Program(f"^{''.join(sources)}$", "i"), [part for part in parts if part.literal is None]


def _source(part: Part) -> str:
    """Return the regular expression of a component."""
    integer = part.integer
    if part.component in "Zz":
        separator = rf"\{integer.separators[0][1]}[0-9]+" if integer is not None and integer.every else ""
        return ("GMT" if part.component == "z" else "") + "[-+][0-9]+" + separator
    if integer is None:
        if part.component not in "MxFP":
            raise JsonataError("D3133", part.component)
        return "[a-zA-Z]+"
    return _integer_source(integer)


def _integer_source(integer: IntegerFormat) -> str:
    if integer.style == "letters":
        return "[A-Z]+" if integer.upper else "[a-z]+"
    if integer.style == "roman":
        return "[MDCLXVI]+" if integer.upper else "[mdclxvi]+"
    if integer.style == "words":
        return f"(?:{'|'.join([*WORD_VALUES, 'and', '[-, ]'])})+"
    if integer.style == "sequence":
        raise JsonataError("D3130", integer.picture)
    source = f"[0-9]{{{integer.parse_width}}}" if integer.parse_width else "[0-9]+"
    return source + "(?:th|st|nd|rd)" if integer.ordinal else source


def _value(part: Part, text: str) -> Any:
    """Return what a piece of the text says for a component; None where it says nothing."""
    integer = part.integer
    if part.component in "Zz":
        return _offset(part, text)
    if integer is not None:
        return parse_integer(text, integer)
    if part.component == "P":
        return {"am": 0, "AM": 0, "pm": 1, "PM": 1}.get(text)
    names = MONTHS if part.component in "Mx" else DAYS[1:]
    shown = [name[: part.most] if part.most else name for name in names]
    return shown.index(text) + 1 if text in shown else None


def _offset(part: Part, text: str) -> int:
    """Return an offset from UTC in minutes."""
    text = text[3:] if part.component == "z" else text
    integer: Any = part.integer
    if integer.every:
        hours, _, minutes = text.partition(integer.separators[0][1])
    else:
        hours, minutes = (text, "") if len(text) <= 3 else (text[:3], text[3:])
    return int(hours) * 60 + int(minutes or 0)


def _form(found: dict[str, Any], order: str, forms: dict[str, int], default: str) -> str:
    """Return which set of components a text has given."""
    mask = 0
    for letter in order:
        mask = mask * 2 + bool(found.get(letter))
    return next((form for form, bits in forms.items() if mask & bits and not mask & ~bits), default)


def _millis(found: dict[str, Any], run: Run) -> Any:
    date = _form(found, _DATE_ORDER, _DATES, "YMD")
    time = _form(found, _TIME_ORDER, _TIMES, "Hmsf")
    wanted = {"YMD": "YMD", "Yd": "YD", "Xxw": "XxwF", "XW": "XWF"}[date]
    started = ended = False
    for letter in wanted + time:
        if found.get(letter) is None:
            if started:
                found[letter] = 1 if letter in "MDd" else 0
                ended = True
            else:
                found[letter] = fragment(run.now_ms, letter)
        else:
            started = True
            if ended:
                raise JsonataError("D3136")
    if not all(isfinite(value) for value in found.values() if value is not None):
        return nan
    result = _assembled(found, date, time)
    return result if abs(result) <= MAX_MILLIS else nan


def _assembled(found: dict[str, Any], date: str, time: str) -> Any:
    if date in {"Xxw", "XW"}:
        raise JsonataError("D3136")
    month, day = found.get("M") or 1, found.get("D") or 0
    if date == "Yd":
        moment = moment_of((days_from(int(found["Y"]), 1, 1) + int(found["d"]) - 1) * DAY)
        month, day = moment.month, moment.day
    hour = found["H"] if time == "Hmsf" else (found["h"] % 12 if found["h"] == 12 else found["h"]) + 12 * found["P"]
    year = int(found["Y"])
    year += 1900 if 0 <= year <= 99 else 0
    days = days_from(year, int(month), 1) + int(day) - 1
    minutes = int(hour) * 60 + int(found["m"]) - int(found.get("Z") or found.get("z") or 0)
    return days * DAY + minutes * 60_000 + int(found["s"]) * 1000 + int(found["f"])
