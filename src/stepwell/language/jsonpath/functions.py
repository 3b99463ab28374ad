"""The functions that may end a path: `$.items.length()`, `$..price.sum()`."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_EMPTY = "Aggregation function attempted to calculate value using empty array"


class FunctionError(ValueError):
    """A function that cannot be computed from what the path has found."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a value and its arguments, and how many of these it takes."""

    apply: Callable[[Any, list[Any]], Any]
    most: int | None = None
    least: int = 0

    def check(self, count: int) -> str | None:
        """Return what is wrong with so many arguments, or None."""
        if count < self.least or (self.most is not None and count > self.most):
            return (
                f"takes {self.least} argument(s)"
                if self.least == self.most
                else f"takes {self.least} or more arguments"
            )
        return None


def _numbers(value: Any, arguments: list[Any]) -> list[float]:
    items = [*value, *arguments] if isinstance(value, list) else arguments
    numbers = [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]
    if not numbers:
        raise FunctionError(_EMPTY)
    return numbers


def _aggregate(compute: Callable[[list[float]], float]) -> Function:
    return Function(lambda value, arguments: compute(_numbers(value, arguments)))


def _deviation(numbers: list[float]) -> float:
    mean = math.fsum(numbers) / len(numbers)
    return math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers))


def _length(value: Any, _: list[Any]) -> int | None:
    return len(value) if isinstance(value, list | dict) else None


def _keys(value: Any, _: list[Any]) -> list[str] | None:
    return list(value) if isinstance(value, dict) else None


def _concat(value: Any, arguments: list[Any]) -> str:
    items = [*value, *arguments] if isinstance(value, list) else arguments
    return "".join(item for item in items if isinstance(item, str))


def _append(value: Any, arguments: list[Any]) -> Any:
    return [*value, *arguments] if isinstance(value, list) else value


def _at(value: Any, index: int) -> Any:
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        raise FunctionError(_EMPTY)
    return value[index]


def _index(value: Any, arguments: list[Any]) -> Any:
    index = arguments[0]
    if not isinstance(index, int) or isinstance(index, bool):
        raise FunctionError("The argument of index() must be an integer")
    return _at(value, index)


FUNCTIONS: dict[str, Function] = {
    "length": Function(_length, most=0),
    "size": Function(_length, most=0),
    "min": _aggregate(min),
    "max": _aggregate(max),
    "avg": _aggregate(lambda numbers: math.fsum(numbers) / len(numbers)),
    "stddev": _aggregate(_deviation),
    "sum": _aggregate(math.fsum),
    "keys": Function(_keys, most=0),
    "concat": Function(_concat),
    "append": Function(_append),
    "first": Function(lambda value, _: _at(value, 0), most=0),
    "last": Function(lambda value, _: _at(value, -1), most=0),
    "index": Function(_index, most=1, least=1),
}
