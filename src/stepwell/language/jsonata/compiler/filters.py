"""Predicates as they are written: a loop over the items; for tuples, a callable."""

from collections.abc import Callable
from math import floor, inf
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.program import Name
from stepwell.language.jsonata.compiler.writer import FILTER, MANY, TUPLES, Term, Writer
from stepwell.language.jsonata.predicates import item_at, keeps
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Sequence, Tuples, tuple_frame

Filter = Callable[[Any, Any, Run], Any]


def kept_where(w: Writer, stage: Node, term: Term, depth: int) -> Term:
    """Write a predicate; what it leaves of the items is a sequence."""
    node = stage.right
    if term.kind == TUPLES:
        return Term(w.put(f"{tuples_kept(w, node, depth)}({term.text}, {w.frame}, {w.run})"), TUPLES, weight=inf)
    if _is_position(node):
        return Term(w.put(f"item_at({term.text}, {floor(node.value)})"), weight=term.weight)
    items = w.put(f"{term.text} if isinstance({term.text}, list) else [{term.text}]")
    w.spend(f"len({items})")
    at, item, kept = w.new(), w.new(), w.put("Sequence()")
    header = w.place
    with w.under("for"), w.context(item, term.weight / MANY):
        answer = w.emit(node, depth + 1)
        if answer.kind == "boolean":
            w.line(f"if {answer.text} is True: {kept}.append({item})")
            w.replace(header, f"for {item} in {items}:")
        else:
            w.line(f"if keeps({answer.text}, {at}, len({items}), {w.run}): {kept}.append({item})")
            w.replace(header, f"for {at}, {item} in enumerate({items}):")
    if not term.sure:
        w.line(f"if {term.text} is UNDEFINED and {kept}: {w.run}.unsettled = True")
    return Term(kept, weight=term.weight)


FILTER.append(kept_where)


def _is_position(node: Node) -> bool:
    return node.kind == "number" and not node.predicates and node.group is None


def tuples_kept(w: Writer, node: Node, depth: int) -> Name:
    """Return the name of the callable of a predicate: it takes tuples or other items, the frame and the run."""
    if _is_position(node):
        return w.program.made(_position, floor(node.value))
    return w.program.made(_predicate, w.function(node, depth + 1))


def _position(index: int) -> Filter:
    return lambda value, _frame, _run: item_at(value, index)


def _predicate(code: Filter) -> Filter:
    def keep(value: Any, frame: Any, run: Run) -> Any:
        items = value if isinstance(value, list) else [value]
        run.spend(len(items))
        tuples = type(items) is Tuples
        kept: list[Any] = Tuples() if tuples else Sequence()
        for at, item in enumerate(items):
            answer = code(item["@"] if tuples else item, tuple_frame(frame, item) if tuples else frame, run)
            if keeps(answer, at, len(items), run):
                kept.append(item)
        if value is UNDEFINED and kept:
            run.unsettled = True
        return kept

    return keep
