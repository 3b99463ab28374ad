"""The intrinsic functions of numbers, and those that are different every time."""

from typing import Any

from stepwell.language.evaluation import Entropy

from .arguments import MAX_INTEGER, MIN_INTEGER, FunctionFailure, integer
from .java_random import JavaRandom


def add(first: Any, second: Any) -> int:
    """`States.MathAdd(number, number)`."""
    total = integer(first, "first argument") + integer(second, "second argument")
    if not MIN_INTEGER <= total <= MAX_INTEGER:
        raise FunctionFailure(f"The sum must be from {MIN_INTEGER} to {MAX_INTEGER} but was: {total}")
    return total


def random(entropy: Entropy, start: Any, end: Any, seed: Any = None) -> int:
    """`States.MathRandom(start, end[, seed])`: from the start on, but less than the end."""
    low, high = integer(start, "start"), integer(end, "end")
    span = high - low
    if span <= 0:
        raise FunctionFailure(f"The start must be less than the end but they were: {low}, {high}")
    if seed is None:
        return low + int(entropy.random() * span)
    numbers = JavaRandom(integer(seed, "seed"))
    if span <= MAX_INTEGER:
        return low + numbers.next_below(span)
    # A span that Java's int cannot hold: any int is drawn until one lies within.
    number = numbers.next_int()
    while not low <= number < high:
        number = numbers.next_int()
    return number


def uuid(entropy: Entropy) -> str:
    """`States.UUID()`."""
    return entropy.uuid()
