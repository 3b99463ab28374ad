"""The checks of JSON that is evaluated: payload templates, JSON with expressions, Assign, Credentials."""

from collections.abc import Iterator
from typing import Any

from stepwell.language.diagnostics import (
    ERROR,
    INVALID_VARIABLE_NAME,
    NO_DOLLAR,
    PASS_RESULT_IS_STATIC,
    RESERVED_VARIABLE_NAME,
    WARNING,
    Pointer,
)
from stepwell.language.grammar import JSONATA, shapes
from stepwell.language.intrinsics import looks_like_intrinsic
from stepwell.language.queries import is_query
from stepwell.language.templates import template_problems
from stepwell.language.validation.queries import members_in, query
from stepwell.language.validation.values import type_name
from stepwell.language.validation.walk import Place, Walk

MAX_VARIABLE_NAME = 80


def data(walk: Walk, shape: shapes.Data, value: Any, pointer: Pointer, place: Place) -> None:
    """Check JSON that is evaluated, by the query language of its state."""
    if place.language == JSONATA:
        if shape.types and not is_query(value) and type_name(value) not in shape.types:
            walk.report(pointer, f"Expected value of type {' or '.join(shape.types)}")
        expressions(walk, value, pointer, place)
    elif shape.types and type_name(value) not in shape.types:
        walk.report(pointer, f"Expected value of type {' or '.join(shape.types)}")
    else:
        template(walk, value, pointer)


def template(walk: Walk, value: Any, pointer: Pointer) -> None:
    """Check a payload template."""
    for problem in template_problems(value):
        walk.report((*pointer, *problem.pointer), problem.message, key=problem.field)
    for at, name, leaf in _leaves(value, pointer):
        if not name.endswith(".$") and leaf.startswith(("$.", "$$.", "States.")):
            if leaf.startswith("States.") and not looks_like_intrinsic(leaf):
                continue
            message = (
                f"The value looks like a path or an intrinsic function, but the field '{name}' does not end with '.$'"
            )
            walk.report(at, message, NO_DOLLAR, severity=WARNING)


def expressions(walk: Walk, value: Any, pointer: Pointer, place: Place) -> None:
    """Check all expressions in the JSON of a field."""
    members = members_in(pointer[-1], place)
    for at, _, leaf in _leaves(value, pointer):
        query(walk, leaf, at, members)


def _leaves(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str, str]]:
    """Yield the strings in JSON, each with where it is and the name of its field."""
    waiting: list[tuple[Any, Pointer, str]] = [(value, pointer, str(pointer[-1]) if pointer else "")]
    while waiting:
        part, at, name = waiting.pop()
        if isinstance(part, str):
            yield at, name, part
        elif isinstance(part, dict):
            waiting.extend((part[key], (*at, key), key) for key in reversed(part))
        elif isinstance(part, list):
            waiting.extend((part[index], (*at, index), name) for index in reversed(range(len(part))))


def literal(walk: Walk, _: shapes.Literal, value: Any, pointer: Pointer, __: Place) -> None:
    """Warn of paths in what is taken as it is."""
    if isinstance(value, dict):
        for name in value:
            if name.endswith(".$"):
                message = f"The field '{name}' is taken as it is: paths in Result are not evaluated"
                walk.report((*pointer, name), message, PASS_RESULT_IS_STATIC, severity=WARNING)


def variables(walk: Walk, _: shapes.Variables, value: Any, pointer: Pointer, place: Place) -> None:
    """Check what is assigned: the names, then the values."""
    if not isinstance(value, dict):
        walk.report(pointer, "Expected value of type Object")
        return
    for name in assigned_names(value, place.language):
        at = name if name in value else f"{name}.$"
        if name == "states":
            walk.report(pointer, "Cannot assign to reserved variable '$states'.", RESERVED_VARIABLE_NAME, key=at)
        elif not name.isidentifier() or name.startswith("_"):
            message = f"Invalid variable name '{name}': the variable name contains invalid characters."
            walk.report(pointer, message, INVALID_VARIABLE_NAME, key=at)
        elif len(name) > MAX_VARIABLE_NAME:
            message = f"Invalid variable name '{name}': the variable name exceeds {MAX_VARIABLE_NAME} characters."
            walk.report(pointer, message, INVALID_VARIABLE_NAME, key=at)
        elif name in place.outer or name in place.leaving:
            # AWS documents an error, but took one where the outer one is assigned when this scope is no more.
            severity = ERROR if name in place.outer else WARNING
            message = f"The variable '{name}' is assigned in an outer scope too: choose another name for one of them"
            walk.report(pointer, message, INVALID_VARIABLE_NAME, key=at, severity=severity)
    if place.language == JSONATA:
        expressions(walk, value, pointer, place)
    else:
        template(walk, value, pointer)


def assigned_names(assign: dict[str, Any], language: str) -> list[str]:
    """Return the names of the variables that an Assign sets."""
    return list(assign) if language == JSONATA else [name.removesuffix(".$") for name in assign]


def credentials(walk: Walk, _: shapes.Credentials, value: Any, pointer: Pointer, place: Place) -> None:
    """Check the role of a Task."""
    if not isinstance(value, dict):
        walk.report(pointer, "Expected value of type Object")
        return
    static = place.language == JSONATA
    names = {"RoleArn"} if static else {"RoleArn", "RoleArn.$"}
    given = names & value.keys()
    if not given:
        walk.report(pointer, "The field 'RoleArn' is required but was missing")
        return
    for name in value:
        if name not in names:
            walk.report(pointer, f"Field '{name}' is not supported", key=name)
    if len(given) > 1:
        walk.report(pointer, "There should only be one of the following fields: [RoleArn, RoleArn.$]", key="RoleArn.$")
    elif not isinstance(value[next(iter(given))], str):
        walk.report((*pointer, next(iter(given))), "Expected value of type String")
    elif static:
        expressions(walk, value, pointer, place)
    else:
        template(walk, value, pointer)
