"""How Java writes a value, which is how `States.Format` does: `{Id=arn, Name=x}`, `[1, 2]`, `1.0E10`."""

from typing import Any


def java_text(value: Any) -> str:
    """Return a value of JSON as Java's `toString()` writes it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(java_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    return str(value)


def _double(value: float) -> str:
    """Java writes a power of ten from 10^7 on and below 10^-3, Python from 10^16 on and below 10^-4."""
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value)
    digits, _, exponent = repr(value).partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.removeprefix("-").partition(".")
    power = int(exponent or 0) + len(whole) - 1
    significant = (whole + fraction).lstrip("0")
    if whole == "0":
        power -= len(whole + fraction) - len(significant)
    significant = significant.rstrip("0")
    return f"{sign}{significant[0]}.{significant[1:] or '0'}E{power}"
