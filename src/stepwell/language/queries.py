"""JSONata expressions in the fields of a state, with what they see and the errors that AWS makes of theirs.

`{% … %}`, with nothing around it, is an expression; any other text is a text. An expression sees the variables, and
`$states`: of that only the members that it names are made. Where it gives nothing, or what no JSON can hold, or what
its field can't take, that is an error of the language, States.QueryEvaluationError.
"""

import re
from collections.abc import Callable
from typing import Any

from stepwell.language.document import to_text
from stepwell.language.evaluation import ABSENT, Evaluation, Expression, QueryEvaluationError
from stepwell.language.jsonata import UNDEFINED, Budget, Function, Jsonata, JsonataError, compile_jsonata

OPENING, CLOSING = "{%", "%}"

BUDGET = Budget(steps=1_000_000)
"""What one expression may use up: half a second, ten times what a pass over the largest payload takes."""

STEPS_PER_CHARACTER = 3
"""What it takes to compile an expression, for each of its characters."""

_MEMBERS: dict[str, Callable[[Evaluation], Any]] = {
    "input": lambda evaluation: evaluation.input,
    "context": lambda evaluation: evaluation.context(),
    "result": lambda evaluation: evaluation.result,
    "errorOutput": lambda evaluation: evaluation.error_output,
}
_WHOLE = re.compile(r"\$states(?!\w)(?!\s*\.\s*(?:input|context|result|errorOutput)(?!\w))")
"""`$states` for its own sake, and not for one of its members."""

_KINDS: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}


def is_query(value: Any) -> bool:
    """Return whether a value is the text of an expression."""
    return isinstance(value, str) and value.startswith(OPENING) and value.endswith(CLOSING)


def query_text(value: str) -> str:
    """Return the expression between the delimiters."""
    return value.removeprefix(OPENING).removesuffix(CLOSING).strip()


def compile_query(text: str, location: str, kind: str | None = None) -> Expression:
    """Return what evaluates `{% … %}`, which was diagnosed; `kind` is the type that its field takes, None for any.

    It is compiled when it is first evaluated, on the allowance of that evaluation: a long one takes long.
    """
    words = query_text(text)
    fits = None if kind is None else _KINDS[kind]
    compiled: Jsonata | None = None
    members: list[tuple[str, Callable[[Evaluation], Any]]] = []

    def evaluate(evaluation: Evaluation) -> Any:
        nonlocal compiled, members
        if compiled is None:
            evaluation.allowance.spend(len(words) * STEPS_PER_CHARACTER)
            compiled = compile_jsonata(words)
            members = _members(compiled)
        states = {}
        for name, read in members:
            found = read(evaluation)
            if found is not ABSENT:
                states[name] = found
        value = _run(compiled, states, evaluation, location)
        if fits is not None and not fits(value):
            raise _unexpected(words, location, kind or "", value)
        return value

    return evaluate


def _members(compiled: Jsonata) -> list[tuple[str, Callable[[Evaluation], Any]]]:
    whole = _WHOLE.search(compiled.text) is not None
    return [(name, read) for name, read in _MEMBERS.items() if whole or name in compiled.states_fields]


def _run(compiled: Jsonata, states: dict[str, Any], evaluation: Evaluation, location: str) -> Any:
    bindings = {**evaluation.variables, "states": states} if evaluation.variables else {"states": states}
    try:
        value = compiled(
            bindings, entropy=evaluation.entropy, now_ms=evaluation.now, budget=BUDGET, allowance=evaluation.allowance
        )
    except JsonataError as error:
        raise _failed(
            compiled.text, location, f"threw an error during evaluation. {error.code}: {error.message}"
        ) from None
    if value is UNDEFINED:
        raise _failed(compiled.text, location, "returned nothing (undefined).")
    if isinstance(value, Function):
        raise _failed(compiled.text, location, "returned an unsupported result type.")
    return value


def _failed(words: str, location: str, what: str) -> QueryEvaluationError:
    return QueryEvaluationError(
        f"The JSONata expression '{words}' specified for the field '{location}' {what}", location
    )


def _unexpected(words: str, location: str, kind: str, value: Any) -> QueryEvaluationError:
    found = f"Expected '{kind}', but was '{type_name(value)}' for value: {to_text(value)}"
    return _failed(words, location, f"returned an unexpected result type. {found}")


def type_name(value: Any) -> str:
    """Return JSON's name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "object"
    return next(name for name, fits in _KINDS.items() if fits(value))


def compile_queries(value: Any, location: str) -> Expression:
    """Compile a JSON value whose texts may be expressions, at any depth."""
    if is_query(value):
        return compile_query(value, location)
    if isinstance(value, dict):
        members = {name: compile_queries(item, f"{location}/{name}") for name, item in value.items()}
        if not _has_query(value):
            return lambda _: value
        return lambda evaluation: {name: item(evaluation) for name, item in members.items()}
    if isinstance(value, list):
        items = [compile_queries(item, f"{location}[{number}]") for number, item in enumerate(value)]
        if not _has_query(value):
            return lambda _: value
        return lambda evaluation: [item(evaluation) for item in items]
    return lambda _: value


def _has_query(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_query, value.values()))
    return any(map(_has_query, value)) if isinstance(value, list) else is_query(value)
