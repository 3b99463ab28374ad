"""Calls, lambdas, partial application and `~>`."""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import STEPS_PER_CALL, Lambda, Native, TailCall, call, locate
from stepwell.language.jsonata.compiler.core import Code, Compiler, Frame, rule
from stepwell.language.jsonata.compiler.values import bound
from stepwell.language.jsonata.errors import DEPTH, STEPS, JsonataError, exhausted
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Function, Sequence, collapse, keep_array

Finish = Callable[[Any], Any]


def _name(procedure: Node) -> Any:
    """Return the name that a call is known by in errors."""
    return procedure.items[0].value if procedure.kind == "path" else procedure.value


@rule("call")
def calling(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile a call. One in tail position is left to whoever has called the body."""
    token, position = _name(node.left), node.position
    code = compiler.code(node.left, depth + 1)
    procedure = _checked(code, node.left, "T1005", position)
    codes = compiler.codes(node.items, depth + 1)
    tail = node.tuple and node.group is None
    # What a call in tail position has gathered is finished by the caller of the body.
    invoke = _invocation(procedure, codes, depth, node, keep_array if node.keep_array else None if tail else collapse)
    if not tail:
        return invoke

    def leave(value: Any, frame: Frame, run: Run) -> Any:
        function = procedure(value, frame, run)
        if type(function) is not Lambda:
            return invoke(value, frame, run)
        return TailCall(function, [argument(value, frame, run) for argument in codes], position, token)

    return leave


def _invocation(procedure: Code, codes: list[Code], depth: int, node: Node, finish: Finish | None) -> Code:
    token, position = _name(node.left), node.position
    single = codes[0] if len(codes) == 1 else None

    def invoke(value: Any, frame: Frame, run: Run) -> Any:
        function = procedure(value, frame, run)
        arguments = [single(value, frame, run)] if single is not None else [code(value, frame, run) for code in codes]
        outer = run.depth
        run.depth = outer + depth
        if run.depth >= run.limit:
            raise exhausted(DEPTH)
        try:
            if type(function) is Native:
                run.steps -= STEPS_PER_CALL
                if run.steps < 0:
                    raise exhausted(STEPS)
                result = function.call(run, arguments, value)
            else:
                result = call(run, function, arguments, value)
        except JsonataError as error:
            locate(error, position, token)
            raise
        run.depth = outer
        return finish(result) if finish is not None and isinstance(result, Sequence) else result

    return invoke


def _checked(code: Code, procedure: Node, error_code: str, position: int) -> Code:
    """Return a code that says what was meant where a name is called that is a variable's without its `$`."""
    if procedure.kind != "path" or procedure.items[0].kind != "name":
        return code
    name = procedure.items[0].value
    variable = bound(name)

    def check(value: Any, frame: Frame, run: Run) -> Any:
        function = code(value, frame, run)
        if function is UNDEFINED and variable(value, frame, run) is not UNDEFINED:
            error = JsonataError(error_code, token=name)
            error.position = position
            raise error
        return function

    return check


@rule("lambda")
def function(compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile `function($a){...}`; the levels of its body count from its call."""
    body = compiler.code(node.body, 1)
    names, signature = [argument.value for argument in node.items], node.signature

    def close(value: Any, frame: Frame, _run: Run) -> Any:
        return Lambda(names, body, frame, value, signature)

    return close


@rule("partial")
def partial(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `f(a, ?)`: a function of the arguments that are left open."""
    token, position = _name(node.left), node.position
    procedure = _checked(compiler.code(node.left, depth + 1), node.left, "T1007", position)
    codes = [None if item.kind == "placeholder" else compiler.code(item, depth + 1) for item in node.items]

    def apply_partially(value: Any, frame: Frame, run: Run) -> Any:
        given = [UNDEFINED if code is None else code(value, frame, run) for code in codes]
        called = procedure(value, frame, run)
        if type(called) is Lambda:
            names, body, around = called.names, called.body, called.frame
        elif type(called) is Native:
            names, body, around = called.names, _native_body(called), None
        else:
            error = JsonataError("T1008", token=token)
            error.position = position
            raise error
        inner: Frame = {None: around}
        left = []
        for at, name in enumerate(names):
            if at < len(codes) and codes[at] is None:
                left.append(name)
            else:
                inner[name] = given[at] if at < len(given) else UNDEFINED
        return Lambda(left, body, inner, called.value if type(called) is Lambda else UNDEFINED, None)

    return apply_partially


def _native_body(native: Native) -> Code:
    """Return a body that calls a built-in function with what its parameters are bound to."""
    variables = [bound(name) for name in native.names]

    def body(value: Any, frame: Frame, run: Run) -> Any:
        return native.implementation(run, *[variable(value, frame, run) for variable in variables])

    return body


@rule("apply")
def apply(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `x ~> f`: f of x, or where x is a function too, the function that does one after the other."""
    left = compiler.code(node.left, depth + 1)
    if node.right.kind == "call" and not node.right.predicates and node.right.group is None:
        call_node = node.right
        procedure = compiler.code(call_node.left, depth + 1)
        procedure = _checked(procedure, call_node.left, "T1005", call_node.position)
        codes = [left, *compiler.codes(call_node.items, depth + 1)]
        finish = keep_array if call_node.keep_array or node.keep_array else collapse
        return _invocation(procedure, codes, depth, call_node, finish)
    right = compiler.code(node.right, depth + 1)
    position, right_position = node.position, node.right.position
    token = node.right.value if node.right.kind == "variable" else None
    finish = keep_array if node.keep_array or node.right.keep_array or node.left.keep_array else collapse

    def chain(value: Any, frame: Frame, run: Run) -> Any:
        first, second = left(value, frame, run), right(value, frame, run)
        if not isinstance(second, Function):
            error = JsonataError("T2006", second)
            error.position = position
            raise error
        if isinstance(first, Function):
            return Lambda(["x"], _composed(first, second), None, UNDEFINED, None)
        outer = run.depth
        run.depth = outer + depth
        if run.depth >= run.limit:
            raise exhausted(DEPTH)
        try:
            result = call(run, second, [first], None)
        except JsonataError as error:
            locate(error, right_position, token)
            raise
        run.depth = outer
        return finish(result)

    return chain


def _composed(first: Function, second: Function) -> Code:
    def body(_value: Any, frame: Frame, run: Run) -> Any:
        outer = run.depth
        run.depth = outer + 2
        if run.depth >= run.limit:
            raise exhausted(DEPTH)
        result = call(run, second, [call(run, first, [frame["x"]], None)], None)
        run.depth = outer
        return result

    return body
