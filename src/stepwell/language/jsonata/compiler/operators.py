"""Operators. Numbers are computed and compared where they stand; all else is left to `operations.py`."""

from stepwell.language.jsonata.compiler.calls import apply
from stepwell.language.jsonata.compiler.values import is_true
from stepwell.language.jsonata.compiler.writer import Term, Writer, rule
from stepwell.language.jsonata.tree import Node

_SYMBOLS = {"+", "-", "*"}
_ORDERS = {"<", ">", "<=", ">="}
_EQUALITIES = {"=": "==", "!=": "!="}
_FUNCTIONS = {"=": "same", "!=": "different", "in": "included"}


@rule("binary")
def binary(w: Writer, node: Node, depth: int) -> Term:
    """Write an operator with two sides."""
    token = node.value
    if token == "~>":
        return apply(w, node, depth)
    if token in {"and", "or"}:
        return logic(w, node, depth)
    left, right = w.emit(node.left, depth + 1), w.emit(node.right, depth + 1)
    if token in _SYMBOLS:
        return arithmetic(w, node, left, right)
    if token in {"/", "%"}:
        return _number(w.put(f"arithmetic({token!r}, {left.text}, {right.text}, {node.position})"))
    if token in _ORDERS:
        return comparison(w, node, left, right)
    if token == "&":
        return concatenation(w, left, right)
    if token in _EQUALITIES and _is_literal(right):
        return equality(w, token, left, right)
    return Term(w.put(f"{_FUNCTIONS[token]}({left.text}, {right.text}, {w.run})"), "boolean", True, 0, True)


def _number(text: str) -> Term:
    return Term(text, "number", weight=0, plain=True)


def _are_numbers(left: Term, right: Term) -> str | None:
    """Return the text that says whether both sides are numbers; None where it is known that they are."""
    checks = [f"type({term.text}) in NUMBERS" for term in (left, right) if not (term.kind == "number" and term.sure)]
    return " and ".join(checks) or None


def arithmetic(w: Writer, node: Node, left: Term, right: Term) -> Term:
    """Write `+ - *`. What is too large for a double to be exact, infinite or no number takes the long way."""
    result = w.new()
    slowly = f"{result} = arithmetic({node.value!r}, {left.text}, {right.text}, {node.position})"
    with w.under(f"if {_are_numbers(left, right) or True}:"):
        w.line(f"{result} = {left.text} {node.value} {right.text}")
        w.line(f"if not -EXACT <= {result} <= EXACT: {slowly}")
        w.line(f"elif type({result}) is float and {result}.is_integer(): {result} = int({result})")
    with w.under("else:"):
        w.line(slowly)
    return _number(result)


def comparison(w: Writer, node: Node, left: Term, right: Term) -> Term:
    """Write `< <= > >=`."""
    quickly = f"{left.text} {node.value} {right.text}"
    slowly = f"compared({node.value!r}, {left.text}, {right.text}, {node.position}, {w.run})"
    checks = _are_numbers(left, right)
    text = quickly if checks is None else f"{quickly} if {checks} else {slowly}"
    return Term(w.put(text), "boolean", False, 0, True)


def concatenation(w: Writer, left: Term, right: Term) -> Term:
    """Write `&`."""
    text = w.put(f"concatenated({left.text}, {right.text}, {w.run})")
    return Term(text, "string", True, left.weight + right.weight, True)


def _is_literal(term: Term) -> bool:
    """Return whether a term is written as a text or number that equals nothing but its like; `1 = true` is false."""
    return term.text[0] in "'\"-23456789"


def equality(w: Writer, token: str, left: Term, right: Term) -> Term:
    """Write `=` and `!=` with a literal on the right."""
    text = f"{left.text} {_EQUALITIES[token]} {right.text}"
    if token == "!=" and not left.sure:
        text = f"{text} and {left.text} is not UNDEFINED"
    return Term(w.put(text), "boolean", True, 0, True)


def logic(w: Writer, node: Node, depth: int) -> Term:
    """Write `and` and `or`; the right side is only evaluated where it decides."""
    left = w.emit(node.left, depth + 1)
    result = w.put(is_true(left))
    with w.under(f"if {result}:" if node.value == "and" else f"if not {result}:"):
        right = w.emit(node.right, depth + 1)
        w.line(f"{result} = {is_true(right)}")
    return Term(result, "boolean", True, 0, True)


@rule("negation")
def negation(w: Writer, node: Node, depth: int) -> Term:
    """Write `-x`."""
    term = w.emit(node.left, depth + 1)
    return _number(w.put(f"negated({term.text}, {node.position})"))


@rule("range")
def ranged(w: Writer, node: Node, depth: int) -> Term:
    """Write `a..b`."""
    left, right = w.emit(node.left, depth + 1), w.emit(node.right, depth + 1)
    return Term(w.put(f"numbers_between({left.text}, {right.text}, {node.position}, {w.run})"), weight=0)
