"""Order-by: `items^(<price, >name)`."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import Code, Compiler, Frame, rule, tuple_frame
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.merging import merge_sorted
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Tuples, is_number, less

_UNSET: Any = object()


@rule("sort")
def sort(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile the step of an order-by: it takes the items in place of the context."""
    terms = [(compiler.code(term.left, depth + 1), term.descending) for term in node.items]
    position = node.position

    def order(value: Any, frame: Frame, run: Run) -> Any:
        items = value if isinstance(value, list) else [value]
        if len(items) <= 1:
            return items
        tuples = type(items) is Tuples
        keyed = [_Keyed(item, len(terms)) for item in items]

        def key(entry: _Keyed, at: int) -> Any:
            found = entry.keys[at]
            if found is _UNSET:
                item = entry.item
                context = item["@"] if tuples else item
                found = terms[at][0](context, tuple_frame(frame, item) if tuples else frame, run)
                entry.keys[at] = found
            return found

        def after(first: _Keyed, second: _Keyed) -> bool:
            for at, (_, descending) in enumerate(terms):
                result = _compare(key(first, at), key(second, at), descending, position)
                if result:
                    return result > 0
            return False

        return [entry.item for entry in merge_sorted(keyed, after, run)]

    return order


class _Keyed:
    """An item with what the terms have made of it so far."""

    __slots__ = ("item", "keys")

    def __init__(self, item: Any, terms: int) -> None:
        self.item = item
        self.keys: list[Any] = [_UNSET] * terms


def _compare(first: Any, second: Any, descending: bool, position: int) -> int:
    """Return which of two keys comes first; nothing comes last, whichever way is up."""
    if first is UNDEFINED or second is UNDEFINED:
        return (first is UNDEFINED) - (second is UNDEFINED)
    for value in (first, second):
        if type(value) is not str and not is_number(value):
            raise _error("T2008", position, value=value)
    if (type(first) is str) is not (type(second) is str):
        raise _error("T2007", position, value=first, value2=second)
    if first == second:
        return 0
    result = -1 if less(first, second) else 1
    return -result if descending else result


def _error(code: str, position: int, **fields: Any) -> JsonataError:
    error = JsonataError(code, **fields)
    error.position = position
    return error
