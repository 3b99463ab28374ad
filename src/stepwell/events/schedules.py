"""Schedule expressions, `rate(5 minutes)`, `cron(0 10 * * ? *)` and `at(2027-01-01T10:00:00)`: when they fall due.

Times are milliseconds since the epoch. In a time zone with daylight saving, a local time of `cron` or `at` that the
clock leaps over does not come, and one that comes twice counts the first time only; `rate` counts hours, not clocks.
"""

import re
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from stepwell.events.cron import Cron
from stepwell.events.errors import InvalidSchedule

MINUTE = 60_000
_UNITS = {"minute": MINUTE, "hour": 60 * MINUTE, "day": 24 * 60 * MINUTE}
_MOST_UNITS = 10_000_000
_RATE = re.compile(r"rate\(\s*([1-9][0-9]{0,7})\s+(minute|hour|day)(s?)\s*\)")
_CRON = re.compile(r"cron\((.*)\)")
_AT = re.compile(r"at\(\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\s*\)")


class Schedule(Protocol):
    """When something falls due."""

    def following(self, moment: int) -> int | None:
        """Return the first time after a moment, or None where there is none any more."""


class Rate:
    """Every so often, counted from its start, which is a time of it where `at_once` says so."""

    def __init__(self, period: int, start: int, *, at_once: bool) -> None:
        self._period = period
        self._first = start if at_once else start + period

    def following(self, moment: int) -> int:
        """Return the first time after a moment."""
        if moment < self._first:
            return self._first
        return moment + self._period - (moment - self._first) % self._period


class Local:
    """The local times of a cron expression, in a time zone."""

    def __init__(self, cron: Cron, zone: ZoneInfo) -> None:
        self._cron = cron
        self._zone = zone

    def following(self, moment: int) -> int | None:
        """Return the first time after a moment."""
        local = datetime.fromtimestamp(moment / 1000, self._zone)
        for time in self._cron.times(local.replace(tzinfo=None, second=0, microsecond=0, fold=0)):
            found = instant(time, self._zone)
            if found is not None and found > moment:
                return found
        return None


class Between:
    """A schedule from one moment to another, both included; None where there is no bound."""

    def __init__(self, schedule: Schedule, first: int | None, last: int | None) -> None:
        self._schedule = schedule
        self._first = first
        self._last = last

    def following(self, moment: int) -> int | None:
        """Return the first time after a moment that lies between."""
        after = moment if self._first is None else max(moment, self._first - 1)
        found = self._schedule.following(after)
        return None if found is None or (self._last is not None and found > self._last) else found


class Once:
    """One moment, or none: a local time that the clock leaps over."""

    def __init__(self, at: int | None) -> None:
        self._at = at

    def following(self, moment: int) -> int | None:
        """Return the moment, if it is still to come."""
        return self._at if self._at is not None and self._at > moment else None


def instant(local: datetime, zone: ZoneInfo) -> int | None:
    """Return the moment of a local time, the first where it comes twice; None where the clock leaps over it."""
    there = local.replace(tzinfo=zone, fold=0)
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        return None
    return round(moment.timestamp() * 1000)


def rule_schedule(expression: str, created: int) -> Schedule:
    """Return the schedule of a rule: `rate`, which begins a period after the rule was made, or `cron`, in UTC.

    Raise `InvalidSchedule`.
    """
    if rate := _RATE.fullmatch(expression):
        if (rate[1] == "1") == bool(rate[3]):
            raise InvalidSchedule("the unit is singular with 1, and only then")
        return Rate(_period(rate), created, at_once=False)
    if cron := _CRON.fullmatch(expression):
        return Local(Cron(cron[1]), ZoneInfo("UTC"))
    raise InvalidSchedule("it is neither rate(value unit) nor cron(six fields)")


def schedule(expression: str, zone: str, start: int) -> Schedule:
    """Return a schedule of EventBridge Scheduler; `rate` begins at once, at `start`. Raise `InvalidSchedule`."""
    if rate := _RATE.fullmatch(expression):
        return Rate(_period(rate), start, at_once=True)
    there = time_zone(zone)
    if cron := _CRON.fullmatch(expression):
        return Local(Cron(cron[1]), there)
    if once := _AT.fullmatch(expression):
        try:
            local = datetime.fromisoformat(once[1])
        except ValueError:
            raise InvalidSchedule(f"{once[1]} is no time") from None
        return Once(instant(local, there))
    raise InvalidSchedule("it is none of rate(value unit), cron(six fields) and at(yyyy-mm-ddThh:mm:ss)")


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database. Raise `InvalidSchedule`."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise InvalidSchedule(f"{name} is no time zone") from None


def _period(rate: re.Match[str]) -> int:
    value = int(rate[1])
    if value > _MOST_UNITS:
        raise InvalidSchedule(f"{value} is more than {_MOST_UNITS}")
    return value * _UNITS[rate[2]]
