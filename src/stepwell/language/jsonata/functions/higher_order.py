"""Higher-order functions: `$map`, `$filter`, `$single`, `$reduce`."""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import STEPS_PER_CALL, Lambda, TailCall, arity, call_item, finish_call
from stepwell.language.jsonata.errors import DEPTH, STEPS, JsonataError, exhausted
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED, Sequence


def offered(function: Any, first: Any, second: Any, third: Any) -> list[Any]:
    """Return as many arguments as a function takes, of the three that there are."""
    count = arity(function)
    if count < 2:
        return [first]
    return [first, second] if count == 2 else [first, second, third]


def caller(run: Run, function: Any) -> Callable[[Any, Any, Any], Any]:
    """Return what calls a function for each item of an array; one of one plain parameter is called without detours."""
    if type(function) is not Lambda or function.signature is not None or len(function.names) != 1:
        return lambda item, index, array: call_item(run, function, offered(function, item, index, array))
    if run.depth >= run.limit:
        raise exhausted(DEPTH)
    body, value, frame = function.body, function.value, function.frame

    def invoke(item: Any, _index: Any, _array: Any) -> Any:
        run.steps -= STEPS_PER_CALL
        if run.steps < 0:
            raise exhausted(STEPS)
        result = body(value, frame, run, item)
        return finish_call(run, result, None) if type(result) is TailCall else result

    return invoke


@native("map", "<af>", names=["arr", "func"])
def map_(run: Run, arr: Any = UNDEFINED, func: Any = UNDEFINED) -> Any:
    """Return what a function makes of each item."""
    if arr is UNDEFINED:
        return UNDEFINED
    result = Sequence()
    invoke = caller(run, func)
    for index, item in enumerate(arr):
        found = invoke(item, index, arr)
        if found is not UNDEFINED:
            result.append(run.member(found) if isinstance(found, list) else found)
    return result


@native("filter", "<af>", names=["arr", "func"])
def filter_(run: Run, arr: Any = UNDEFINED, func: Any = UNDEFINED) -> Any:
    """Return the items for which a function is true."""
    if arr is UNDEFINED:
        return UNDEFINED
    invoke = caller(run, func)
    return Sequence(item for index, item in enumerate(arr) if truth(invoke(item, index, arr)))


@native("single", "<af?>")
def single(run: Run, arr: Any = UNDEFINED, func: Any = UNDEFINED) -> Any:
    """Return the one item for which a function is true; fail where there is none, or more."""
    if arr is UNDEFINED:
        return UNDEFINED
    found: list[Any] = []
    for index, item in enumerate(arr):
        if func is UNDEFINED or truth(call_item(run, func, offered(func, item, index, arr))):
            if found:
                raise JsonataError("D3138", index=index)
            found.append(item)
    if not found:
        raise JsonataError("D3139")
    return found[0]


@native("reduce", "<afj?:j>", names=["sequence", "func", "init"])
def reduce(run: Run, sequence: Any = UNDEFINED, func: Any = UNDEFINED, init: Any = UNDEFINED) -> Any:
    """Return what a function makes of the items, one after the other."""
    if sequence is UNDEFINED:
        return UNDEFINED
    count = arity(func)
    if count < 2:
        raise JsonataError("D3050", index=1)
    at = 0
    result = init
    if init is UNDEFINED and sequence:
        result, at = sequence[0], 1
    for index in range(at, len(sequence)):
        more = [index, sequence][: max(0, count - 2)]
        result = call_item(run, func, [result, sequence[index], *more])
    return result
