"""Equality by value, to any depth, as JSON knows it: `1` is `1.0`, and neither is `true`."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.values import Function

_SCALARS = {str, int, float, bool, type(None)}


def equal(first: Any, second: Any, run: Run) -> bool:
    """Return whether two values are the same by value."""
    kind, other = type(first), type(second)
    if kind in _SCALARS or other in _SCALARS:
        if kind is other:
            if kind is str:
                run.compare_texts(first, second)
            return bool(first == second)
        return kind in {int, float} and other in {int, float} and bool(first == second)
    if isinstance(first, list):
        if not isinstance(second, list) or len(first) != len(second):
            return False
        run.spend(len(first))
        return all(equal(a, b, run) for a, b in zip(first, second, strict=True))
    if isinstance(first, dict) and isinstance(second, dict):
        run.spend(len(first))
        return first.keys() == second.keys() and all(equal(item, second[key], run) for key, item in first.items())
    return isinstance(first, Function) and first is second


def fingerprint(value: Any, run: Run) -> int:
    """Return a number that equal values have in common."""
    if isinstance(value, list):
        run.spend(1 + len(value))
        return hash(tuple([fingerprint(item, run) for item in value]))
    if isinstance(value, dict):
        run.spend(1 + len(value))
        return hash(frozenset([(key, fingerprint(item, run)) for key, item in value.items()]))
    return hash((type(value) is bool, value))
