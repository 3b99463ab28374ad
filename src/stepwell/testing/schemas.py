"""Checking a mocked result against the model of the service that it stands for, in AWS's words.

STRICT asks for all required fields, PRESENT only that those that are there are right, NONE for nothing. Fields that the
model doesn't know are let through, as AWS lets them. Fields are named as a state machine sees them, in PascalCase.
"""

import math
import re
from collections.abc import Callable
from typing import Any

from stepwell.language.resources import Resource
from stepwell.testing.models import result_shape
from stepwell.testing.refusal import TestRefused

STRICT, PRESENT, NONE = "STRICT", "PRESENT", "NONE"
MAX_DEPTH = 100

_ANY_JSON = {("lambda", "Payload"), ("bedrock", "Body")}
"""Blobs that an optimized integration hands on as the JSON in them."""


def check_result(resource: Resource, value: Any, mode: str) -> None:
    """Raise `TestRefused` where a result is not what the service could have answered."""
    shape = result_shape(resource)
    if shape is None:
        return
    if not isinstance(value, dict):
        raise TestRefused("Mocked result must be a JSON object.")
    skipped = {field for service, field in _ANY_JSON if service == resource.service}
    if resource.label == "startExecution.sync:2":
        skipped = {"Input", "Output"}
    _Checker(strict=mode == STRICT).structure({k: v for k, v in value.items() if k not in skipped}, shape, 0)


def field_name(member: str) -> str:
    """Return a member of a model as a state machine names it."""
    return member[0].upper() + member[1:]


def sdk_name(member: str) -> str:
    """Return a member as the SDK for Java names it: `DBClusterArn` is `DbClusterArn`."""
    words = re.sub(r"([A-Z]+)(?=[A-Z][a-z])", lambda match: match[1].capitalize(), field_name(member))
    return re.sub(r"(?<=[a-z0-9])([A-Z]{2,})$", lambda match: match[1].capitalize(), words)


class _Checker:
    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def structure(self, value: Any, shape: Any, depth: int) -> None:
        required = set(shape.required_members) if self._strict else ()
        for member, of in shape.members.items():
            names = (field_name(member), sdk_name(member))
            name = next((name for name in names if value.get(name) is not None), None)
            if name is not None:
                self._value(name, value[name], of, depth + 1)
            elif member in required:
                raise _problem(f"Required field '{names[0]}' is missing")

    def _value(self, name: str, value: Any, shape: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        kind = shape.type_name
        if kind == "structure":
            _expect(name, isinstance(value, dict), "an object")
            if not getattr(shape, "is_document_type", False):
                self.structure(value, shape, depth)
        elif kind == "list":
            _expect(name, isinstance(value, list), "an array")
            _check_length(name, len(value), shape.metadata)
            for item in value:
                self._value(name, item, shape.member, depth + 1)
        elif kind == "map":
            _expect(name, isinstance(value, dict), "an object")
            for key, item in value.items():
                self._value(key, item, shape.value, depth + 1)
        else:
            _SCALARS.get(kind, _check_text)(name, value, shape.metadata)


def _expect(name: str, fits: bool, what: str) -> None:
    if not fits:
        raise _problem(f"Field '{name}' must be {what}")


def _check_text(name: str, value: Any, limits: dict[str, Any]) -> None:
    """Texts, blobs and times: a state machine sees them all as texts."""
    _expect(name, isinstance(value, str), "a string")
    _check_length(name, len(value), limits)
    if "enum" in limits and value not in limits["enum"]:
        raise _problem(f"Field '{name}' is not an expected value")


def _check_number(name: str, value: Any, limits: dict[str, Any]) -> None:
    _expect(name, isinstance(value, int | float) and not isinstance(value, bool), "a number")
    if value < limits.get("min", -math.inf):
        raise _problem(f"Field '{name}' is less than the minimum value")
    if value > limits.get("max", math.inf):
        raise _problem(f"Field '{name}' exceeds the maximum value")


def _check_boolean(name: str, value: Any, _: dict[str, Any]) -> None:
    _expect(name, isinstance(value, bool), "a boolean")


def _check_length(name: str, length: int, limits: dict[str, Any]) -> None:
    if length < limits.get("min", 0):
        raise _problem(f"Field '{name}' is smaller than the minimum length")
    if length > limits.get("max", math.inf):
        raise _problem(f"Field '{name}' exceeds the maximum length")


def _problem(words: str) -> TestRefused:
    return TestRefused(f"Mock result schema validation error: {words}")


_SCALARS: dict[str, Callable[[str, Any, dict[str, Any]], None]] = {
    **dict.fromkeys(("integer", "long", "float", "double", "bigdecimal"), _check_number),
    "boolean": _check_boolean,
}
