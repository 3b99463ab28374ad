"""The calendar: from milliseconds to the parts of a date and back, with ISO weeks of years and of months."""

from typing import NamedTuple

DAY = 86_400_000
MAX_MILLIS = 8_640_000_000_000_000
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["", *["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]]


class Moment(NamedTuple):
    """A date and time in UTC, in its parts."""

    year: int
    month: int
    day: int
    millis_of_day: int


def days_from(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date; a month beyond 12 is one of the years that follow."""
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    # Years start in March, so that the leap day is the last; 400 years have 146,097 days.
    shifted = year - (month <= 2)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def moment_of(millis: int) -> Moment:
    """Return the date and time of milliseconds since 1970."""
    days, rest = divmod(millis, DAY)
    era, of_era = divmod(days + 719_468, 146_097)
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return Moment(years + era * 400 + (month <= 2), month, day, rest)


def weekday(days: int) -> int:
    """Return the day of the week, from 1 for Monday to 7 for Sunday."""
    return (days + 3) % 7 + 1


def first_week(year: int, month: int = 1) -> int:
    """Return the day on which the first week starts: the one with most of its days in the year, or the month."""
    first = days_from(year, month, 1)
    day = weekday(first)
    return first + (8 - day if day > 4 else 1 - day)


def week_of(moment: Moment, of_month: bool) -> int:
    """Return the number of the week in its year, or in its month."""
    today = days_from(moment.year, moment.month, moment.day)
    month, step = (moment.month, 1) if of_month else (1, 12)
    week = (today - first_week(moment.year, month)) // 7 + 1
    if week > (4 if of_month else 52) and today >= first_week(moment.year, month + step):
        return 1
    if week < 1:
        return (today - first_week(moment.year, month - step)) // 7 + 1
    return week


def week_year(moment: Moment) -> int:
    """Return the year that a date's week belongs to."""
    today = days_from(moment.year, moment.month, moment.day)
    if today < first_week(moment.year):
        return moment.year - 1
    return moment.year + (today >= first_week(moment.year + 1))


def week_month(moment: Moment) -> int:
    """Return the month that a date's week belongs to."""
    today = days_from(moment.year, moment.month, moment.day)
    month = moment.month
    if today < first_week(moment.year, month):
        month -= 1
    elif today >= first_week(moment.year, month + 1):
        month += 1
    return (month - 1) % 12 + 1


def fragment(millis: int, component: str) -> int:
    """Return one component of a date and time, as a number."""
    moment = moment_of(millis)
    days = days_from(moment.year, moment.month, moment.day)
    hour, of_hour = divmod(moment.millis_of_day, 3_600_000)
    parts = {
        "Y": moment.year,
        "M": moment.month,
        "D": moment.day,
        "F": weekday(days),
        "H": hour,
        "h": hour % 12 or 12,
        "P": hour // 12,
        "m": of_hour // 60_000,
        "s": of_hour // 1000 % 60,
        "f": of_hour % 1000,
    }
    if component in parts:
        return parts[component]
    if component == "d":
        return days - days_from(moment.year, 1, 1) + 1
    if component in "Ww":
        return week_of(moment, component == "w")
    return week_year(moment) if component == "X" else week_month(moment)
