"""Validates requests as AWS's framework does, before an operation sees them.

Each operation's input shape is compiled once to closures. A value of the wrong JSON type ends the check at once, as a
`SerializationException`; all violated constraints are collected into one `ValidationException`. A null is the same as
a missing member, members that the model doesn't know are ignored.
"""

import re
from collections.abc import Callable
from typing import Any

from stepwell.api.errors import VALIDATION, ApiError, serialization_error
from stepwell.api.model import OPERATIONS, SHAPES

MAX_PROBLEMS = 20
"""How many violated constraints one answer names."""

Check = Callable[[Any, str, list[str]], None]
Validator = Callable[[Any], dict[str, Any]]
_NO_LIMIT = float("inf")

# How AWS's framework names what it found, and what it looked for. The articles are its own.
_FOUND = {int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}
_WANTED = {"string": "a String", "integer": "an Integer", "long": "a Long", "float": "a Float", "boolean": "a Boolean"}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "long": (int,), "float": (int, float), "boolean": (bool,),
}  # fmt: skip


def validator(operation: str) -> Validator:
    """Return the function that checks an operation's request and returns it; it raises `ApiError`."""
    check = _structure(SHAPES[OPERATIONS[operation]["input"]])

    def validate(request: Any) -> dict[str, Any]:
        problems: list[str] = []
        check(request, "", problems)
        if problems:
            raise _validation_error(problems)
        return request  # type: ignore[no-any-return]

    return validate


def _validation_error(problems: list[str]) -> ApiError:
    count = len(problems)
    noun = "error" if count == 1 else "errors"
    message = f"{count} validation {noun} detected: {'; '.join(problems[:MAX_PROBLEMS])}"
    return ApiError("ValidationException", message, namespace=VALIDATION)


def _compile(name: str) -> Check:
    shape = SHAPES[name]
    kind = shape["type"]
    if kind == "structure":
        return _structure(shape)
    if kind == "list":
        return _list(shape)
    return _enum(shape) if "enum" in shape else _scalar(shape)


def _structure(shape: dict[str, Any]) -> Check:
    checks = {member: _compile(name) for member, name in shape["members"].items()}
    required = tuple(shape.get("required", ()))
    sensitive = {member for member, name in shape["members"].items() if SHAPES[name].get("sensitive")}

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not dict:
            raise _wrong_type(value, "Expected null")
        prefix = f"{path}." if path else ""
        for member, item in value.items():
            if item is not None and (known := checks.get(member)) is not None:
                known(item, prefix + member, problems)
        for member in required:
            if value.get(member) is None:
                shown = "" if member in sensitive else " null"
                problems.append(
                    f"Value{shown} at '{prefix}{member}' failed to satisfy constraint: Member must not be null"
                )

    return check


def _list(shape: dict[str, Any]) -> Check:
    name = shape["member"]
    item_check = _compile(name)
    scalars = SHAPES[name]["type"] not in {"structure", "list"}
    length = _length_problems(shape)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not list:
            raise _wrong_type(value, "Expected list or null")
        problems += [_problem(value, path, shape, text) for text in length(len(value))]
        for position, item in enumerate(value, 1):
            where = f"{path}.{position}.member"
            if item is None:
                problems.append(f"Value null at '{where}' failed to satisfy constraint: Member must not be null")
            elif not scalars:
                item_check(item, where, problems)
            elif item_problems := _collected(item_check, item):
                rules = _all_length_rules(SHAPES[name]) or item_problems
                problems.append(_problem(value, path, shape, f"Member must satisfy constraint: [{', '.join(rules)}]"))
                break

    return check


def _collected(check: Check, value: Any) -> list[str]:
    problems: list[str] = []
    check(value, "", problems)
    return problems


def _scalar(shape: dict[str, Any]) -> Check:
    kind = shape["type"]
    types = _PYTHON_TYPES[kind]
    measured = _measure(shape)
    bounds = _value_problems(shape) if kind != "string" else _length_problems(shape)
    low, high = shape.get("min", -_NO_LIMIT), shape.get("max", _NO_LIMIT)
    text = shape.get("pattern", "")
    pattern = re.compile(text.replace(r"\p{ASCII}", r"[\x00-\x7f]")) if text else None

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) not in types:
            raise _wrong_type(value, _cannot_be_converted(value, kind))
        size = measured(value)
        if not low <= size <= high:
            problems += [_problem(value, path, shape, problem) for problem in bounds(size)]
        if pattern is not None and pattern.fullmatch(value) is None:
            problem = f"Member must satisfy regular expression pattern: {text}"
            problems.append(_problem(value, path, shape, problem))

    return check


def _enum(shape: dict[str, Any]) -> Check:
    values = frozenset(shape["enum"])
    text = f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not str:
            raise _wrong_type(value, _cannot_be_converted(value, "string"))
        if value not in values:
            problems.append(_problem(value, path, shape, text))

    return check


def _measure(shape: dict[str, Any]) -> Callable[[Any], Any]:
    """Return what is compared with the bounds: a number itself, a text's length, of payloads that in UTF-8."""
    if shape["type"] != "string":
        return lambda value: value
    return _utf8_length if shape.get("bytes") else len


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _length_problems(shape: dict[str, Any]) -> Callable[[int], list[str]]:
    return lambda length: _violated(shape, length, "length")


def _value_problems(shape: dict[str, Any]) -> Callable[[Any], list[str]]:
    return lambda value: _violated(shape, value, "value")


def _violated(shape: dict[str, Any], size: Any, noun: str) -> list[str]:
    if size > shape.get("max", _NO_LIMIT):
        return [f"Member must have {noun} less than or equal to {shape['max']}"]
    if size < shape.get("min", -_NO_LIMIT):
        return [f"Member must have {noun} greater than or equal to {shape['min']}"]
    return []


def _all_length_rules(shape: dict[str, Any]) -> list[str]:
    """Return all that AWS says of a list's texts when one of them is too short or too long."""
    rules = []
    if "max" in shape:
        rules.append(f"Member must have length less than or equal to {shape['max']}")
    if "min" in shape:
        rules.append(f"Member must have length greater than or equal to {shape['min']}")
    return rules


def _problem(value: Any, path: str, shape: dict[str, Any], text: str) -> str:
    shown = "" if shape.get("sensitive") else f" '{_shown(value, shape)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {text}"


def _shown(value: Any, shape: dict[str, Any]) -> str:
    """Return a value as AWS's framework, which is written in Java, prints it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        name = shape["member"]
        return f"[{', '.join(_shown_member(item, name) for item in value)}]"
    return str(value)


def _shown_member(value: Any, name: str) -> str:
    shape = SHAPES[name]
    if shape.get("sensitive"):
        return "***Sensitive Data Redacted***"
    if not isinstance(value, dict):
        return _shown(value, shape)
    members = (f"{member}={_shown_member(value.get(member), inner)}" for member, inner in shape["members"].items())
    return f"{name}({', '.join(members)})"


def _cannot_be_converted(value: Any, kind: str) -> str:
    found = _FOUND.get(type(value)) or f"{str(value).upper()}_VALUE"
    article_of_old = kind == "boolean" and isinstance(value, str)
    return f"{found} can not be converted to {'an Boolean' if article_of_old else _WANTED[kind]}"


def _wrong_type(value: Any, otherwise: str) -> ApiError:
    """Return the error for a value of another JSON type than the model has."""
    if isinstance(value, dict):
        return serialization_error("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return serialization_error("Start of list found where not expected")
    return serialization_error(otherwise)
