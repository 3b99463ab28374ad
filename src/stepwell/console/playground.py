"""Trying an expression on data, within the bounds that an execution has."""

import random
import time
import uuid
from typing import Any, NamedTuple

import msgspec

from stepwell.console.beside import outside
from stepwell.console.request import Asked, invalid
from stepwell.language.document import decode, to_text
from stepwell.language.evaluation import Allowance, Evaluation, Overdrawn, StatesError
from stepwell.language.jsonata import (
    UNDEFINED,
    Function,
    JsonataError,
    JsonataSyntaxError,
    compile_jsonata,
)
from stepwell.language.queries import BUDGET, is_query, query_text
from stepwell.language.templates import TemplateError, compile_field
from stepwell.runtime.evaluators import INLINE_STEPS, LONGEST_INLINE_DEFINITION, OUTSIDE_STEPS
from stepwell.runtime.evaluators.pool import Evaluators

LANGUAGES = ("JSONata", "JSONPath")
MOST_CHARACTERS = 262_144
"""Of an expression, and of each of its data: as of a payload."""


class Playground:
    """Answers the call that evaluates."""

    def __init__(self, evaluators: Evaluators) -> None:
        self._evaluators = evaluators

    async def evaluate(self, asked: Asked) -> dict[str, Any]:
        """Evaluate an expression."""
        language = asked.member("language")
        if language not in LANGUAGES:
            raise invalid("language", f"must be one of {', '.join(LANGUAGES)}")
        expression = asked.member("expression")
        if len(expression) > MOST_CHARACTERS:
            raise invalid("expression", f"has more than {MOST_CHARACTERS} characters")
        data = _json(asked, "input", {})
        tried = _Tried(language, expression, data, _object(asked, "variables"), _object(asked, "context"))
        if len(expression) <= LONGEST_INLINE_DEFINITION:
            try:
                return _evaluated(tried, Allowance(INLINE_STEPS))
            except Overdrawn:
                pass
        found: dict[str, Any] = await outside(self._evaluators, _evaluated_outside, tried)
        return found


class _Tried(NamedTuple):
    """What is tried, and on what."""

    language: str
    expression: str
    input: Any
    variables: dict[str, Any]
    context: dict[str, Any]


def _evaluated_outside(tried: _Tried) -> dict[str, Any]:
    return _evaluated(tried, Allowance(OUTSIDE_STEPS, last=True))


def _evaluated(tried: _Tried, allowance: Allowance) -> dict[str, Any]:
    text = tried.expression.strip()
    try:
        if tried.language == "JSONata":
            return _jsonata(text, tried, allowance)
        evaluation = Evaluation(
            tried.input, lambda: tried.context, tried.variables, _Chance(), _now(), allowance=allowance
        )
        return _result(compile_field("Expression", text).evaluate(evaluation))
    except (JsonataSyntaxError, JsonataError) as error:
        return _error("States.QueryEvaluationError", str(error))
    except TemplateError as problem:
        return _error("States.Runtime", ". ".join(part for part in (problem.message, problem.detail) if part))
    except StatesError as error:
        return _error(error.error or "", error.cause or "")


def _jsonata(text: str, tried: _Tried, allowance: Allowance) -> dict[str, Any]:
    compiled = compile_jsonata(query_text(text) if is_query(text) else text)
    bindings = {**tried.variables, "states": {"input": tried.input, "context": tried.context}}
    value = compiled(bindings, entropy=_Chance(), now_ms=_now(), budget=BUDGET, allowance=allowance)
    if isinstance(value, Function):
        return _error("States.QueryEvaluationError", "The result is a function, which no state can pass on.")
    return {"result": None} if value is UNDEFINED else _result(value)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _result(value: Any) -> dict[str, Any]:
    return {"result": to_text(value)}


def _error(error: str, cause: str) -> dict[str, Any]:
    return {"error": error, "cause": cause}


def _json(asked: Asked, name: str, default: Any) -> Any:
    text = asked.optional_member(name)
    if text is None:
        return default
    if len(text) > MOST_CHARACTERS:
        raise invalid(name, f"has more than {MOST_CHARACTERS} characters")
    try:
        return decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise invalid(name, f"is not JSON: {problem}") from None


def _object(asked: Asked, name: str) -> dict[str, Any]:
    value = _json(asked, name, {})
    if not isinstance(value, dict):
        raise invalid(name, "must be a JSON object")
    return value


class _Chance:
    """Where an expression has its chance from."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return random.random()  # noqa: S311 (nobody has to be unable to guess it)

    def uuid(self) -> str:
        """Return a new UUID."""
        return str(uuid.uuid4())
