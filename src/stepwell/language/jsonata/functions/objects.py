"""Objects: keys, look-ups, merging, and the functions about values of any type."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import call_item
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.functions.higher_order import offered
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.signature import symbol
from stepwell.language.jsonata.values import UNDEFINED, Sequence

_TYPES = {"s": "string", "n": "number", "b": "boolean", "l": "null", "a": "array", "o": "object", "f": "function"}


@native("keys", "<x-:a<s>>")
def keys(run: Run, arg: Any = UNDEFINED) -> Any:
    """Return the keys of an object, or of all objects in an array."""
    found: dict[str, None] = {}
    _gather_keys(arg, found, run)
    return Sequence(found)


def _gather_keys(value: Any, found: dict[str, None], run: Run) -> None:
    if isinstance(value, list):
        run.spend(len(value))
        for item in value:
            _gather_keys(item, found, run)
    elif type(value) is dict:
        run.spend(len(value))
        found.update(dict.fromkeys(value))


@native("lookup", "<x-s:x>", names=["input", "key"])
def lookup(run: Run, value: Any = UNDEFINED, key: Any = UNDEFINED) -> Any:
    """Return the value of a key in an object, or in all objects of an array."""
    if type(value) is dict:
        return value.get(key, UNDEFINED)
    if not isinstance(value, list):
        return UNDEFINED
    run.spend(len(value))
    result = Sequence()
    for item in value:
        found = lookup(run, item, key)
        if isinstance(found, list):
            result.extend(found)
        elif found is not UNDEFINED:
            result.append(found)
    run.reserve(len(result))
    return result


@native("spread", "<x-:a<o>>")
def spread(run: Run, arg: Any = UNDEFINED) -> Any:
    """Return an object's pairs, each as an object of one key."""
    if isinstance(arg, list):
        result: list[Any] = []
        for item in arg:
            found = spread(run, item)
            if isinstance(found, list):
                result.extend(found)
            elif found is not UNDEFINED:
                result.append(found)
        run.reserve(len(result))
        return result if arg else Sequence()
    if type(arg) is dict:
        run.reserve(len(arg))
        return Sequence({key: value} for key, value in arg.items())
    return arg


@native("merge", "<a<o>:o>")
def merge(run: Run, arg: Any = UNDEFINED) -> Any:
    """Return one object for many; a later key wins."""
    if arg is UNDEFINED:
        return UNDEFINED
    result: dict[str, Any] = {}
    for item in arg:
        run.steps -= 1 + len(item)
        if run.steps < 0:
            run.spend(0)
        result.update(item)
    return result


@native("sift", "<o-f?:o>")
def sift(run: Run, arg: Any = UNDEFINED, func: Any = UNDEFINED) -> Any:
    """Return an object with the pairs for which a function is true."""
    if type(arg) is not dict:
        return UNDEFINED
    result = {k: v for k, v in arg.items() if truth(call_item(run, func, offered(func, v, k, arg)))}
    return result or UNDEFINED


@native("each", "<o-f:a>", names=["obj", "func"])
def each(run: Run, obj: Any = UNDEFINED, func: Any = UNDEFINED) -> Any:
    """Return what a function makes of each pair of an object."""
    result = Sequence()
    for key, value in obj.items() if type(obj) is dict else ():
        found = call_item(run, func, offered(func, value, key, obj))
        if found is not UNDEFINED:
            result.append(run.member(found))
    return result


@native("type", "<x:s>", names=["value"])
def type_(_run: Run, value: Any = UNDEFINED) -> Any:
    """Return the name of a value's type."""
    return UNDEFINED if value is UNDEFINED else _TYPES[symbol(value)]


@native("clone", "<(oa)-:o>")
def clone(run: Run, arg: Any = UNDEFINED) -> Any:
    """Return a copy of a value, of which nothing is shared with it."""
    run.spend(1)
    if isinstance(arg, list):
        return [clone(run, item) for item in arg]
    if type(arg) is dict:
        return {key: clone(run, item) for key, item in arg.items()}
    return arg


@native("error", "<s?:x>", names=["message"])
def error_(_run: Run, message: Any = UNDEFINED) -> Any:
    """Fail with a message."""
    raise JsonataError("D3137", message=message or "$error() function evaluated")


@native("assert", "<bs?:x>", names=["condition", "message"])
def assert_(_run: Run, condition: Any = UNDEFINED, message: Any = UNDEFINED) -> Any:
    """Fail with a message unless a condition is true."""
    if condition is not True:
        raise JsonataError("D3141", message=message or "$assert() statement failed")
    return UNDEFINED
