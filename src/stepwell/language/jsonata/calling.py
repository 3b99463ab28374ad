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

    __slots__ = ("_by_type", "_plain", "arity", "implementation", "name", "names", "signature")

    def __init__(
        self, name: str, implementation: Callable[..., Any], names: list[str], signature: Signature | None, arity: int
    ) -> None:
        self.name = name
        self.implementation = implementation
        self.names = names
        self.signature = signature
        self.arity = arity
        self._plain: set[tuple[type, ...]] = set()
        self._by_type = signature is not None and all(p.subtype is None and p.most == 1 for p in signature.parameters)

    def call(self, run: Run, arguments: list[Any], context: Any) -> Any:
        """Call it with what its signature makes of the arguments."""
        signature = self.signature
        if signature is None:
            return self.implementation(run, *arguments)
        if not self._by_type:
            return self.implementation(run, *signature.arguments(arguments, context))
        types = tuple(map(type, arguments))
        if types not in self._plain:
            given = arguments
            arguments = signature.arguments(given, context)
            self._remember(types, given, arguments)
        return self.implementation(run, *arguments)

    def _remember(self, types: tuple[type, ...], given: list[Any], arguments: list[Any]) -> None:
        """Remember types for which the signature changes nothing, whatever the values are."""
        signature = self.signature
        if signature is None or len(self._plain) >= MAX_KNOWN_TYPES:
            return
        parameters = signature.parameters
        # The context can only come in where an argument is missing.
        complete = not any(p.context for p in parameters[len(given) :])
        same = len(given) <= len(arguments) and all(a is b for a, b in zip(given, arguments, strict=False))
        rest = all(value is UNDEFINED for value in arguments[len(given) :])
        if complete and same and rest:
            self._plain.add(types)


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
            locate(error, result.position, result.token)
            raise
    return result


def _call_once(run: Run, function: Any, arguments: list[Any], context: Any) -> Any:
    run.steps -= STEPS_PER_CALL
    if run.steps < 0:
        raise exhausted(STEPS)
    if type(function) is Lambda:
        if function.signature is not None:
            arguments = function.signature.arguments(arguments, context)
        frame: dict[Any, Any] = dict(zip(function.names, arguments, strict=False))
        if len(arguments) < len(function.names):
            for name in function.names[len(arguments) :]:
                frame[name] = UNDEFINED
        frame[None] = function.frame
        return function.body(function.value, frame, run)
    if isinstance(function, Function):
        return function.call(run, arguments, context)  # type: ignore[attr-defined]
    raise JsonataError("T1006")


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


def locate(error: JsonataError, position: int, token: Any) -> None:
    """Say where a call failed, unless it is known already."""
    if error.position is None:
        error.position = position
    if error.token is None:
        error.token = token
