"""Functions and how they are called: lambdas, built-in ones, regular expressions, transformations.

A call in tail position is not made: the body returns it as a `TailCall`, and whoever called the body makes it then. So
a recursion that only ever ends in calls runs as a loop, however long it is, and ends by the budget of steps.
"""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import DEPTH, STEPS, JsonataError, exhausted
from stepwell.language.jsonata.signature import Signature
from stepwell.language.jsonata.values import UNDEFINED, Function

MAX_KNOWN_TYPES = 64
STEPS_PER_CALL = 3
HOLE: Any = object()
"""Stands for an argument that is left open."""


class Lambda(Function):
    """A function of the expression, with the frame and the context in which it was written."""

    __slots__ = ("body", "frame", "names", "signature", "value")

    def __init__(self, names: list[str], body: Any, frame: Any, value: Any, signature: Signature | None) -> None:
        self.names = names
        self.body = body
        self.frame = frame
        self.value = value
        self.signature = signature


class Native(Function):
    """A built-in function: `implementation(run, *arguments)`."""

    __slots__ = (
        "arity", "calls_back", "fitting", "implementation", "items", "name", "names", "returns", "signature",
        "takes_context",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        implementation: Callable[..., Any],
        names: list[str],
        signature: Signature | None,
        arity: int,
        returns: str = "",
    ) -> None:
        self.name = name
        self.implementation = implementation
        self.names = names
        self.signature = signature
        self.arity = arity
        self.returns = returns
        """The letter of the type that it returns."""
        parameters = signature.parameters if signature is not None else []
        self.calls_back = any(parameter.takes_function for parameter in parameters)
        self.takes_context = any(parameter.context for parameter in parameters)
        self.items = parameters[0].items if parameters else None
        """What the items of its first argument are checked to be."""
        self.fitting: set[tuple[type, ...]] = set()
        """Types of arguments, if those items fit, of which the signature makes nothing else."""

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        """Call it with what its signature makes of the arguments."""
        if self.signature is None:
            return self.implementation(run, *arguments)
        given = arguments
        arguments = self.signature.arguments(given, context)
        self._remember(tuple(map(type, given)), given, arguments)
        return self.implementation(run, *arguments)

    def _remember(self, types: tuple[type, ...], given: list[Any], arguments: list[Any]) -> None:
        """Remember types for which the signature changes nothing, whatever the values are."""
        parameters = self.signature.parameters if self.signature is not None else []
        if len(self.fitting) >= MAX_KNOWN_TYPES or not all(parameter.by_type for parameter in parameters[1:]):
            return
        if self.items is None and not all(parameter.by_type for parameter in parameters[:1]):
            return
        if self.items is not None and not (given and isinstance(given[0], list)):
            return
        # The context can only come in where an argument is missing.
        complete = not any(p.context for p in parameters[len(given) :])
        same = len(given) <= len(arguments) and all(a is b for a, b in zip(given, arguments, strict=False))
        rest = all(value is UNDEFINED for value in arguments[len(given) :])
        if complete and same and rest:
            self.fitting.add(types)


class TailCall:
    """A call that is left to the caller of the body that ends in it."""

    __slots__ = ("arguments", "function", "position", "token")

    def __init__(self, function: Any, arguments: list[Any], position: int, token: Any) -> None:
        self.function = function
        self.arguments = arguments
        self.position = position
        self.token = token


def call(run: Run, function: Any, arguments: list[Any], context: Any) -> Any:
    """Call a function; what its body leaves to be called is called here."""
    result = _call_once(run, function, arguments, context)
    return finish_call(run, result, context) if type(result) is TailCall else result


def finish_call(run: Run, result: Any, context: Any) -> Any:
    """Make the calls that a body has left to its caller, one after the other."""
    while type(result) is TailCall:
        try:
            result = _call_once(run, result.function, result.arguments, context)
        except JsonataError as error:
            raise located(error, result.position, result.token) from None
    return result


def _call_once(run: Run, function: Any, arguments: list[Any], context: Any) -> Any:
    run.steps -= STEPS_PER_CALL
    if run.steps < 0:
        raise exhausted(STEPS)
    if type(function) is Lambda:
        if function.signature is not None:
            arguments = function.signature.arguments(arguments, context)
        return function.body(function.value, function.frame, run, *arguments[: len(function.names)])
    if isinstance(function, Function):
        return function.call(run, arguments, context)  # type: ignore[attr-defined]
    raise JsonataError("T1006")


def leave(function: Lambda, arguments: list[Any], position: int, token: Any) -> TailCall:
    """Leave a call to the caller."""
    return TailCall(function, arguments, position, token)


def invoke(run: Run, function: Any, arguments: list[Any], context: Any, depth: int, position: int, token: Any) -> Any:
    """Call a function from so deep within the one that calls it."""
    outer = run.depth
    run.depth = outer + depth
    if run.depth >= run.limit:
        raise exhausted(DEPTH)
    try:
        result = call(run, function, arguments, context)
    except JsonataError as error:
        raise located(error, position, token) from None
    run.depth = outer
    return result


def call_item(run: Run, function: Any, arguments: list[Any]) -> Any:
    """Call a function that was passed as an argument."""
    if run.depth >= run.limit:
        raise exhausted(DEPTH)
    return call(run, function, arguments, None)


def arity(function: Any) -> int:
    """Return how many arguments a function takes."""
    if type(function) is Lambda:
        return len(function.names)
    return function.arity if type(function) is Native else 1


def located(error: JsonataError, position: int, token: Any) -> JsonataError:
    """Return an error that says where a call failed, unless it is known already."""
    if error.position is None:
        error.position = position
    if error.token is None:
        error.token = token
    return error


def misnamed(code: str, name: str, position: int) -> JsonataError:
    """Return the error of a call of a name that is a variable's without its `$`."""
    return located(JsonataError(code, token=name), position, name)


def partially(called: Any, given: list[Any], position: int, token: Any) -> Lambda:
    """Return the function of the arguments that are holes among the given ones."""
    if not isinstance(called, Lambda | Native):
        raise located(JsonataError("T1008", token=token), position, token)
    names = called.names
    full = [*given, *[UNDEFINED] * len(names)][: len(names)]
    holes = [at for at, argument in enumerate(full) if argument is HOLE]

    def body(_value: Any, _frame: Any, run: Run, *arguments: Any) -> Any:
        filled = [UNDEFINED if argument is HOLE else argument for argument in full]
        for at, argument in zip(holes, arguments, strict=False):
            filled[at] = argument
        if isinstance(called, Lambda):
            return called.body(called.value, called.frame, run, *filled)
        return called.implementation(run, *filled)

    return Lambda([names[at] for at in holes], body, None, UNDEFINED, None)


def chained(run: Run, first: Any, second: Any, depth: int, positions: tuple[int, int], token: Any) -> Any:
    """Return what a function makes of a value, or of two functions the one that does one after the other."""
    if not isinstance(second, Function):
        raise located(JsonataError("T2006", second), positions[0], None)
    if isinstance(first, Function):
        return Lambda(["x"], _composed(first, second), None, UNDEFINED, None)
    return invoke(run, second, [first], None, depth, positions[1], token)


def _composed(first: Function, second: Function) -> Callable[..., Any]:
    def body(_value: Any, _frame: Any, run: Run, x: Any = UNDEFINED) -> Any:
        outer = run.depth
        run.depth = outer + 2
        if run.depth >= run.limit:
            raise exhausted(DEPTH)
        result = call(run, second, [call(run, first, [x], None)], None)
        run.depth = outer
        return result

    return body
