"""Predicates: `[0]` takes an item by its position, `[price > 10]` those for which it is true."""

from math import floor, isfinite, isnan
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import FILTER, Code, Compiler, Frame, tuple_frame
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Sequence, Tuples, is_number


def predicate(compiler: Compiler, node: Node, depth: int) -> Code:
    """Return the filter of a predicate: it takes what is to be filtered in place of the context."""
    if node.kind == "number" and not node.predicates and node.group is None:
        return _position(floor(node.value))
    code = compiler.code(node, depth + 1)

    def keep(value: Any, frame: Frame, run: Run) -> Any:
        items = value if isinstance(value, list) else Sequence((value,))
        if type(items) is Tuples:
            return _keep_tuples(items, code, frame, run)
        run.steps -= len(items)
        if run.steps < 0:
            run.spend(0)
        result = Sequence()
        for index, item in enumerate(items):
            if _keeps(code(item, frame, run), index, len(items), run):
                result.append(item)
        if value is UNDEFINED and result:
            run.made = 2
        return result

    return keep


def _keep_tuples(items: list[Any], code: Code, frame: Frame, run: Run) -> Any:
    run.spend(len(items))
    return Tuples(
        item
        for index, item in enumerate(items)
        if _keeps(code(item["@"], tuple_frame(frame, item), run), index, len(items), run)
    )


def _position(index: int) -> Code:
    def at(value: Any, _frame: Frame, _run: Run) -> Any:
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

    return at


def _keeps(answer: Any, index: int, size: int, run: Run) -> bool:
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


FILTER.append(predicate)
