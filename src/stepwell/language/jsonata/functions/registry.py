"""The table of built-in functions, which the modules beside this one fill."""

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, TypeVar

from stepwell.language.jsonata.calling import Native
from stepwell.language.jsonata.signature import parse_signature

BUILT_IN: dict[str, Native] = {}

Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def native(
    name: str, takes: str, *, names: list[str] | None = None, arity: int | None = None
) -> Callable[[Implementation], Implementation]:
    """Register a function under its name, with its signature; `arity` is what higher-order functions pass to it."""

    def register(implementation: Implementation) -> Implementation:
        parameters = list(signature(implementation).parameters.values())[1:]
        own = names or [p.name for p in parameters if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
        count = len(own) if arity is None else arity
        returns = takes.partition(":")[2][:1]
        BUILT_IN[name] = Native(name, implementation, own, parse_signature(takes), count, returns)
        return implementation

    return register
