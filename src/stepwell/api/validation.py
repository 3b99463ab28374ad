"""Validates requests as AWS's framework does, before an operation sees them.

Each operation's input shape is compiled once to closures. A value of the wrong JSON type ends the check at once, as a
`SerializationException`; all violated constraints are collected into one `ValidationException`. A null is the same as
a missing member, members that the model doesn't know are ignored.
"""

import re
from collections.abc import Callable
from typing import Any

from stepwell.api.errors import VALIDATION, ApiError, serialization_error
from stepwell.api.model import Model

MAX_PROBLEMS = 20
"""How many violated constraints one answer names."""

Check = Callable[[Any, str, list[str]], None]
Validator = Callable[[Any], dict[str, Any]]
_NO_LIMIT = float("inf")
_NULL = "failed to satisfy constraint: Member must not be null"

# How AWS's framework names what it found, and what it looked for. The articles are its own.
_FOUND = {int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}
_WANTED = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "boolean": "a Boolean",
    "timestamp": "a Timestamp",
}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "long": (int,), "float": (int, float), "boolean": (bool,),
    "timestamp": (int, float),
}  # fmt: skip


def validator(model: Model, operation: str) -> Validator:
    """Return the function that checks an operation's request and returns it; it raises `ApiError`."""
    compiler = _Compiler(model.shapes)
    check = compiler.structure(model.shapes[model.operations[operation]["input"]])

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


class _Compiler:
    """Makes checks of the shapes of one model."""

    def __init__(self, shapes: dict[str, dict[str, Any]]) -> None:
        self._shapes = shapes

    def _compile(self, name: str) -> Check:
        shape = self._shapes[name]
        match shape["type"]:
            case "structure":
                return self.structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
        return _enum(shape) if "enum" in shape else _scalar(shape)

    def structure(self, shape: dict[str, Any]) -> Check:
        """Return the check of a structure, and of all that is in it."""
        members = shape["members"].items()
        checks = {member: (_shown_name(member), self._compile(name)) for member, name in members}
        required = tuple((member, _shown_name(member)) for member in shape.get("required", ()))
        sensitive = {member for member, name in members if self._shapes[name].get("sensitive")}

        def check(value: Any, path: str, problems: list[str]) -> None:
            if type(value) is not dict:
                raise _wrong_type(value, "Expected null")
            prefix = f"{path}." if path else ""
            for member, item in value.items():
                if item is not None and (known := checks.get(member)) is not None:
                    known[1](item, prefix + known[0], problems)
            for member, shown_name in required:
                if value.get(member) is None:
                    shown = "" if member in sensitive else " null"
                    problems.append(f"Value{shown} at '{prefix}{shown_name}' {_NULL}")

        return check

    def _list(self, shape: dict[str, Any]) -> Check:
        name = shape["member"]
        item_shape, item_check = self._shapes[name], self._compile(name)
        scalars = item_shape["type"] not in {"structure", "list", "map"}
        length = _length_problems(shape)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if type(value) is not list:
                raise _wrong_type(value, "Expected list or null")
            problems += [self._list_problem(value, path, shape, text) for text in length(len(value))]
            for position, item in enumerate(value, 1):
                where = f"{path}.{position}.member"
                if item is None:
                    problems.append(f"Value null at '{where}' {_NULL}")
                elif not scalars:
                    item_check(item, where, problems)
                elif item_problems := _collected(item_check, item):
                    rules = _all_length_rules(item_shape) or item_problems
                    rule = f"Member must satisfy constraint: [{', '.join(rules)}]"
                    problems.append(self._list_problem(value, path, shape, rule))
                    break

        return check

    def _map(self, shape: dict[str, Any]) -> Check:
        item_check = self._compile(shape["value"])
        length = _length_problems(shape)

        def check(value: Any, path: str, problems: list[str]) -> None:
            if type(value) is not dict:
                raise _wrong_type(value, "Expected map or null")
            problems += [_problem(str(value), path, shape, text) for text in length(len(value))]
            for key, item in value.items():
                where = f"{path}.{key}.member"
                if item is None:
                    problems.append(f"Value null at '{where}' {_NULL}")
                else:
                    item_check(item, where, problems)

        return check

    def _list_problem(self, value: list[Any], path: str, shape: dict[str, Any], text: str) -> str:
        """Return what is wrong with a list."""
        name = shape["member"]
        return _problem(f"[{', '.join(self._shown_member(item, name) for item in value)}]", path, shape, text)

    def _shown_member(self, value: Any, name: str) -> str:
        shape = self._shapes[name]
        if shape.get("sensitive"):
            return "***Sensitive Data Redacted***"
        if shape["type"] != "structure" or not isinstance(value, dict):
            return _shown(value)
        members = (f"{member}={self._shown_member(value.get(member), of)}" for member, of in shape["members"].items())
        return f"{name}({', '.join(members)})"


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
    pattern = re.compile(shape.get("match", text)) if text else None

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) not in types:
            raise _wrong_type(value, _cannot_be_converted(value, kind))
        size = measured(value)
        if not low <= size <= high:
            problems += [_problem(_shown(value), path, shape, problem) for problem in bounds(size)]
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


def _problem(shown: str, path: str, shape: dict[str, Any], text: str) -> str:
    value = "" if shape.get("sensitive") else f" '{shown}'"
    return f"Value{value} at '{path}' failed to satisfy constraint: {text}"


def _shown_name(member: str) -> str:
    """Return a member as AWS's framework names it, which begins all of them in lower case."""
    return member[0].lower() + member[1:]


def _shown(value: Any) -> str:
    """Return a value as AWS's framework, which is written in Java, prints it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)


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
