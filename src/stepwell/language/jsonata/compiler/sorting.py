"""Order-by: `items^(<price, >name)`."""

from collections.abc import Callable
from math import inf
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.writer import Term, Writer, rule
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.merging import merge_sorted
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Tuples, is_number, less, tuple_frame

Code = Callable[[Any, Any, Run], Any]

_UNSET: Any = object()


@rule("sort")
def sort(w: Writer, node: Node, depth: int) -> Term:
    """Write the order-by of a path of tuples: it takes the items in place of the context."""
    return order(w, node, Term(w.value, "array", weight=inf), depth)


def order(w: Writer, node: Node, items: Term, depth: int) -> Term:
    """Write an order-by of items."""
    terms = [(w.function(term.left, depth + 1), term.descending) for term in node.items]
    made = w.program.made(_ordering, terms, node.position)
    return Term(w.put(f"{made}({items.text}, {w.frame}, {w.run})"), "array", True, items.weight)


def _ordering(terms: list[tuple[Code, bool]], position: int) -> Code:
    """Return what sorts items, or the one item that a value is."""

    def order(value: Any, frame: Any, run: Run) -> Any:
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
