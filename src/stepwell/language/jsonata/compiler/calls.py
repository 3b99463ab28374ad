"""Calls, lambdas, partial application and `~>`."""

from math import inf
from typing import Any

from stepwell.language.jsonata.calling import STEPS_PER_CALL, Native
from stepwell.language.jsonata.compiler.loops import loop
from stepwell.language.jsonata.compiler.natives import Applied, applied
from stepwell.language.jsonata.compiler.values import looked_up
from stepwell.language.jsonata.compiler.writer import Term, Writer, rule
from stepwell.language.jsonata.signature import ITEM_TYPES
from stepwell.language.jsonata.tree import Node

_RETURNS = {"s": "string", "n": "number", "b": "boolean"}


@rule("call")
def call(w: Writer, node: Node, depth: int) -> Term:
    """Write a call. One in tail position is left to whoever has called the body."""
    tail = node.tuple and node.group is None
    term = _call(w, Applied(node, node.items), depth, tail=tail)
    # What a call in tail position has gathered is finished by the caller of the body.
    return term if tail and not node.keep_array else w.finish(term, node.keep_array)._replace(inner=True)


def _call(w: Writer, called: Applied, depth: int, *, tail: bool = False) -> Term:
    body = w.program.natives.loop(called)
    if body is not None:
        return loop(w, called, body, depth)
    native = w.program.natives.called(called.node.left)
    if native is not None:
        return _native(w, native, called, depth)
    token, position = _name(called.node.left), called.node.position
    function = _procedure(w, called.node, depth, "T1005")
    arguments = ", ".join([w.emit(argument, depth + 1).text for argument in called.arguments])
    if not tail:
        return _invocation(w, function, arguments, f"{w.value}, {depth}", token, position)
    if w.tail is None:
        leave = f"leave({function}, [{arguments}], {position}, {w.program.literal(token)})"
        known = w.put(f"{leave} if type({function}) is Lambda else None")
        with w.under(f"if {known} is None:"):
            w.line(f"{known} = {_invocation(w, function, arguments, f'{w.value}, {depth}', token, position).text}")
        return Term(known, weight=inf)
    context = w.put(f"None if type({function}) is Lambda else {w.value}")
    return _invocation(w, function, arguments, f"{context}, {w.tail}", token, position)


def _invocation(w: Writer, function: str, arguments: str, where: str, token: Any, position: int) -> Term:
    located = f"{position}, {w.program.literal(token)}"
    return Term(w.put(f"invoke({w.run}, {function}, [{arguments}], {where}, {located})"), weight=inf)


def _name(procedure: Node) -> Any:
    """Return the name that a call is known by in errors."""
    return procedure.items[0].value if procedure.kind == "path" else procedure.value


def _procedure(w: Writer, node: Node, depth: int, code: str) -> str:
    """Write what is called; where a name is called that is a variable's without its `$`, that is what was meant."""
    procedure = node.left
    function = w.put(w.emit(procedure, depth + 1).text)
    if procedure.kind == "path" and procedure.items[0].kind == "name":
        name = procedure.items[0].value
        with w.under(f"if {function} is UNDEFINED:"):
            variable = looked_up(w, name).text
            meant = f"raise misnamed({code!r}, {w.program.literal(name)}, {node.position})"
            w.line(f"if {variable} is not UNDEFINED: {meant}")
    return function


def _native(w: Writer, native: Native, called: Applied, depth: int) -> Term:
    """Write a call of a built-in function, at once where the types of the arguments are known to fit."""
    terms = [w.emit(argument, depth + 1) for argument in called.arguments]
    arguments = ", ".join([term.text for term in terms])
    constant, implementation = w.program.constant(native), w.program.constant(native.implementation)
    w.owe(STEPS_PER_CALL)
    w.line(f"if {w.run}.depth + {depth} >= run.limit: run.too_deep()")
    if native.calls_back:
        w.line(f"run.depth += {depth}")
    context = w.value if native.takes_context else None
    slowly = f"{constant}.call(run, [{arguments}], {context})"
    result = w.new()
    with w.under("try:"):
        if terms:
            fits = f"({''.join([f'type({term.text}), ' for term in terms])}) in {w.program.constant(native.fitting)}"
            if native.items is not None:
                items = terms[0].text
                known = f"type({items}) is Numbers or " if native.items == "n" else ""
                fits += f" and ({known}{w.program.constant(ITEM_TYPES[native.items])}.issuperset(map(type, {items})))"
            w.line(f"{result} = {implementation}(run, {arguments}) if {fits} else {slowly}")
        else:
            w.line(f"{result} = {slowly}")
    with w.under("except JsonataError as error:"):
        w.line(f"raise located(error, {called.node.position}, {w.program.literal(_name(called.node.left))})")
    if native.calls_back:
        w.line(f"run.depth -= {depth}")
    kind = _RETURNS.get(native.returns, "")
    weight = inf if native.calls_back else 0 if kind in {"number", "boolean"} else sum(term.weight for term in terms)
    return Term(result, kind, False, weight, kind != "")


@rule("lambda")
def function(w: Writer, node: Node, _depth: int) -> Term:
    """Write `function($a){...}`; the levels of its body count from its call."""
    scope = w.program.scopes.of[id(node)]
    names = [argument.value for argument in node.items]
    texts = [w.program.name("p") for _ in names]
    given = {name: Term(text, weight=inf, inner=True) for name, text in zip(names, texts, strict=True)}
    writer = Writer(w.program, scope)

    def body() -> Term:
        with writer.inside(scope, given):
            return writer.emit(node.body, 1)

    written = writer.named("".join([f", {text}=UNDEFINED" for text in texts]), body)
    known = w.program.constant(names), w.program.literal(node.signature)
    return Term(w.put(f"Lambda({known[0]}, {written}, {w.frame}, {w.value}, {known[1]})"), "function", True, inf, True)


@rule("partial")
def partial(w: Writer, node: Node, depth: int) -> Term:
    """Write `f(a, ?)`: a function of the arguments that are left open."""
    given = ["HOLE" if item.kind == "placeholder" else w.emit(item, depth + 1).text for item in node.items]
    called = _procedure(w, node, depth, "T1007")
    located = f"{node.position}, {w.program.literal(_name(node.left))}"
    text = f"partially({called}, [{', '.join(given)}], {located})"
    return Term(w.put(text), "function", True, inf, True)


def apply(w: Writer, node: Node, depth: int) -> Term:
    """Write `x ~> f`: f of x, or where x is a function too, the function that does one after the other."""
    called = applied(node)
    if called is not None:
        return w.finish(_call(w, called, depth), called.node.keep_array or node.keep_array)._replace(inner=True)
    left, right = w.emit(node.left, depth + 1).text, w.emit(node.right, depth + 1).text
    token = w.program.literal(node.right.value if node.right.kind == "variable" else None)
    result = w.put(f"chained({w.run}, {left}, {right}, {depth}, ({node.position}, {node.right.position}), {token})")
    keeps = node.keep_array or node.right.keep_array or node.left.keep_array
    return w.finish(Term(result, weight=inf), keeps)._replace(inner=True)
