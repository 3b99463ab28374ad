"""Truth, as JSONata casts values to it: `$boolean`, `$not`, `$exists`."""

from math import isfinite, isnan
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED


def truth(value: Any) -> bool:
    """Return what a value counts as in a condition; nothing counts as false. Raise D1001 for an infinite number."""
    if value is True or value is False:
        return bool(value)
    if isinstance(value, list):
        return any([truth(item) for item in value])  # noqa: C419 (an infinite number behind a true item is an error)
    if isinstance(value, str | dict):
        return len(value) > 0
    if type(value) is float and not isfinite(value):
        if isnan(value):
            return False
        raise JsonataError("D1001", value)
    return type(value) in {int, float} and value != 0


@native("boolean", "<x-:b>")
def boolean(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Cast a value to a boolean."""
    return UNDEFINED if arg is UNDEFINED else truth(arg)


@native("not", "<x-:b>")
def negation(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Return the opposite of a value's truth."""
    return UNDEFINED if arg is UNDEFINED else not truth(arg)


@native("exists", "<x:b>")
def exists(_run: Run, arg: Any = UNDEFINED) -> bool:
    """Return whether there is a value at all."""
    return arg is not UNDEFINED
