"""Predicates: `[0]` takes an item by its position, `[price > 10]` those for which it is true."""

from math import floor, isfinite, isnan
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.values import UNDEFINED, Sequence, Tuples, is_number


def item_at(value: Any, index: int) -> Any:
    """Return the item of a value at a position, from its end where that is negative."""
    if isinstance(value, list):
        if not -len(value) <= index < len(value):
            return Tuples() if type(value) is Tuples else Sequence()
        item = value[index]
    elif index not in {0, -1}:
        return Sequence()
    else:
        item = value
    if isinstance(item, list):
        return item
    return Tuples((item,)) if type(value) is Tuples else Sequence((item,) if item is not UNDEFINED else ())


def keeps(answer: Any, index: int, size: int, run: Run) -> bool:
    """Return whether a predicate's answer keeps the item: by its position, else by its truth."""
    if answer is True or answer is False:
        return answer
    if is_number(answer):
        if isnan(answer):
            return False
        return _is_at(answer, index, size)
    if isinstance(answer, list) and all(is_number(item) for item in answer):
        run.spend(len(answer))
        return any(_is_at(item, index, size) for item in answer)
    return truth(answer)


def _is_at(position: float, index: int, size: int) -> bool:
    if not isfinite(position):
        raise JsonataError("D1001", position)
    at = floor(position)
    return (at + size if at < 0 else at) == index
