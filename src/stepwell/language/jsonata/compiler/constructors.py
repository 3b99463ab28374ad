"""Arrays, objects, and the grouping `{key: value}` behind a path, which is an object over many items."""

from collections.abc import Callable
from math import inf
from typing import Any

from stepwell.language.jsonata.budget import COPIED_PER_STEP, Run
from stepwell.language.jsonata.compiler.scopes import has_plain_keys
from stepwell.language.jsonata.compiler.writer import GROUP, Term, Writer, rule
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Tuples, tuple_frame
from stepwell.language.jsonata.walking import joined

Code = Callable[[Any, Any, Run], Any]


@rule("array")
def array(w: Writer, node: Node, depth: int) -> Term:
    """Write `[...]`: arrays among its items are laid open, but for those that are written there."""
    terms = [w.member(item, depth + 1) if item.kind == "array" else w.emit(item, depth + 1) for item in node.items]
    single = [item.kind == "array" or not term.may_be_list for item, term in zip(node.items, terms, strict=True)]
    start = next((at for at, term in enumerate(terms) if not (term.sure and single[at])), len(terms))
    first = f"[{', '.join([term.text for term in terms[:start]])}]"
    result = w.put(f"Constructed({first})" if node.constructed else first)
    for term, alone in zip(terms[start:], single[start:], strict=True):
        _add(w, result, term, alone)
    if not all(single) or len(terms) >= COPIED_PER_STEP:
        w.line(f"if len({result}) >= {COPIED_PER_STEP}: {w.run}.reserve(len({result}))")
    return Term(result, "array", True, sum(term.weight for term in terms), not node.constructed)


def _add(w: Writer, result: str, term: Term, alone: bool) -> None:
    """Write what puts an item into an array: all that it has where it is one."""
    if alone:
        w.line(f"{'' if term.sure else f'if {term.text} is not UNDEFINED: '}{result}.append({term.text})")
        return
    w.line(f"if isinstance({term.text}, list): {result}.extend({term.text})")
    w.line(f"{'else' if term.sure else f'elif {term.text} is not UNDEFINED'}: {result}.append({term.text})")


@rule("object")
def object_(w: Writer, node: Node, depth: int) -> Term:
    """Write `{...}`: over the context, or over its items where it is an array."""
    if not has_plain_keys(node):
        return group(w, node, Term(w.value, weight=w.weight), depth)
    context = w.new()
    place = w.place
    with w.context(context, w.weight):
        terms = [(w.program.literal(key.value), w.member(value, depth + 1)) for key, value in node.pairs]
    if w.uses(context):
        slowly = f"together({w.value}, {len(node.pairs)}, {w.run})"
        w.insert(place, f"{context} = {slowly} if isinstance({w.value}, list) else {w.value}")
    sure = [f"{key}: {term.text}" for key, term in terms if term.sure]
    if len(sure) == len(terms):
        result = w.put(f"{{{', '.join(sure)}}}")
    else:
        result = w.put("{}")
        for key, term in terms:
            w.line(f"{'' if term.sure else f'if {term.text} is not UNDEFINED: '}{result}[{key}] = {term.text}")
    return Term(result, "object", True, sum(term.weight for _, term in terms), True)


def group(w: Writer, node: Node, term: Term, depth: int) -> Term:
    """Write a grouping of items, or of one value."""
    pairs = [(w.function(key, depth + 1), w.function(value, depth + 1)) for key, value in node.pairs]
    made = w.program.made(_grouping, pairs, node.position)
    return Term(w.put(f"{made}({term.text}, {w.frame}, {w.run})"), "object", True, inf, True)


GROUP.append(group)


def _grouping(pairs: list[tuple[Code, Code]], position: int) -> Code:
    """Return what groups items, or the one item that a value is."""

    def group(value: Any, frame: Any, run: Run) -> Any:
        items: Any = value if isinstance(value, list) else [value]
        reduces = type(value) is Tuples and len(items) > 0
        items = items or [UNDEFINED]
        groups: dict[str, tuple[int, list[Any]]] = {}
        run.spend(len(items) * len(pairs))
        for item in items:
            inner = tuple_frame(frame, item) if reduces else frame
            for index, (code, _) in enumerate(pairs):
                key = code(item["@"] if reduces else item, inner, run)
                if key is UNDEFINED:
                    continue
                if type(key) is not str:
                    raise _error("T1003", position, key)
                known, gathered = groups.setdefault(key, (index, []))
                if known != index:
                    raise _error("D1009", position, key)
                gathered.append(item)
        return _members(groups, pairs, frame, run, reduces)

    return group


def _members(
    groups: dict[str, tuple[int, list[Any]]], pairs: list[tuple[Code, Code]], frame: Any, run: Run, reduces: bool
) -> dict[str, Any]:
    result = {}
    for key, (index, items) in groups.items():
        context, inner = joined(items), frame
        if reduces:
            merged = _merged(context)
            context = merged.pop("@")
            inner = tuple_frame(frame, merged)
        value = pairs[index][1](context, inner, run)
        if value is not UNDEFINED:
            result[key] = run.member(value)
    return result


def _merged(tuples: Any) -> dict[str, Any]:
    """Return one tuple for many: each variable has all their values."""
    if not isinstance(tuples, list):
        return dict(tuples)
    result = {}
    for name in tuples[0]:
        values: Any = UNDEFINED
        gathered: list[Any] = []
        for item in tuples:
            value = item.get(name, UNDEFINED)
            if isinstance(value, list):
                gathered.extend(value)
            elif value is not UNDEFINED:
                gathered.append(value)
        values = gathered if len(tuples) > 1 else tuples[0][name]
        result[name] = values
    return result


def _error(code: str, position: int, value: Any) -> JsonataError:
    error = JsonataError(code, value)
    error.position = position
    return error
