"""Aggregation: sums, extremes, averages, counts."""

import sys
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED
from stepwell.language.jsonata.values import number as as_json


def _added(numbers: list[Any]) -> Any:
    """Return the sum of numbers, added from left to right as doubles are."""
    total = 0
    for number in numbers:
        total += number
    return total


# From 3.12 on, Python's own is more exact.
_total = sum if sys.version_info < (3, 12) else _added


@native("sum", "<a<n>:n>", names=["args"])
def sum_(run: Run, args: Any = UNDEFINED) -> Any:
    """Return the sum of numbers."""
    if args is UNDEFINED:
        return UNDEFINED
    run.spend(len(args) // 16)
    return as_json(_total(args))


@native("count", "<a:n>")
def count(_run: Run, args: Any = UNDEFINED) -> int:
    """Return how many items there are."""
    return 0 if args is UNDEFINED else len(args)


@native("max", "<a<n>:n>", names=["args"])
def maximum(run: Run, args: Any = UNDEFINED) -> Any:
    """Return the greatest of numbers."""
    if args is UNDEFINED or not args:
        return UNDEFINED
    run.spend(len(args) // 16)
    return as_json(max(args))


@native("min", "<a<n>:n>", names=["args"])
def minimum(run: Run, args: Any = UNDEFINED) -> Any:
    """Return the least of numbers."""
    if args is UNDEFINED or not args:
        return UNDEFINED
    run.spend(len(args) // 16)
    return as_json(min(args))


@native("average", "<a<n>:n>")
def average(run: Run, args: Any = UNDEFINED) -> Any:
    """Return the mean of numbers."""
    if args is UNDEFINED or not args:
        return UNDEFINED
    run.spend(len(args) // 16)
    return as_json(_total(args) / len(args))
