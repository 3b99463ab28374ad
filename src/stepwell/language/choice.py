"""The rules of a Choice state in JSONPath, compiled to closures.

A comparison converts both sides to what its kind compares (a text, a number, an instant), and is false where one of
them is of another kind: a wrong type is no error. Only a path that leads nowhere is one, except for `IsPresent`.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .evaluation import Evaluation, PathError, StatesError
from .jsonpath import Path, PathSyntaxError, compile_path
from .timestamps import is_timestamp, parse_timestamp

MAX_DEPTH = 100
IGNORED = frozenset({"Next", "Assign", "Comment"})

Pointer = tuple[str | int, ...]
Condition = Callable[[Evaluation], bool]
Convert = Callable[[Any], Any]


class ChoiceSyntaxError(ValueError):
    """A rule that says nothing. `pointer` leads from the rule to the field or object that is wrong."""

    def __init__(self, pointer: Pointer, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Operator:
    """One of the 39 operators: the kind of value it is about, what it asks of it, and whether its operand is a path."""

    kind: str
    comparison: str
    by_path: bool = False


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


_TYPES: dict[str, Callable[[Any], bool]] = {
    "Null": lambda value: value is None,
    "Numeric": _is_number,
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "Timestamp": lambda value: isinstance(value, str) and is_timestamp(value),
}

OPERATORS: dict[str, Operator] = {
    **{
        f"{kind}{comparison}{suffix}": Operator(kind, comparison, by_path=bool(suffix))
        for kind in ("String", "Numeric", "Timestamp")
        for comparison in _COMPARISONS
        for suffix in ("", "Path")
    },
    "StringMatches": Operator("String", "Matches"),
    "BooleanEquals": Operator("Boolean", "Equals"),
    "BooleanEqualsPath": Operator("Boolean", "Equals", by_path=True),
    "IsPresent": Operator("Present", "Is"),
    **{f"Is{kind}": Operator(kind, "Is") for kind in _TYPES},
}


class Rule:
    """A compiled rule."""

    __slots__ = ("holds", "variables")

    def __init__(self, holds: Condition, variables: frozenset[str]) -> None:
        self.holds = holds
        """Returns whether the rule holds; raises `StatesError` where one of its paths leads nowhere."""
        self.variables = variables


def compile_rule(rule: dict[str, Any]) -> Rule:
    """Return the rule that an item of `Choices` is; raise `ChoiceSyntaxError` for its first problem."""
    compiler = _Compiler()
    holds = _reaching(compiler.rule(rule, ()))
    return Rule(holds, frozenset(compiler.variables))


def _reaching(condition: Condition) -> Condition:
    def holds(evaluation: Evaluation) -> bool:
        try:
            return condition(evaluation)
        except PathError as error:
            cause = f"Invalid path '{error.path}': The choice state's condition path references an invalid value."
            raise StatesError("States.Runtime", cause) from None

    return holds


class _Compiler:
    """Compiles a rule and what is nested in it, and collects the names of the variables."""

    def __init__(self) -> None:
        self.variables: set[str] = set()

    def rule(self, rule: Any, pointer: Pointer) -> Condition:
        if len(pointer) > MAX_DEPTH:
            raise ChoiceSyntaxError(pointer, f"Rules may be nested {MAX_DEPTH} deep at most")
        if not isinstance(rule, dict):
            raise ChoiceSyntaxError(pointer, "A choice rule must be an object")
        match [key for key in rule if key not in IGNORED]:
            case ["Not"]:
                inner = self.rule(rule["Not"], (*pointer, "Not"))
                return lambda evaluation: not inner(evaluation)
            case ["And" | "Or" as key]:
                return _combined(key, self._rules(rule[key], (*pointer, key)))
            case ["Variable", str(key)] | [str(key), "Variable"] if key in OPERATORS:
                return self._comparison(rule, key, pointer)
        raise ChoiceSyntaxError(pointer, "A choice rule must have And, Or, Not, or Variable with one comparison")

    def _rules(self, rules: Any, pointer: Pointer) -> list[Condition]:
        if not isinstance(rules, list) or not rules:
            raise ChoiceSyntaxError(pointer, f"'{pointer[-1]}' must be an array of at least one rule")
        return [self.rule(rule, (*pointer, at)) for at, rule in enumerate(rules)]

    def _comparison(self, rule: dict[str, Any], key: str, pointer: Pointer) -> Condition:
        variable = self._path(rule["Variable"], (*pointer, "Variable"))
        asked, operand, at = OPERATORS[key], rule[key], (*pointer, key)
        if asked.comparison == "Is":
            if not isinstance(operand, bool):
                raise ChoiceSyntaxError(at, f"'{key}' must be true or false")
            return _present(variable, operand) if asked.kind == "Present" else _typed(variable, asked.kind, operand)
        if asked.by_path:
            return _compared(variable, asked, self._path(operand, at))
        if asked.comparison == "Matches":
            return _matched(variable, operand, at)
        if _converter(asked)(operand) is None:
            raise ChoiceSyntaxError(at, f"'{key}' must be a {asked.kind.lower().replace('numeric', 'number')}")
        return _compared_with(variable, asked, operand)

    def _path(self, text: Any, pointer: Pointer) -> Path:
        if not isinstance(text, str):
            raise ChoiceSyntaxError(pointer, f"'{pointer[-1]}' must be a path")
        try:
            path = compile_path(text)
        except PathSyntaxError as error:
            raise ChoiceSyntaxError(pointer, f"'{pointer[-1]}' is no path: {error}") from None
        self.variables |= path.variables
        return path


def _combined(key: str, rules: list[Condition]) -> Condition:
    decisive = key == "Or"

    def holds(evaluation: Evaluation) -> bool:
        for rule in rules:
            if rule(evaluation) is decisive:
                return decisive
        return not decisive

    return holds


def _present(path: Path, expected: bool) -> Condition:
    find = path.evaluate

    def holds(evaluation: Evaluation) -> bool:
        try:
            find(evaluation)
        except PathError:
            return not expected
        return expected

    return holds


def _typed(path: Path, kind: str, expected: bool) -> Condition:
    value, is_of = path.evaluate, _TYPES[kind]
    return lambda evaluation: is_of(value(evaluation)) is expected


def _compared(path: Path, asked: Operator, other: Path) -> Condition:
    value, operand = path.evaluate, other.evaluate
    convert, compare = _converter(asked), _COMPARISONS[asked.comparison]

    def holds(evaluation: Evaluation) -> bool:
        left, right = convert(value(evaluation)), convert(operand(evaluation))
        return left is not None and right is not None and compare(left, right)

    return holds


def _compared_with(path: Path, asked: Operator, constant: Any) -> Condition:
    value, convert, compare = path.evaluate, _converter(asked), _COMPARISONS[asked.comparison]
    right = convert(constant)

    def holds(evaluation: Evaluation) -> bool:
        left = convert(value(evaluation))
        return left is not None and compare(left, right)

    return holds


def _converter(asked: Operator) -> Convert:
    """Return what turns a value into what the operator compares, or into None where it is of another kind."""
    if asked.kind == "Numeric":
        return lambda value: value if type(value) is int or type(value) is float else None
    if asked.kind == "Boolean":
        return lambda value: value if isinstance(value, bool) else None
    if asked.kind == "Timestamp":
        return lambda value: parse_timestamp(value) if isinstance(value, str) else None
    if asked.comparison == "Equals":
        return lambda value: value if isinstance(value, str) else None
    # Java orders texts by their units of UTF-16, in which some characters beyond U+FFFF come before U+E000.
    return lambda value: value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else None


def _matched(path: Path, pattern: Any, pointer: Pointer) -> Condition:
    if not isinstance(pattern, str):
        raise ChoiceSyntaxError(pointer, "'StringMatches' must be a string")
    value, parts = path.evaluate, _pattern_parts(pattern)

    def holds(evaluation: Evaluation) -> bool:
        text = value(evaluation)
        return isinstance(text, str) and _matches(text, parts)

    return holds


def _pattern_parts(pattern: str) -> list[str]:
    """Return what stands between the wildcards; a backslash makes a star or a backslash an ordinary character."""
    parts = [""]
    characters = iter(range(len(pattern)))
    for at in characters:
        character = pattern[at]
        if character == "\\" and pattern[at + 1 : at + 2] in {"*", "\\"}:
            parts[-1] += pattern[next(characters)]
        elif character == "*":
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _matches(text: str, parts: list[str]) -> bool:
    """Each part is taken where it is found first: what is left for the later ones is then the most there can be."""
    first, *others = parts
    if not others:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - len(others[-1]) >= at and text.endswith(others[-1])
