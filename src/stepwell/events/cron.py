"""AWS's cron: six fields (minutes, hours, day of month, month, day of week, year), with `?`, `L`, `W` and `#`.

    cron(0 10 * * ? *)        every day at 10:00
    cron(0/15 8-17 ? * MON-FRI *)
    cron(0 8 L * ? *)         the last day of the month
    cron(0 8 15W * ? *)       the weekday next to the 15th, within its month
    cron(0 8 ? * 6#3 *)       the third Friday; days of the week are 1 (Sunday) to 7
    cron(0 8 ? * 5L *)        the last Thursday

One of the two day fields is `?`, and only one. A range may run over the end of a field (`FRI-MON`, `22-2`).

No library of cron knows all of these; this one is held to a count through the calendar.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime

from stepwell.events.errors import InvalidSchedule

FIRST_YEAR, LAST_YEAR = 1970, 2199

_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = dict(zip(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), range(1, 8), strict=True))
_NO_NAMES: dict[str, int] = {}
_SATURDAY, _SUNDAY = 7, 1

Days = Callable[[int, int], set[int]]
"""The days of a month, of a year and a month."""


class Cron:
    """A compiled cron expression: local times, which know of no zone."""

    def __init__(self, fields: str) -> None:
        """Compile what stands between the parentheses. Raise `InvalidSchedule`."""
        given = fields.split()
        if len(given) != 6:
            raise InvalidSchedule(f"cron takes six fields, not {len(given)}")
        minutes, hours, days, months, weekdays, years = (field.upper() for field in given)
        if (days == "?") == (weekdays == "?"):
            raise InvalidSchedule("one of the day of the month and the day of the week must be ?, and only one")
        self._minutes = sorted(_numbers(minutes, 0, 59))
        self._hours = sorted(_numbers(hours, 0, 23))
        self._months = sorted(_numbers(months, 1, 12, {name.upper(): number for name, number in _MONTHS.items()}))
        self._years = sorted(_numbers(years, FIRST_YEAR, LAST_YEAR, wraps=False))
        self._days = _any_of(_weekday(part) if days == "?" else _day(part) for part in _parts(days, weekdays))

    def times(self, start: datetime) -> Iterator[datetime]:
        """Yield the local times from `start` on, in their order."""
        for year in self._years:
            if year < start.year:
                continue
            for month in self._months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in sorted(self._days(year, month)):
                    if date(year, month, day) >= start.date():
                        yield from self._of_day(year, month, day, start)

    def _of_day(self, year: int, month: int, day: int, start: datetime) -> Iterator[datetime]:
        for hour in self._hours:
            for minute in self._minutes:
                time = datetime(year, month, day, hour, minute)
                if time >= start:
                    yield time


def _parts(days: str, weekdays: str) -> list[str]:
    parts = (weekdays if days == "?" else days).split(",")
    if len(parts) > 1 and any("#" in part for part in parts):
        raise InvalidSchedule("with # there is one day of the week only")
    return parts


def _any_of(parts: Iterator[Days]) -> Days:
    known = list(parts)
    if len(known) == 1:
        return known[0]
    return lambda year, month: set().union(*(part(year, month) for part in known))


def _day(part: str) -> Days:
    if part == "L":
        return lambda year, month: {_length(year, month)}
    if weekday := re.fullmatch(r"(\d{1,2})W", part):
        wanted = _number(weekday[1], 1, 31, _NO_NAMES)
        return lambda year, month: _weekday_next_to(year, month, wanted)
    numbers = _numbers(part, 1, 31)
    return lambda year, month: {day for day in numbers if day <= _length(year, month)}


def _weekday_next_to(year: int, month: int, day: int) -> set[int]:
    """Return the day from Monday to Friday next to a day, of the same month; none where the month has no such day."""
    last = _length(year, month)
    if day > last:
        return set()
    found = _day_of_week(year, month, day)
    if found == _SATURDAY:
        return {day - 1 if day > 1 else day + 2}
    if found == _SUNDAY:
        return {day + 1 if day < last else day - 2}
    return {day}


def _weekday(part: str) -> Days:
    if part == "L":
        part = str(_SATURDAY)
    if last := re.fullmatch(r"(\w+)L", part):
        wanted = _number(last[1], 1, 7, _WEEKDAYS)
        return lambda year, month: {max(_all_of(year, month, {wanted}))}
    if nth := re.fullmatch(r"(\w+)#(\w+)", part):
        wanted, which = _number(nth[1], 1, 7, _WEEKDAYS), _number(nth[2], 1, 5, _NO_NAMES)
        return lambda year, month: set(sorted(_all_of(year, month, {wanted}))[which - 1 : which])
    numbers = _numbers(part, 1, 7, _WEEKDAYS)
    return lambda year, month: _all_of(year, month, numbers)


def _all_of(year: int, month: int, weekdays: set[int]) -> set[int]:
    return {day for day in range(1, _length(year, month) + 1) if _day_of_week(year, month, day) in weekdays}


def _day_of_week(year: int, month: int, day: int) -> int:
    return date(year, month, day).isoweekday() % 7 + 1


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _numbers(field: str, low: int, high: int, names: dict[str, int] = _NO_NAMES, *, wraps: bool = True) -> set[int]:
    """Return the numbers that a field names: `*`, `5`, `1-5`, `0/15`, and lists of these."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, 1, high, _NO_NAMES) if slash else 1
        first_text, dash, last_text = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first = _number(first_text, low, high, names)
            last = _number(last_text, low, high, names) if dash else high if slash else first
        if first > last:
            if not wraps:
                raise InvalidSchedule(f"{part} ends before it begins")
            last += high - low + 1
        found |= {(number - low) % (high - low + 1) + low for number in range(first, last + 1, step)}
    return found


def _number(text: str, low: int, high: int, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if re.fullmatch(r"[0-9]{1,4}", text) and low <= int(text) <= high:
        return int(text)
    raise InvalidSchedule(f"{text or 'nothing'} is not one of {low} to {high}")
