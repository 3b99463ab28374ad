"""One step of a path: it is taken from each item, and what it yields becomes one sequence."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import Code, Frame
from stepwell.language.jsonata.values import UNDEFINED, Constructed, Sequence


def flatten(found: list[Any], last: bool) -> Any:
    """Return what a step has yielded for its items as one sequence; arrays lose one level."""
    if last and len(found) == 1 and isinstance(found[0], list) and not isinstance(found[0], Sequence):
        return found[0]
    result = Sequence()
    for item in found:
        if isinstance(item, list) and type(item) is not Constructed:
            result.extend(item)
        else:
            result.append(item)
    return result


def each_item(items: Any, code: Code, stages: list[Code], last: bool, frame: Frame, run: Run) -> Any:
    """Return what a step yields for each of its items, as one sequence."""
    run.steps -= len(items)
    if run.steps < 0:
        run.spend(0)
    found: list[Any] = []
    arrays = False
    for item in items:
        value = code(item, frame, run)
        for stage in stages:
            value = stage(value, frame, run)
        if value is not UNDEFINED:
            found.append(value)
            if isinstance(value, list):
                arrays = True
    if not arrays:
        return Sequence(found)
    result = flatten(found, last)
    run.reserve(len(result))
    return result
