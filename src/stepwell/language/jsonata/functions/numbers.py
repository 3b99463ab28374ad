"""Numbers: casting, rounding, powers, bases."""

import math
import re
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.text import number_text
from stepwell.language.jsonata.values import UNDEFINED, whole
from stepwell.language.jsonata.values import number as as_json

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?\Z")
_OTHER_BASE = re.compile(r"0([xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)\Z")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
MAX_NUMERAL = 4_000


@native("number", "<(nsb)-:n>")
def number(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Cast a value to a number."""
    if arg is UNDEFINED or type(arg) in {int, float}:
        return arg
    if type(arg) is bool:
        return int(arg)
    if type(arg) is str:
        if _DECIMAL.match(arg):
            value = float(arg)
            if math.isfinite(value):
                return as_json(value)
        elif _OTHER_BASE.match(arg) and len(arg) < MAX_NUMERAL:
            return as_json(int(arg, 0))
    raise JsonataError("D3030", arg, index=1)


@native("abs", "<n-:n>", names=["arg"])
def absolute(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Return a number without its sign."""
    return UNDEFINED if arg is UNDEFINED else abs(arg)


@native("floor", "<n-:n>")
def floor(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Return the integer at or below a number."""
    return arg if arg is UNDEFINED or not math.isfinite(arg) else as_json(math.floor(arg))


@native("ceil", "<n-:n>")
def ceil(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Return the integer at or above a number."""
    return arg if arg is UNDEFINED or not math.isfinite(arg) else as_json(math.ceil(arg))


@native("round", "<n-n?:n>")
def round_(_run: Run, arg: Any = UNDEFINED, precision: Any = UNDEFINED) -> Any:
    """Return a number rounded to so many digits; a half goes to the even neighbour."""
    if arg is UNDEFINED:
        return UNDEFINED
    if type(precision) is float and not precision.is_integer():
        return math.nan
    return rounded(arg, 0 if precision is UNDEFINED else whole(precision))


def rounded(value: float, precision: int) -> int | float:
    """Return a number rounded half to even, by its decimal digits."""
    if not math.isfinite(value):
        return value
    shifted = _shift(value, precision) if precision else value
    if not math.isfinite(shifted):
        return shifted
    if type(shifted) is int and not precision:
        return shifted
    result = math.floor(shifted + 0.5) if abs(shifted) < 2**52 else int(shifted)
    if abs(result - shifted) == 0.5 and result % 2 == 1:
        result -= 1
    if precision:
        return as_json(_shift(float(result), -precision))
    return as_json(result)


def _shift(value: float, places: int) -> float:
    """Return a number with its decimal point moved."""
    mantissa, _, exponent = number_text(value).partition("e")
    return float(f"{mantissa}e{int(exponent or 0) + places}")


@native("sqrt", "<n-:n>")
def sqrt(_run: Run, arg: Any = UNDEFINED) -> Any:
    """Return the square root of a number."""
    if arg is UNDEFINED:
        return UNDEFINED
    if arg < 0:
        raise JsonataError("D3060", arg, index=1)
    return as_json(math.sqrt(arg))


@native("power", "<n-n:n>")
def power(_run: Run, base: Any = UNDEFINED, exponent: Any = UNDEFINED) -> Any:
    """Return a number raised to a power."""
    if base is UNDEFINED:
        return UNDEFINED
    try:
        result = math.pow(base, exponent) if exponent is not UNDEFINED else math.nan
    except (OverflowError, ValueError):
        result = math.nan
    if not math.isfinite(result):
        raise JsonataError("D3061", base, index=1, exp=exponent)
    return as_json(result)


@native("formatBase", "<n-n?:s>")
def format_base(_run: Run, value: Any = UNDEFINED, radix: Any = UNDEFINED) -> Any:
    """Return an integer's text in another base."""
    if value is UNDEFINED:
        return UNDEFINED
    base = 10 if radix is UNDEFINED else rounded(radix, 0)
    if not 2 <= base <= 36:
        raise JsonataError("D3100", base)
    integer = rounded(value, 0)
    if base == 10 or not math.isfinite(integer):
        return number_text(integer)
    rest, digits = abs(int(integer)), ""
    while rest:
        rest, digit = divmod(rest, int(base))
        digits = _DIGITS[digit] + digits
    return ("-" if integer < 0 else "") + (digits or "0")
