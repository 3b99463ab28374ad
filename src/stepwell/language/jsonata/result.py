"""The last step: a result leaves the evaluator as plain values of JSON, and not larger than a value may be.

A value that shares its parts (`$x := [$x, $x]`, again and again) is small in memory and endless as a text, so what an
expression has put together is measured as it would be written. What it has only looked up, or has made one object
around, is returned as it is: that cannot be much larger than what was there.
"""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import MEMORY, STEPS, exhausted
from stepwell.language.jsonata.values import UNDEFINED, OuterSequence, Sequence

MAX_RESULT_DEPTH = 200
_WITHIN = frozenset({int, float, bool, type(None)})
"""Types of what is counted with the array or the object that it is in."""


def finish(value: Any, run: Run, measured: bool) -> Any:
    """Return a result as plain values; raise U1001 where one is too large that has to be measured."""
    if type(value) is OuterSequence:
        value = value[0] if value else UNDEFINED
    if not isinstance(value, list | dict):
        return value
    if measured or run.unsettled:
        return _settled(value, run, [run.budget.string], MAX_RESULT_DEPTH)
    if isinstance(value, Sequence) or (type(value) is not list and isinstance(value, list)):
        return list(value)
    return value


def _settled(value: Any, run: Run, left: list[int], depth: int) -> Any:
    """Return an array or an object without sequences and without holes in it; what is plain already is not copied.

    `left`: the characters that the text may still have. What is shared is counted as often as it would be written.
    """
    left[0] -= 2 + len(value)
    run.steps -= 1
    if left[0] < 0 or depth == 0:
        raise exhausted(MEMORY)
    if run.steps < 0:
        raise exhausted(STEPS)
    is_object = isinstance(value, dict)
    changed: dict[Any, Any] | None = None
    for place, item in value.items() if is_object else enumerate(value):
        kind = type(item)
        if kind is str:
            left[0] -= len(item)
        elif kind in _WITHIN:
            continue
        elif item is UNDEFINED or isinstance(item, list | dict):
            new = None if item is UNDEFINED else _settled(item, run, left, depth - 1)
            if new is not item:
                if changed is None:
                    changed = {}
                changed[place] = new
    if left[0] < 0:
        raise exhausted(MEMORY)
    if changed is None:
        return value if is_object or type(value) is list else list(value)
    return _with(value, changed, is_object=is_object)


def _with(value: Any, changed: dict[Any, Any], *, is_object: bool) -> Any:
    """Return an array or an object with what has changed in it."""
    if is_object:
        return {**value, **changed}
    result = list(value)
    for place, item in changed.items():
        result[place] = item
    return result
