"""The merge sort of the reference: the same comparisons in the same order, so the same result for any function."""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.budget import Run


def merge_sorted(items: list[Any], after: Callable[[Any, Any], Any], run: Run) -> list[Any]:
    """Return the items sorted, stable; `after(a, b)` says whether a belongs behind b."""
    size = len(items)
    if size <= 1:
        return items
    run.spend(size)
    middle = size // 2
    left = merge_sorted(items[:middle], after, run)
    right = merge_sorted(items[middle:], after, run)
    result: list[Any] = []
    at, other = 0, 0
    while at < len(left) and other < len(right):
        if after(left[at], right[other]):
            result.append(right[other])
            other += 1
        else:
            result.append(left[at])
            at += 1
    return result + left[at:] + right[other:]
