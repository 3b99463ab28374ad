"""Literals, variables, blocks, bindings and conditions."""

from math import inf, isfinite
from typing import Any

from stepwell.language.jsonata.compiler.writer import Term, Writer, rule
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import number

NOTHING = Term("UNDEFINED", "nothing", weight=0, plain=True)
_KINDS = {str: "string", bool: "boolean", type(None): "null"}


@rule("number")
def literal_number(w: Writer, node: Node, _depth: int) -> Term:
    """Write a number."""
    value = number(node.value)
    kind = "number" if isfinite(value) else ""
    return Term(w.program.literal(value), kind, True, 0, True)


@rule("string", "value")
def literal(w: Writer, node: Node, _depth: int) -> Term:
    """Write a string, `true`, `false` or `null`."""
    return Term(w.program.literal(node.value), _KINDS[type(node.value)], True, 0, True)


@rule("regex")
def regex(w: Writer, node: Node, _depth: int) -> Term:
    """Write a regular expression, which is a function."""
    return Term(w.program.constant(node.value), "function", True, 0, True)


@rule("variable")
def variable(w: Writer, node: Node, depth: int) -> Term:
    """Write a variable."""
    return w.looked_at(named(w, node, depth))


def named(w: Writer, node: Node, _depth: int) -> Term:
    """Write what a variable names: `$` is the context, what nothing binds is looked up in the bindings at once."""
    name = node.value
    if name == "":
        return context(w)
    if name == "$":
        return Term(w.source)
    scope = w.program.scopes.local.get(id(node))
    if scope is not None:
        term: Term = scope.terms[name]
        return term
    return looked_up(w, name)


def looked_up(w: Writer, name: str) -> Term:
    """Write a variable that is in a frame or in the bindings, or a built-in function."""
    native = BUILT_IN.get(name)
    fallback = "UNDEFINED" if native is None else w.program.constant(native)
    if name in w.program.bound:
        found = w.put(f"find({w.frame}, {w.program.literal(name)}, {w.run}, {fallback})")
        return Term(found, weight=inf, inner=True)
    known = w.known.get(("$", name))
    if known is None:
        if w.bindings != "bindings":
            w.run  # noqa: B018
        known = w.known["$", name] = w.put(f"{w.bindings}.get({w.program.literal(name)}, {fallback})")
    return Term(known)


def context(w: Writer) -> Term:
    """Write the context: an array is this array, whatever it is wrapped in, and a sequence of one its item."""
    value = w.value
    known = w.known.get((value, "$"))
    if known is None:
        known = w.known[value, "$"] = w.put(
            f"collapse({value}) if isinstance({value}, Sequence) and {value} else {value}"
        )
    return Term(known, weight=w.weight)


@rule("parent")
def parent(w: Writer, node: Node, _depth: int) -> Term:
    """Write `%`: the variable that the step it means has bound."""
    slot: Any = node.slot
    return Term(w.put(f"find({w.frame}, {w.program.literal(slot.label)}, {w.run}, UNDEFINED)"), weight=inf)


@rule("block")
def block(w: Writer, node: Node, depth: int) -> Term:
    """Write a block; only one that binds variables is a scope."""
    scope = w.program.scopes.of.get(id(node))
    if scope is None:
        return _in_turn(w, node.items, depth)
    with w.inside(scope, {}):
        return _in_turn(w, node.items, depth)


def _in_turn(w: Writer, items: list[Node], depth: int) -> Term:
    term = NOTHING
    for item in items:
        term = w.emit(item, depth + 1)
    return w.looked_at(term)


@rule("bind")
def bind(w: Writer, node: Node, depth: int) -> Term:
    """Write `$x := value`."""
    term = w.looked_at(w.emit(node.right, depth + 1))
    w.scope.terms[node.value] = term
    if w.scope.framed:
        w.line(f"{w.frame}[{w.program.literal(node.value)}] = {term.text}")
    return term


@rule("condition")
def condition(w: Writer, node: Node, depth: int) -> Term:
    """Write `c ? a : b`."""
    test = w.emit(node.left, depth + 1)
    result = w.new()
    with w.under(f"if {is_true(test)}:"):
        positive = w.looked_at(w.emit(node.right, depth + 1))
        w.line(f"{result} = {positive.text}")
    with w.under("else:"):
        negative = w.looked_at(w.emit(node.third, depth + 1)) if node.third is not None else NOTHING
        w.line(f"{result} = {negative.text}")
    same = positive.kind == negative.kind
    return Term(
        result,
        positive.kind if same else "",
        same and positive.sure and negative.sure,
        max(positive.weight, negative.weight),
        positive.plain and negative.plain,
    )


def is_true(term: Term) -> str:
    """Return the text that says whether a value counts as true."""
    if term.kind in {"number", "string"}:
        return f"truth({term.text})"
    if term.kind == "boolean":
        return f"{term.text} is True"
    return f"{term.text} is True or ({term.text} is not False and truth({term.text}))"
