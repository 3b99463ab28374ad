"""What the intrinsic functions ask of their arguments, and how they say that it is not so."""

import math
from typing import Any

from stepwell.language.document import to_text

MAX_TEXT_LENGTH = 10_000
MAX_INTEGER = 2**31 - 1
MIN_INTEGER = -(2**31)
MAX_SHOWN = 200


class FunctionFailure(ValueError):
    """What was wrong with the arguments of a function."""


def shown(value: Any) -> str:
    """Return a value as an error message shows it: its JSON, cut where it is long."""
    text = to_text(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def array(value: Any, name: str) -> list[Any]:
    """Return the argument, which must be an array."""
    if not isinstance(value, list):
        raise FunctionFailure(f"The {name} must be an array but was: {shown(value)}")
    return value


def json_object(value: Any, name: str) -> dict[str, Any]:
    """Return the argument, which must be an object."""
    if not isinstance(value, dict):
        raise FunctionFailure(f"The {name} must be an object but was: {shown(value)}")
    return value


def text(value: Any, name: str) -> str:
    """Return the argument, which must be a string."""
    if not isinstance(value, str):
        raise FunctionFailure(f"The {name} must be a string but was: {shown(value)}")
    return value


def short_text(value: Any, name: str) -> str:
    """Return the argument, which must be a string of no more characters than AWS takes."""
    if len(text(value, name)) > MAX_TEXT_LENGTH:
        raise FunctionFailure(f"The {name} must have {MAX_TEXT_LENGTH} characters or less")
    return str(value)


def integer(value: Any, name: str) -> int:
    """Return the argument, which must be a number in the range of 32 bits, rounded as Java's `Math.round` does."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FunctionFailure(f"The {name} must be a number but was: {shown(value)}")
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        raise FunctionFailure(f"The {name} must be from {MIN_INTEGER} to {MAX_INTEGER} but was: {shown(value)}")
    return value if isinstance(value, int) else math.floor(value + 0.5)
