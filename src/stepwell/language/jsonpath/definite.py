"""Definite paths, compiled to closures that index and nothing else.

Nine paths in ten are `$.a.b`. They cost one call and a few look-ups; whether each node is there is not asked
beforehand. Only a look-up that has failed is explained, by walking the path once more, in the words of AWS.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stepwell.language.document import to_text
from stepwell.language.evaluation import Allowance, Evaluation, Expression, PathError

from .syntax import Index, Name, Names, Step

MAX_SHOWN = 1_000

Find = Callable[[Any], Any]

# Jayway names what it has found by the class that Java has for it.
_JAVA_NAMES: dict[type, str] = {
    str: "java.lang.String",
    bool: "java.lang.Boolean",
    int: "java.lang.Integer",
    float: "java.lang.Double",
    list: "java.util.ArrayList",
    type(None): "null",
}


def compile_definite(text: str, steps: tuple[Step, ...]) -> Callable[..., Any]:
    """Return what follows `steps` from a value to the one node there, or raises `PathError`."""
    if not steps:
        return lambda value, _=None: value
    get = _getter(steps)

    def find(value: Any, _: Allowance | None = None) -> Any:
        try:
            return get(value)
        except (LookupError, TypeError):
            raise PathError(text, explain(steps, value)) from None

    return find


def compile_definite_of_input(text: str, steps: tuple[Step, ...]) -> Expression:
    """Return what `compile_definite` does, from the input of an evaluation."""
    if not steps:
        return lambda evaluation: evaluation.input
    if len(steps) == 1 and isinstance(steps[0], Name):
        return _name_of_input(text, steps[0].name, steps)
    get = _getter(steps)

    def evaluate(evaluation: Evaluation) -> Any:
        try:
            return get(evaluation.input)
        except (LookupError, TypeError):
            raise PathError(text, explain(steps, evaluation.input)) from None

    return evaluate


def _name_of_input(text: str, name: str, steps: tuple[Step, ...]) -> Expression:
    def evaluate(evaluation: Evaluation) -> Any:
        try:
            return evaluation.input[name]
        except (LookupError, TypeError):
            raise PathError(text, explain(steps, evaluation.input)) from None

    return evaluate


def _getter(steps: tuple[Step, ...]) -> Find:
    """Return a closure for the first steps, which are mostly names, and put one around it for every further step."""
    match steps:
        case (Name(a), Name(b), Name(c), *rest):
            return _further(lambda value: value[a][b][c], rest)
        case (Name(a), Name(b), *rest):
            return _further(lambda value: value[a][b], rest)
        case (Name(a), *rest):
            return _further(lambda value: value[a], rest)
    return _further(lambda value: value, list(steps))


def _further(get: Find, rest: list[Step]) -> Find:
    for step in rest:
        get = _after(get, step)
    return get


def _after(get: Find, step: Step) -> Find:
    if isinstance(step, Name):
        name = step.name
        return lambda value: get(value)[name]
    if isinstance(step, Names):
        return _merge(get, step.names)
    if not isinstance(step, Index):
        raise AssertionError(f"{step!r} is no step of a definite path")
    index = step.index

    def item(value: Any) -> Any:
        items = get(value)
        # A text can be indexed too, by Python but not by a path.
        if type(items) is not list:
            raise TypeError
        return items[index]

    return item


def _merge(get: Find, names: tuple[str, ...]) -> Find:
    def merged(value: Any) -> Any:
        node = get(value)
        if not isinstance(node, Mapping):
            raise TypeError
        return {name: node[name] for name in names if name in node}

    return merged


def explain(steps: tuple[Step, ...], value: Any) -> str:
    """Return why `steps` lead to no node of `value`."""
    current, path = value, "$"
    for at, step in enumerate(steps):
        following = path + str(step)
        if isinstance(step, Index):
            problem = index_problem(current, step.index, path)
            if problem:
                return problem
            current = current[step.index]
        else:
            if not isinstance(current, Mapping):
                return object_problem(current, step, path)
            if isinstance(step, Name):
                if step.name not in current:
                    return f"No results for path: {following}" if at == len(steps) - 1 else missing_property(following)
                current = current[step.name]
        path = following
    return f"No results for path: {path}"


def missing_property(path: str) -> str:
    """Return AWS's words for a property that is not there, and on which the path goes on."""
    return f"Missing property in path {path}"


def object_problem(current: Any, step: Step, path: str) -> str:
    """Return Jayway's words for a step to a property of something that is no object."""
    found = _JAVA_NAMES.get(type(current), type(current).__name__)
    return f"Expected to find an object with property {step} in path {path} but found '{found}'."


def index_problem(current: Any, index: int, path: str) -> str | None:
    """Return Jayway's words for an item that is not there, or None if it is."""
    if current is None:
        return f"The path {path} is null"
    if not isinstance(current, list):
        return f"Filter: [{index}] can only be applied to arrays. Current context is: {to_text(current)[:MAX_SHOWN]}"
    if not -len(current) <= index < len(current):
        return f"Index out of bounds when evaluating path {path}[{index}]"
    return None
