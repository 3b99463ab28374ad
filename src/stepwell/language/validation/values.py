"""The checks of plain values: text, numbers, paths, timestamps, ARNs, labels."""

from typing import Any

from stepwell.language.diagnostics import DUPLICATE_LABEL_NAME, INVALID_LABEL_NAME, NO_PATH, WARNING, Pointer
from stepwell.language.grammar import JSONATA, shapes
from stepwell.language.intrinsics import compile_intrinsic, looks_like_intrinsic
from stepwell.language.jsonpath import PathSyntaxError, compile_path, compile_reference_path
from stepwell.language.queries import is_query
from stepwell.language.resources import SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN, UnknownResource, parse_resource
from stepwell.language.timestamps import is_timestamp
from stepwell.language.validation.queries import members_in, query
from stepwell.language.validation.walk import Place, Walk

MAX_LABEL = 40
_LABEL_FORBIDS = frozenset(' ?*<>{}[]:;,\\|^~$#%&`"') | {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))}

_NO_PATH_NOR_CALL = "Value must be a valid JSONPath or a valid intrinsic function call."
_TEXT_FUNCTIONS = tuple(
    f"States.{name}("
    for name in ("Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID")
)
"""Those that AWS allows where a text is wanted."""
_NOT_A_REFERENCE = "Value is not a Reference Path"


def type_name(value: Any) -> str:
    """Return the name of a JSON value's type."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Boolean"
    names = {str: "String", int: "Integer", float: "Float", dict: "Object", list: "Array"}
    return names[type(value)]


def _expression(walk: Walk, value: Any, pointer: Pointer, place: Place) -> bool:
    """Return whether a value is a JSONata expression, which is then checked."""
    if place.language != JSONATA or not is_query(value):
        return False
    query(walk, value, pointer, members_in(pointer[-1], place))
    return True


def text(walk: Walk, shape: shapes.Text, value: Any, pointer: Pointer, place: Place) -> None:
    """Check a string."""
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
    elif shape.choices and value not in shape.choices:
        walk.report(pointer, f"Value should be one of the following: [{', '.join(shape.choices)}]")
    elif shape.expression and place.language == JSONATA:
        query(walk, value, pointer, members_in(pointer[-1], place))
    elif shape.expression and value.startswith(("$.", "$$.")):
        _warn_of_path(walk, pointer)


def _warn_of_path(walk: Walk, pointer: Pointer) -> None:
    message = f"The value looks like a path, but the name of the field '{pointer[-1]}' does not end with 'Path'"
    walk.report(pointer, message, NO_PATH, severity=WARNING)


def flag(walk: Walk, shape: shapes.Flag, value: Any, pointer: Pointer, place: Place) -> None:
    """Check true or false; a JSONata state's condition may be an expression."""
    if not isinstance(value, bool) and not (shape.expression and _expression(walk, value, pointer, place)):
        walk.report(pointer, "Expected value of type Boolean")


def number(walk: Walk, shape: shapes.Number, value: Any, pointer: Pointer, place: Place) -> None:
    """Check a number and its bounds."""
    if shape.expression and _expression(walk, value, pointer, place):
        return
    right = isinstance(value, (int, float)) if shape.type == "Float" else isinstance(value, int)
    if not right or isinstance(value, bool):
        walk.report(pointer, f"Expected value of type {shape.type}")
    elif shape.minimum is not None and value < shape.minimum:
        walk.report(pointer, f"Minimum value is {shape.minimum}")
    elif shape.maximum is not None and value > shape.maximum:
        walk.report(pointer, f"Maximum value is {shape.maximum}")


def path(walk: Walk, shape: shapes.Path, value: Any, pointer: Pointer, _: Place) -> None:
    """Check a path, and that it is a reference path where only such a one will do."""
    if value is None and shape.nullable:
        return
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
    elif shape.intrinsic and looks_like_intrinsic(value):
        try:
            compile_intrinsic(value)
        except ValueError as problem:
            walk.report(pointer, f"{_NO_PATH_NOR_CALL} {problem}")
            return
        if not value.startswith(_TEXT_FUNCTIONS):
            walk.report(pointer, f"{_NO_PATH_NOR_CALL} The function does not return a string")
    elif shape.operand and not value.startswith("$"):
        walk.report(pointer, f"{_NOT_A_REFERENCE}: Reference path didn't start with '$'")
    else:
        _compiles(walk, shape, value, pointer)


def _compiles(walk: Walk, shape: shapes.Path, value: str, pointer: Pointer) -> None:
    try:
        root = compile_path(value).root
    except PathSyntaxError as problem:
        walk.report(
            pointer,
            f"Value must be a valid JSONPath. {problem}" if value[:1] == "$" else "Value must be a valid JSONPath.",
        )
        return
    is_variable = root[0] != "$"
    if (root == "$$" and not shape.context) or (is_variable and not shape.variables):
        walk.report(pointer, _NOT_A_REFERENCE)
    elif shape.reference:
        start = len(root) + 1 if is_variable else len(root)
        try:
            compile_reference_path(f"${value[start:]}")
        except PathSyntaxError:
            walk.report(pointer, _NOT_A_REFERENCE)


def timestamp(walk: Walk, _: shapes.Timestamp, value: Any, pointer: Pointer, place: Place) -> None:
    """Check a moment."""
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
    elif not _expression(walk, value, pointer, place) and not is_timestamp(value):
        walk.report(pointer, "String does not match RFC3339 timestamp")


def state_name(walk: Walk, _: shapes.StateName, value: Any, pointer: Pointer, place: Place) -> None:
    """Check that a target is named; if it is there is a question of the whole scope."""
    text(walk, shapes.Text(), value, pointer, place)


def task_resource(walk: Walk, _: shapes.TaskResource, value: Any, pointer: Pointer, place: Place) -> None:
    """Check what a Task calls, and that an Express machine can call it."""
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
        return
    if not value.startswith("arn:"):
        walk.report(pointer, "Value is not a valid resource ARN")
        return
    try:
        resource = parse_resource(value)
    except UnknownResource:
        reason = "The value is not a valid resource ARN, or the resource is not available in this region."
        walk.report(pointer, f"The resource provided {value} is not recognized. {reason}")
        return
    if place.express:
        if resource.kind == "activity":
            walk.report(pointer, "Express state machine does not support Activity ARN")
        elif resource.pattern in {SYNC, SYNC_2}:
            walk.report(pointer, "Express state machine does not support '.sync' service integration")
        elif resource.pattern == WAIT_FOR_TASK_TOKEN:  # the blank at the end is AWS's
            walk.report(pointer, "Express state machine does not support '.waitForTaskToken' service integration ")


def data_resource(walk: Walk, shape: shapes.DataResource, value: Any, pointer: Pointer, _: Place) -> None:
    """Check what a distributed Map reads from or writes to."""
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
        return
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[2] != "states" or parts[5] not in shape.actions:
        walk.report(pointer, "The field 'Resource' does not match any of the allowed values")


def label(walk: Walk, _: shapes.Label, value: Any, pointer: Pointer, __: Place) -> None:
    """Check a Map's label: its length, its characters, and that no other Map has it."""
    if not isinstance(value, str):
        walk.report(pointer, "Expected value of type String")
        return
    odd = next((char for char in value if char in _LABEL_FORBIDS), None)
    if not value:
        walk.report(pointer, "Label cannot be empty", INVALID_LABEL_NAME)
    elif len(value) > MAX_LABEL:
        message = f"Invalid Label name: Label exceeds the {MAX_LABEL}-character limit allowed by the service"
        walk.report(pointer, message, INVALID_LABEL_NAME)
    elif odd is not None:
        walk.report(pointer, f"Label contains invalid character: '{odd}'", INVALID_LABEL_NAME)
    elif value in walk.labels:
        walk.report(pointer, f"Duplicate Label name: {value}", DUPLICATE_LABEL_NAME)
    walk.labels.add(value)
