"""Arrays: joining, reversing, sorting, shuffling, zipping."""

from math import floor
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import call_item
from stepwell.language.jsonata.equality import equal, fingerprint
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.merging import merge_sorted
from stepwell.language.jsonata.values import UNDEFINED, Sequence, utf16_key
from stepwell.language.jsonata.values import append as join

_NUMBERS = {int, float}
_STRINGS = {str}


@native("append", "<xx:a>")
def append(run: Run, arg1: Any = UNDEFINED, arg2: Any = UNDEFINED) -> Any:
    """Return the items of two values, one behind the other."""
    result = join(arg1, arg2)
    if isinstance(result, list):
        run.reserve(len(result))
    return result


@native("reverse", "<a:a>")
def reverse(run: Run, arr: Any = UNDEFINED) -> Any:
    """Return an array from its end to its start."""
    if arr is UNDEFINED or len(arr) <= 1:
        return arr
    run.reserve(len(arr))
    return arr[::-1]


@native("sort", "<af?:a>")
def sort(run: Run, arr: Any = UNDEFINED, comparator: Any = UNDEFINED) -> Any:
    """Return an array sorted: by a function that says whether its first argument belongs behind, else by value."""
    if arr is UNDEFINED or len(arr) <= 1:
        return arr
    run.reserve(len(arr))
    if comparator is not UNDEFINED:
        return merge_sorted(list(arr), lambda a, b: _is_true(call_item(run, comparator, [a, b])), run)
    types = set(map(type, arr))
    if types <= _NUMBERS:
        return sorted(arr)
    if not types <= _STRINGS:
        raise JsonataError("D3070", index=1)
    return sorted(arr) if all(map(str.isascii, arr)) else sorted(arr, key=utf16_key)


def _is_true(value: Any) -> bool:
    """Return whether ECMAScript takes a comparator's answer as true."""
    return isinstance(value, list | dict) or (value is not UNDEFINED and bool(value))


@native("shuffle", "<a:a>")
def shuffle(run: Run, arr: Any = UNDEFINED) -> Any:
    """Return an array in an order of chance."""
    if arr is UNDEFINED or len(arr) <= 1:
        return arr
    run.reserve(len(arr))
    result = list(arr)
    for at in range(len(result) - 1, 0, -1):
        other = floor(run.entropy.random() * (at + 1))
        result[at], result[other] = result[other], result[at]
    return result


@native("distinct", "<x:x>")
def distinct(run: Run, arr: Any = UNDEFINED) -> Any:
    """Return an array without the items that equal an earlier one."""
    if not isinstance(arr, list) or len(arr) <= 1:
        return arr
    run.reserve(len(arr))
    result: list[Any] = Sequence() if isinstance(arr, Sequence) else []
    seen: set[Any] = set()
    containers: dict[int, list[Any]] = {}
    for item in arr:
        if isinstance(item, list | dict):
            alike = containers.setdefault(fingerprint(item, run), [])
            if any(equal(item, other, run) for other in alike):
                continue
            alike.append(item)
        else:
            key = (type(item) is bool, item)
            if key in seen:
                continue
            seen.add(key)
        result.append(item)
    return result


@native("zip", "<a+>", arity=0)
def zip_(run: Run, *args: Any) -> Any:
    """Return the tuples of items at the same position."""
    if not all(isinstance(arg, list) for arg in args):
        return []
    result = [list(items) for items in zip(*args, strict=False)]
    run.reserve(len(result) * (len(args) + 1))
    return result
