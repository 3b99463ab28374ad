"""What the operators do with values: arithmetic on doubles, comparison, concatenation, ranges."""

from collections.abc import Callable
from math import fmod, inf, isnan, nan
from operator import add, mul, sub
from typing import Any

from stepwell.language.jsonata.budget import CHARACTERS_PER_STEP, MADE_PER_STEP, Run
from stepwell.language.jsonata.equality import equal
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.text import to_string
from stepwell.language.jsonata.values import UNDEFINED, Sequence, double, is_number, less, number

MAX_RANGE = 10_000_000
NUMBERS = frozenset({int, float})


def divide(left: float, right: float) -> float:
    """Divide as doubles do: by zero is infinite, zero by zero is not a number."""
    if right == 0:
        return nan if left == 0 or isnan(left) else (inf if left > 0 else -inf)
    return left / right


def remainder(left: float, right: float) -> float:
    """Return the remainder, with the sign of the dividend."""
    if right == 0:
        return nan
    return fmod(left, right)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": divide,
    "%": remainder,
}


def arithmetic(token: str, first: Any, second: Any, position: int) -> Any:
    """Return what `+ - * / %` makes of two values; nothing, where one of them is nothing."""
    if first is not UNDEFINED:
        _check_number(first, "T2001", token, position)
    if second is not UNDEFINED:
        _check_number(second, "T2002", token, position)
    if first is UNDEFINED or second is UNDEFINED:
        return UNDEFINED
    return number(_ARITHMETIC[token](double(first), double(second)))


def _check_number(value: Any, code: str, token: str, position: int) -> None:
    if not is_number(value) or isnan(value):
        raise _error(code, token, position, value=value)
    if value in {inf, -inf}:
        raise _error("D1001", token, position, value=value)


def _error(code: str, token: str, position: int, **fields: Any) -> JsonataError:
    error = JsonataError(code, token=token, **fields)
    error.position = position
    return error


def negated(value: Any, position: int) -> Any:
    """Return `-x`."""
    if value is UNDEFINED:
        return UNDEFINED
    if not is_number(value) or isnan(value):
        raise _error("D1002", "-", position, value=value)
    if value in {inf, -inf}:
        raise _error("D1001", "-", position, value=value)
    return -value


def _has_nan(*values: Any) -> bool:
    return any(type(value) is float and isnan(value) for value in values)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: not less(right, left) and not _has_nan(left, right),
    ">=": lambda left, right: not less(left, right) and not _has_nan(left, right),
}


def compared(token: str, first: Any, second: Any, position: int, run: Run) -> Any:
    """Return what `< <= > >=` says of two values; nothing, where one of them is nothing."""
    for operand in (first, second):
        if type(operand) is not str and not is_number(operand) and operand is not UNDEFINED:
            raise _error("T2010", token, position, value=operand)
    if first is UNDEFINED or second is UNDEFINED:
        return UNDEFINED
    if (type(first) is str) is not (type(second) is str):
        raise _error("T2009", token, position, value=first, value2=second)
    if type(first) is str:
        run.compare_texts(first, second)
    return _COMPARISONS[token](first, second)


def same(first: Any, second: Any, run: Run) -> bool:
    """Return what `=` says of two values; nothing is equal to nothing."""
    return first is not UNDEFINED and second is not UNDEFINED and equal(first, second, run)


def different(first: Any, second: Any, run: Run) -> bool:
    """Return what `!=` says of two values; nothing is not unequal to anything either."""
    return first is not UNDEFINED and second is not UNDEFINED and not equal(first, second, run)


def concatenated(first: Any, second: Any, run: Run) -> str:
    """Return what `&` makes of two values."""
    if type(first) is not str:
        first = "" if first is UNDEFINED else to_string(first, run)
    if type(second) is not str:
        second = "" if second is UNDEFINED else to_string(second, run)
    size = len(first) + len(second)
    if size >= CHARACTERS_PER_STEP:
        run.reserve_text(size)
    return str(first + second)


def included(wanted: Any, items: Any, run: Run) -> bool:
    """Return what `in` says: only strings, numbers, booleans and null are ever found."""
    if wanted is UNDEFINED or items is UNDEFINED:
        return False
    items = items if isinstance(items, list) else [items]
    run.spend(len(items))
    if isinstance(wanted, list | dict):
        return any(item is wanted for item in items)
    return any(_is_same(wanted, item) for item in items)


def _is_same(first: Any, second: Any) -> bool:
    if is_number(first):
        return is_number(second) and bool(first == second)
    return type(first) is type(second) and bool(first == second)


def numbers_between(first: Any, last: Any, position: int, run: Run) -> Any:
    """Return what `a..b` yields."""
    for bound, code in ((first, "T2003"), (last, "T2004")):
        if bound is not UNDEFINED and type(bound) is not int:
            if type(bound) is float and bound.is_integer():
                continue
            raise _error(code, "..", position, value=bound)
    if first is UNDEFINED or last is UNDEFINED or first > last:
        return UNDEFINED
    size = int(last) - int(first) + 1
    if size > MAX_RANGE:
        raise _error("D2014", "..", position, value=size)
    run.reserve(size, MADE_PER_STEP)
    result = Sequence(range(int(first), int(last) + 1))
    return result if len(result) > 1 else result[0]
