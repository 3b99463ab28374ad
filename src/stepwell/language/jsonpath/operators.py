"""What the operators of a filter mean, as Jayway's JsonPath has them.

A comparison never fails: what cannot be compared is simply not so. `MISSING` stands for a path that leads nowhere.
"""

from collections.abc import Callable
from typing import Any

from stepwell.language.document import to_text

from .pattern import Learn, Pattern, unasked

Operator = Callable[[Any, Any], bool]


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"


MISSING: Any = _Missing()


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def same(left: Any, right: Any) -> bool:
    """Return whether two values of JSON are equal: true is not 1, and 1 is 1.0."""
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(same(value, right[key]) for key, value in left.items())
        )
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def equal(left: Any, right: Any) -> bool:
    """Return whether two operands are equal; a number equals the text of itself."""
    if isinstance(left, str) and _is_number(right):
        return left == to_text(right)
    if _is_number(left) and isinstance(right, str):
        try:
            return bool(left == float(right))
        except ValueError:
            return False
    return same(left, right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    def operator(left: Any, right: Any) -> bool:
        comparable = (_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        return comparable and compare(left, right)

    return operator


def _within(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, item) for item in right)


def _subset_of(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and all(_within(item, right) for item in left)


def _any_of(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and any(_within(item, right) for item in left)


def _none_of(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and not _any_of(left, right)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return isinstance(left, list) and _within(right, left)


def _size(left: Any, right: Any) -> bool:
    return isinstance(left, list | str) and _is_number(right) and len(left) == right


def _empty(left: Any, right: Any) -> bool:
    return isinstance(left, list | str | dict) and isinstance(right, bool) and (not left) == right


def matches(left: Any, pattern: Pattern, learn: Learn = unasked) -> bool:
    """Return whether a value, or the text of it, matches as a whole; `learn` is told what that takes."""
    if isinstance(left, bool):
        return pattern.matches("true" if left else "false", learn)
    if _is_number(left):
        return pattern.matches(to_text(left), learn)
    return isinstance(left, str) and pattern.matches(left, learn)


# Longer signs come first: the grammar takes the first that fits.
OPERATORS: dict[str, Operator] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "=~": matches,
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
    "<": _ordered(lambda left, right: bool(left < right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    "in": _within,
    "nin": lambda left, right: not _within(left, right),
    "subsetof": _subset_of,
    "anyof": _any_of,
    "noneof": _none_of,
    "contains": _contains,
    "size": _size,
    "empty": _empty,
}
