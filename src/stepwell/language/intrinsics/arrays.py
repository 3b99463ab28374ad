"""The intrinsic functions of arrays."""

from typing import Any

import msgspec

from .arguments import FunctionFailure, array, integer, shown

MAX_RANGE = 1_000

# Two values are equal where their texts are, with sorted keys: so true is not 1, and the order of keys does not count.
_canonical = msgspec.json.Encoder(order="sorted").encode


def make(*items: Any) -> list[Any]:
    """`States.Array(…)`."""
    return list(items)


def partition(items: Any, size: Any) -> list[list[Any]]:
    """`States.ArrayPartition(array, size)`."""
    items, size = array(items, "first argument"), integer(size, "chunk size")
    if size <= 0:
        raise FunctionFailure(f"The chunk size must be a positive integer but was: {size}")
    return [items[at : at + size] for at in range(0, len(items), size)]


def contains(items: Any, value: Any) -> bool:
    """`States.ArrayContains(array, value)`."""
    wanted = _canonical(value)
    return any(_canonical(item) == wanted for item in array(items, "first argument"))


def spread(first: Any, last: Any, step: Any) -> list[int]:
    """`States.ArrayRange(first, last, step)`, which includes the last where a step lands on it."""
    start, stop, by = integer(first, "first argument"), integer(last, "second argument"), integer(step, "step")
    if by == 0:
        raise FunctionFailure("The step must not be 0")
    numbers = range(start, stop + (1 if by > 0 else -1), by)
    if len(numbers) > MAX_RANGE:
        raise FunctionFailure(f"The range must have {MAX_RANGE} items or less but had {len(numbers)}")
    return list(numbers)


def get_item(items: Any, index: Any) -> Any:
    """`States.ArrayGetItem(array, index)`."""
    items, index = array(items, "first argument"), integer(index, "index")
    if not 0 <= index < len(items):
        raise FunctionFailure(f"The index {index} is out of bounds for an array of {len(items)} items: {shown(items)}")
    return items[index]


def length(items: Any) -> int:
    """`States.ArrayLength(array)`."""
    return len(array(items, "argument"))


def unique(items: Any) -> list[Any]:
    """`States.ArrayUnique(array)`: the first of each."""
    seen: dict[bytes, Any] = {}
    for item in array(items, "argument"):
        seen.setdefault(_canonical(item), item)
    return list(seen.values())
