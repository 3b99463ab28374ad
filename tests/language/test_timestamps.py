from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.timestamps import format_milliseconds, is_timestamp, parse_timestamp

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", SECOND),
        ("1969-12-31T23:59:59Z", -SECOND),
        ("1969-12-31T23:59:59.5Z", -SECOND // 2),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T00:00:00.25Z", SECOND // 4),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("2016-03-05T21:29:29.243167252Z", 1_457_213_369_243_167_252),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * SECOND),
    ],
)
def test_a_timestamp_is_an_instant(text: str, nanoseconds: int) -> None:
    assert parse_timestamp(text) == nanoseconds
    assert is_timestamp(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016-12-05",
        "2016-12-05T21:29:29",
        "2016-12-05 21:29:29Z",
        "05-12-2016T21:29:29Z",
        "2016-12-05t21:29:29Z",
        "2016-12-05T21:29:29z",
        "2016-12-05T21:29Z",
        "2016-12-05T25:29:29Z",
        "2016-12-05T24:00:00Z",
        "2016-12-05T21:60:29Z",
        "2016-12-05T21:29:60Z",
        "2016-13-05T21:29:29Z",
        "2016-02-30T21:29:29Z",
        "2023-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2016-12-05T21:29:29.Z",
        "2016-12-05T21:29:29.1234567890Z",
        "2016-12-05T21:29:29+0100",
        "2016-12-05T21:29:29+18:01",
        "2016-12-05T21:29:29+01:60",
        "2016-12-05T21:29:29Z ",
        "2016-12-05T21:29:29Z\n",
        "٢٠١٦-12-05T21:29:29Z",
    ],
)
def test_what_is_not_strictly_rfc3339_is_no_timestamp(text: str) -> None:
    assert parse_timestamp(text) is None
    assert not is_timestamp(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_795_341_600_007, "2026-11-22T10:00:00.007Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_milliseconds_are_written_as_a_timestamp(ms: int, text: str) -> None:
    assert format_milliseconds(ms) == text


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_what_was_written_is_read_as_the_same_instant(ms: int) -> None:
    text = format_milliseconds(ms)
    assert parse_timestamp(text) == ms * 1_000_000
    assert datetime.fromisoformat(text) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


@given(st.integers(0, 4_000_000_000), st.integers(-1080, 1080))
def test_an_offset_moves_the_clock_and_not_the_instant(seconds: int, minutes: int) -> None:
    local = format_milliseconds((seconds + minutes * 60) * 1000).removesuffix("Z")
    sign = "-" if minutes < 0 else "+"
    text = f"{local}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert parse_timestamp(text) == seconds * SECOND


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert is_timestamp(text) == (parse_timestamp(text) is not None)
