"""Literals, variables, blocks, bindings and conditions."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import Code, Compiler, Frame, rule
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.regex.function import RegexFunction
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, OuterSequence, number

_MISSING: Any = object()


@rule("number")
def literal_number(_compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile a number."""
    return _constant(number(node.value))


@rule("string", "value")
def literal(_compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile a string, `true`, `false` or `null`."""
    return _constant(node.value)


@rule("regex")
def regex(_compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile a regular expression, which is a function."""
    source, flags = node.value
    return _constant(RegexFunction(source, flags, node.position))


def _constant(constant: Any) -> Code:
    def literally(_value: Any, _frame: Frame, _run: Run) -> Any:
        return constant

    return literally


@rule("variable")
def variable(compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile a variable: `$` is the context, a name that nothing here binds is looked up in the root at once."""
    name = node.value
    if name == "":
        return _context
    if name in compiler.bound:
        return bound(name)
    key = "$" if name == "$" else name
    fallback = BUILT_IN.get(key, UNDEFINED)

    def of_root(_value: Any, _frame: Frame, run: Run) -> Any:
        return run.root.get(key, fallback)

    return of_root


def _context(value: Any, _frame: Frame, _run: Run) -> Any:
    return value[0] if type(value) is OuterSequence and value else value


def bound(name: str) -> Code:
    """Return the code that looks a name up in the frames, from the inside out."""
    fallback = BUILT_IN.get(name, UNDEFINED)

    def of_frame(_value: Any, frame: Frame, _run: Run) -> Any:
        at: Any = frame
        while at is not None:
            found = at.get(name, _MISSING)
            if found is not _MISSING:
                return found
            at = at[None]
        return fallback

    return of_frame


@rule("parent")
def parent(_compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile `%`: the variable that the step it means has bound."""
    slot: Any = node.slot
    return bound(slot.label)


@rule("block")
def block(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile a block; only one that binds variables needs a frame of its own."""
    codes = compiler.codes(node.items, depth + 1)
    if not codes:
        return _constant(UNDEFINED)
    opens = any(binds(item) for item in node.items)
    if len(codes) == 1 and not opens:
        return codes[0]
    *first, last = codes

    def sequence(value: Any, frame: Frame, run: Run) -> Any:
        if opens:
            frame = {None: frame}
        for code in first:
            code(value, frame, run)
        return last(value, frame, run)

    return sequence


def binds(node: Node) -> bool:
    """Return whether a node binds a variable in the frame that it is evaluated in."""
    if node.kind == "bind":
        return True
    return node.kind not in {"block", "lambda"} and any(binds(child) for child in node.children())


@rule("bind")
def bind(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `$x := value`."""
    name, code = node.value, compiler.code(node.right, depth + 1)

    def binding(value: Any, frame: Frame, run: Run) -> Any:
        result = frame[name] = code(value, frame, run)
        return result

    return binding


@rule("condition")
def condition(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `c ? a : b`."""
    test = compiler.code(node.left, depth + 1)
    positive = compiler.code(node.right, depth + 1)
    negative = compiler.code(node.third, depth + 1) if node.third is not None else _constant(UNDEFINED)

    def choose(value: Any, frame: Frame, run: Run) -> Any:
        answer = test(value, frame, run)
        if answer is True or (answer is not False and truth(answer)):
            return positive(value, frame, run)
        return negative(value, frame, run)

    return choose
