"""From milliseconds to text: `$fromMillis`, `$now`."""

import re
from typing import Any

from stepwell.language.jsonata.dates.calendar import DAYS, MONTHS, fragment
from stepwell.language.jsonata.dates.picture import ISO, Part, date_picture
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.formatting.integers import format_integer, integer_format
from stepwell.language.jsonata.values import UNDEFINED

_TWO_DIGITS = integer_format("00")
_OFFSET = re.compile(r"\s*([+-]?\d{1,6})")


def format_millis(millis: int, picture: Any, timezone: Any) -> str:
    """Return a time's text by a picture, in a timezone of the form `+0100`."""
    hours, minutes = 0, 0
    found = _OFFSET.match(timezone) if timezone is not UNDEFINED else None
    if found:
        offset = int(found[1])
        hours = offset // 100
        minutes = abs(offset) % 100 if offset >= 0 else -(abs(offset) % 100)
    local = millis + (60 * hours + minutes) * 60_000
    parts = date_picture(ISO if picture is UNDEFINED else picture)
    return "".join(
        part.literal if part.literal is not None else _component(local, part, hours, minutes) for part in parts
    )


def _component(local: int, part: Part, hours: int, minutes: int) -> str:
    component = part.component
    if component in "Zz":
        return _offset(part, hours, minutes)
    if component in "CE":
        return "ISO"
    value = fragment(local, component)
    if component == "P":
        text = "pm" if value else "am"
        return text.upper() if part.names == "upper" else text
    if part.integer is not None:
        if component == "Y" and part.year_digits != -1:
            value %= 10**part.year_digits
        return format_integer(value, part.integer)
    if component in "Mx":
        name = MONTHS[value - 1]
    elif component == "F":
        name = DAYS[value]
    else:
        raise JsonataError("D3133", component)
    name = name.upper() if part.names == "upper" else name.lower() if part.names == "lower" else name
    return name[: part.most] if part.most else name


def _offset(part: Part, hours: int, minutes: int) -> str:
    picture: Any = part.integer
    offset = hours * 100 + minutes
    if picture.every:
        text = format_integer(offset, picture)
    elif picture.mandatory in {1, 2}:
        text = format_integer(hours, picture)
        if minutes:
            text += ":" + format_integer(minutes, _TWO_DIGITS)
    elif picture.mandatory in {3, 4}:
        text = format_integer(offset, picture)
    else:
        raise JsonataError("D3134", picture.mandatory)
    if offset >= 0:
        text = "+" + text
    if part.component == "z":
        text = "GMT" + text
    return "Z" if offset == 0 and part.modifier == "t" else text
