"""Timestamps as the language writes them: RFC 3339 with an upper-case T, and Z or an offset.

They are compared as instants: nanoseconds since the epoch, an integer, so that nothing of a fraction is lost.
"""

import re
from datetime import date
from functools import lru_cache

MAX_OFFSET_HOURS = 18

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_SECONDS = 86_400
_SECOND = 1_000_000_000


def parse_timestamp(text: str) -> int | None:
    """Return the nanoseconds since the epoch that a timestamp stands for, or None where the text is no timestamp."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hour, offset_minute = match.groups()
    if hour > "23" or minute > "59" or second > "59":
        return None
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    seconds = days * _DAY_SECONDS + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        offset = int(offset_hour) * 3600 + int(offset_minute) * 60
        if offset_minute > "59" or offset > MAX_OFFSET_HOURS * 3600:
            return None
        seconds -= offset if sign == "+" else -offset
    return seconds * _SECOND + (int(fraction.ljust(9, "0")) if fraction else 0)


def is_timestamp(text: str) -> bool:
    """Return whether the text is a timestamp."""
    return parse_timestamp(text) is not None


@lru_cache(maxsize=64)
def format_milliseconds(ms: int) -> str:
    """Return the timestamp of a number of milliseconds since the epoch, in UTC: `2026-11-22T10:00:00.000Z`."""
    minutes, ms = divmod(ms, 60_000)
    return f"{_minute(minutes)}{ms // 1000:02}.{ms % 1000:03}Z"


@lru_cache(maxsize=64)
def _minute(minutes: int) -> str:
    days, minutes = divmod(minutes, 24 * 60)
    return f"{date.fromordinal(days + _EPOCH_DAY).isoformat()}T{minutes // 60:02}:{minutes % 60:02}:"
