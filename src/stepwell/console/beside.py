"""Work that may take long, done where it holds nobody up: short work here, long work in a process of the evaluators."""

from collections.abc import Callable
from typing import Any

from stepwell.api.errors import ApiError
from stepwell.runtime.evaluators import LONGEST_INLINE_DEFINITION
from stepwell.runtime.evaluators.pool import Evaluators, Exceeded


async def beside(evaluators: Evaluators, size: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of a module returns; `size` is that of a text that it goes through."""
    if size <= LONGEST_INLINE_DEFINITION:
        return function(*arguments)
    return await outside(evaluators, function, *arguments)


async def outside(evaluators: Evaluators, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of a module returns, which is called in a process. It must not raise."""
    try:
        return await evaluators.do(function, *arguments)
    except Exceeded:
        raise ApiError("TooMuchWork", "That takes too much time or memory", status=422) from None
