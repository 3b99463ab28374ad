"""When a schedule falls due: every expression against a count through all the minutes, or all the days."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stepwell.events.cron import Cron
from stepwell.events.errors import InvalidSchedule
from stepwell.events.schedules import MINUTE, rule_schedule, schedule

DAY = 24 * 60 * MINUTE
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# Clocks that leap and turn back: by an hour, by half an hour, at midnight; and one that never does.
CHANGES = [
    ("America/New_York", datetime(2027, 3, 14, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 11, 7, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2027, 3, 28, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2027, 10, 31, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 10, 2, tzinfo=UTC)),
    ("America/Havana", datetime(2027, 3, 14, tzinfo=UTC)),
    ("UTC", datetime(2027, 6, 1, tzinfo=UTC)),
]


def ms(moment):
    return round(moment.timestamp() * 1000)


def utc(*parts):
    return ms(datetime(*parts, tzinfo=UTC))


def due_between(found, start, end):
    """Return all the times of a schedule after `start`, up to `end`."""
    times, moment = [], start
    while (moment := found.following(moment)) is not None and moment <= end:
        times.append(moment)
    return times


@st.composite
def times_of_day(draw):
    """Return a field of minutes or hours, as a text and as the numbers that it stands for."""
    high = draw(st.sampled_from([59, 23]))
    kind = draw(st.sampled_from(["all", "one", "range", "list", "step", "every"]))
    first, last = draw(st.integers(0, high)), draw(st.integers(0, high))
    step = draw(st.integers(1, high))
    wrapped = set(range(first, last + 1)) if first <= last else {*range(first, high + 1), *range(last + 1)}
    return high, *{
        "all": ("*", set(range(high + 1))),
        "one": (f"{first}", {first}),
        "range": (f"{first}-{last}", wrapped),
        "list": (f"{first},{last}", {first, last}),
        "step": (f"{first}/{step}", set(range(first, high + 1, step))),
        "every": (f"*/{step}", set(range(0, high + 1, step))),
    }[kind]


MINUTES = times_of_day().filter(lambda field: field[0] == 59)
HOURS = times_of_day().filter(lambda field: field[0] == 23)


@settings(deadline=None)
@given(MINUTES, HOURS, st.sampled_from(CHANGES))
def test_a_cron_falls_due_at_every_local_time_of_it_once(minutes, hours, change):
    zone_name, middle = change
    zone = ZoneInfo(zone_name)
    start, end = middle - timedelta(hours=20), middle + timedelta(hours=28)
    expected, moment = [], start
    while (moment := moment + timedelta(minutes=1)) <= end:
        local = moment.astimezone(zone)
        if local.minute in minutes[2] and local.hour in hours[2] and not local.fold:
            expected.append(ms(moment))
    found = schedule(f"cron({minutes[1]} {hours[1]} * * ? *)", zone_name, 0)
    assert due_between(found, ms(start), ms(end)) == expected


def weekday_next_to(day):
    """Return the weekday next to a day within its month, found by looking around."""
    month = [day.replace(day=n) for n in range(1, calendar.monthrange(day.year, day.month)[1] + 1)]
    return min((one for one in month if one.weekday() < 5), key=lambda one: abs((one - day).days))


@st.composite
def day_fields(draw):
    """Return the two day fields, and what says of a date whether it is one of theirs."""
    day, weekday = draw(st.integers(1, 31)), draw(st.integers(1, 7))
    other, nth = draw(st.integers(1, 31)), draw(st.integers(1, 5))
    name = draw(st.sampled_from([str(weekday), WEEKDAYS[weekday - 1], WEEKDAYS[weekday - 1].lower()]))

    def is_weekday(one):
        return one.isoweekday() % 7 + 1 == weekday

    def length(one):
        return calendar.monthrange(one.year, one.month)[1]

    def is_next_to(one):
        return day <= length(one) and weekday_next_to(one.replace(day=day)) == one

    return draw(
        st.sampled_from(
            [
                ("*", "?", lambda one: True),
                (f"{day}", "?", lambda one: one.day == day),
                (f"{day},{other}", "?", lambda one: one.day in {day, other}),
                ("L", "?", lambda one: one.day == length(one)),
                (f"{day},L", "?", lambda one: one.day in {day, length(one)}),
                (f"{day}W", "?", is_next_to),
                (f"{day}/{other}", "?", lambda one: one.day >= day and (one.day - day) % other == 0),
                ("?", name, is_weekday),
                ("?", f"{name}L", lambda one: is_weekday(one) and one.day + 7 > length(one)),
                ("?", f"{name}#{nth}", lambda one: is_weekday(one) and (one.day - 1) // 7 + 1 == nth),
                ("?", "MON-FRI", lambda one: one.weekday() < 5),
                ("?", "FRI-MON", lambda one: one.weekday() in {4, 5, 6, 0}),
                ("?", "L", lambda one: one.weekday() == 5),
            ]
        )
    )


@settings(deadline=None)
@given(day_fields(), st.sets(st.integers(1, 12), min_size=1, max_size=4), st.integers(2023, 2030))
def test_the_days_of_a_cron_are_those_of_the_calendar(fields, months, year):
    days, weekdays, is_one = fields
    cron = Cron(f"0 12 {days} {','.join(map(str, sorted(months)))} {weekdays} {year}")
    everyday = (date(year, 1, 1) + timedelta(days=n) for n in range(365 + calendar.isleap(year)))
    expected = [one for one in everyday if one.month in months and is_one(one)]
    assert [time.date() for time in cron.times(datetime(1990, 1, 1))] == expected


@settings(deadline=None)
@given(MINUTES, HOURS, st.sampled_from(CHANGES), st.integers(0, 4 * DAY))
def test_what_follows_is_behind_the_moment_and_nothing_lies_between(minutes, hours, change, offset):
    found = schedule(f"cron({minutes[1]} {hours[1]} * * ? *)", change[0], 0)
    moment = ms(change[1]) - 2 * DAY + offset
    following = found.following(moment)
    assert following is not None
    assert following > moment
    assert found.following(following - 1) == following
    assume(following - moment > MINUTE)
    assert found.following(following - MINUTE) == following


@given(st.integers(1, 500), st.sampled_from(["minute", "hour", "day"]), st.integers(0, 10 * DAY))
def test_a_rate_is_counted_from_its_start(value, unit, later):
    start = utc(2027, 1, 1)
    period = value * {"minute": MINUTE, "hour": 60 * MINUTE, "day": DAY}[unit]
    text = f"rate({value} {unit}{'s' * (value != 1)})"
    at_once = schedule(text, "UTC", start)
    assert at_once.following(start - 1) == start
    assert at_once.following(start + later) == start + (later // period + 1) * period
    assert rule_schedule(text, start).following(start - 1) == start + period


def test_one_moment_comes_once_in_its_time_zone():
    once = schedule("at(2027-07-01T09:30:00)", "Europe/Berlin", 0)
    assert once.following(0) == utc(2027, 7, 1, 7, 30)
    assert once.following(utc(2027, 7, 1, 7, 30)) is None


def test_a_moment_that_the_clock_leaps_over_does_not_come():
    assert schedule("at(2027-03-28T02:30:00)", "Europe/Berlin", 0).following(0) is None


def test_a_cron_that_never_falls_due_says_so():
    assert schedule("cron(0 0 30 2 ? *)", "UTC", 0).following(0) is None
    assert schedule("cron(0 0 1 1 ? 2020)", "UTC", 0).following(utc(2021, 1, 1)) is None


@pytest.mark.parametrize(
    "text",
    [
        "cron(* * * * * *)",
        "cron(* * ? * ? *)",
        "cron(* * * * ?)",
        "cron(60 * * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 * 13 ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * MON#6 *)",
        "cron(0 0 ? * MON#1,TUE *)",
        "cron(0 0 * * ? 1969)",
        "cron(0 0 * * ? 2030-2020)",
        "cron(0/0 * * * ? *)",
        "cron(, * * * ? *)",
        "cron(MON * * * ? *)",
        "rate(0 minutes)",
        "rate(5)",
        "rate(5 seconds)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(-1 minutes)",
        "every day",
        "",
    ],
)
def test_what_is_no_schedule_is_refused(text):
    with pytest.raises(InvalidSchedule):
        rule_schedule(text, 0)


@pytest.mark.parametrize(
    ("text", "zone"), [("at(2027-02-30T00:00:00)", "UTC"), ("at(now)", "UTC"), ("cron(0 0 * * ? *)", "Mars/Olympus")]
)
def test_what_the_scheduler_cannot_keep_is_refused(text, zone):
    with pytest.raises(InvalidSchedule):
        schedule(text, zone, 0)
