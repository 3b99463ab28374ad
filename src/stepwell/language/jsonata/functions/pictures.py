"""Numbers and times by pictures: `$formatNumber`, `$formatInteger`, `$fromMillis`, … (see `formatting` and `dates`)."""

from functools import lru_cache
from math import isfinite
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.dates.calendar import MAX_MILLIS
from stepwell.language.jsonata.dates.reading import parse_iso, parse_millis
from stepwell.language.jsonata.dates.writing import format_millis
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.formatting.decimals import format_number
from stepwell.language.jsonata.formatting.integers import format_integer, integer_format, parse_integer
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED


def _charge(run: Run, picture: str) -> None:
    """Use up steps for a picture: what is done with it grows with the square of its length."""
    run.spend(len(picture) + len(picture) ** 2 // 16)


_picture = lru_cache(maxsize=200)(integer_format)


@native("formatNumber", "<n-so?:s>", names=["value", "picture", "options"])
def number_by_picture(run: Run, value: Any = UNDEFINED, picture: Any = UNDEFINED, options: Any = UNDEFINED) -> Any:
    """Return a number's text by a decimal picture."""
    if value is UNDEFINED:
        return UNDEFINED
    picture = "undefined" if picture is UNDEFINED else picture
    _charge(run, picture)
    own = {} if options is UNDEFINED else {key: item for key, item in options.items() if type(item) is str and item}
    return format_number(value, picture, own)


@native("formatInteger", "<n-s:s>", names=["value", "picture"])
def integer_by_picture(run: Run, value: Any = UNDEFINED, picture: Any = UNDEFINED) -> Any:
    """Return an integer's text by a picture."""
    if value is UNDEFINED:
        return UNDEFINED
    _charge(run, picture)
    return format_integer(value, _picture(picture))


@native("parseInteger", "<s-s:n>", names=["value", "picture"])
def parse(run: Run, value: Any = UNDEFINED, picture: Any = UNDEFINED) -> Any:
    """Return the integer that a text means by a picture."""
    if value is UNDEFINED:
        return UNDEFINED
    _charge(run, picture)
    run.spend(len(value))
    return parse_integer(value, _picture(picture))


@native("fromMillis", "<n-s?s?:s>")
def from_millis(run: Run, millis: Any = UNDEFINED, picture: Any = UNDEFINED, timezone: Any = UNDEFINED) -> Any:
    """Return a time's text by a picture."""
    return UNDEFINED if millis is UNDEFINED else _written(run, millis, picture, timezone)


def _written(run: Run, millis: Any, picture: Any, timezone: Any) -> str:
    if picture is not UNDEFINED:
        _charge(run, picture)
    if not isfinite(millis) or abs(millis) > MAX_MILLIS:
        raise JsonataError("D3110", millis)
    result = format_millis(int(millis), picture, timezone)
    run.reserve_text(len(result))
    return result


@native("toMillis", "<s-s?:n>")
def to_millis(run: Run, timestamp: Any = UNDEFINED, picture: Any = UNDEFINED) -> Any:
    """Return the milliseconds of a time's text."""
    if timestamp is UNDEFINED:
        return UNDEFINED
    run.spend(len(timestamp))
    if picture is not UNDEFINED:
        _charge(run, picture)
    return parse_iso(timestamp) if picture is UNDEFINED else parse_millis(timestamp, picture, run)


@native("now", "<s?s?:s>")
def now(run: Run, picture: Any = UNDEFINED, timezone: Any = UNDEFINED) -> str:
    """Return the time of the evaluation, which stands still during it."""
    return _written(run, run.now_ms, picture, timezone)


@native("millis", "<:n>")
def millis(run: Run) -> int:
    """Return the time of the evaluation in milliseconds."""
    return run.now_ms
