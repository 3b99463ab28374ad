"""The last step: a result leaves the evaluator as plain values of JSON, and not larger than a value may be.

A value that shares its parts (`$x := [$x, $x]`, again and again) is small in memory and endless as a text, so what an
expression has put together is measured as it would be written. What it has only looked up, or has made one object
around, is returned as it is: that cannot be much larger than what was there.
"""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import MEMORY, exhausted
from stepwell.language.jsonata.values import UNDEFINED, OuterSequence, Sequence

MAX_RESULT_DEPTH = 200


def finish(value: Any, run: Run) -> Any:
    """Return a result as plain values; raise U1003 where it is too large."""
    if type(value) is OuterSequence:
        value = value[0] if value else UNDEFINED
    if not isinstance(value, list | dict):
        return value
    if run.made > 1:
        _measure(value, run, [run.budget.string], MAX_RESULT_DEPTH)
        return _plain(value)
    if isinstance(value, Sequence) or (type(value) is not list and isinstance(value, list)):
        return list(value)
    return value


def _measure(value: Any, run: Run, left: list[int], depth: int) -> None:
    if depth == 0:
        raise exhausted(MEMORY)
    run.spend(1)
    left[0] -= 2 + len(value)
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, str):
            left[0] -= len(item)
        elif isinstance(item, list | dict):
            _measure(item, run, left, depth - 1)
    if left[0] < 0:
        raise exhausted(MEMORY)


def _plain(value: Any) -> Any:
    """Return a value without sequences and without holes in it; what is plain already is not copied."""
    if isinstance(value, dict):
        changed = {key: new for key, item in value.items() if (new := _plain_item(item)) is not item}
        return {**value, **changed} if changed else value
    result = [_plain_item(item) for item in value]
    if type(value) is list and all(new is old for new, old in zip(result, value, strict=True)):
        return value
    return result


def _plain_item(item: Any) -> Any:
    if isinstance(item, list | dict):
        return _plain(item)
    return None if item is UNDEFINED else item
