"""Checking definitions: a short one here and now, a long one in a process."""

from collections.abc import Awaitable, Callable, Sequence

from stepwell.language.diagnostics import ERROR, SCHEMA_VALIDATION_FAILED, Diagnostic
from stepwell.language.validation import diagnose
from stepwell.runtime.evaluators import LONGEST_INLINE_DEFINITION
from stepwell.runtime.evaluators.jobs import problems_of
from stepwell.runtime.evaluators.pool import Evaluators, Exceeded

Diagnose = Callable[[str, str], Awaitable[Sequence[Diagnostic]]]
"""Says all that is wrong with a definition of a type of state machine."""

CallProblems = Callable[[str], Awaitable[Sequence[Diagnostic]]]
"""Says what is wrong with the calls in a definition, of a state machine or of a single state."""

_TOO_MUCH = Diagnostic(
    ERROR, SCHEMA_VALIDATION_FAILED, "The definition takes too much time or memory to be checked", "/", 1, 1
)


async def diagnose_here(definition: str, kind: str) -> Sequence[Diagnostic]:
    """Check a definition in this process, however long it takes."""
    return diagnose(definition, kind).diagnostics


def diagnosing(evaluators: Evaluators) -> Diagnose:
    """Return what checks a definition where that holds nobody up. It raises `StoreError` where too many wait."""

    async def diagnosed(definition: str, kind: str) -> Sequence[Diagnostic]:
        if len(definition) <= LONGEST_INLINE_DEFINITION:
            return diagnose(definition, kind).diagnostics
        try:
            found: Sequence[Diagnostic] = await evaluators.do(problems_of, definition, kind)
        except Exceeded:
            return (_TOO_MUCH,)
        return found

    return diagnosed
