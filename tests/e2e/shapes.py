"""Answers held to the service's model: no member that it doesn't have, none missing that it requires, types right."""

import functools

import botocore.session

_TYPES = {
    "string": str,
    "timestamp": (int, float),
    "integer": int,
    "long": int,
    "float": (int, float),
    "boolean": bool,
}


@functools.cache
def service_model():
    """Return botocore's model of Step Functions."""
    return botocore.session.get_session().get_service_model("stepfunctions")


def problems(value, shape, path=""):
    """Yield what is wrong with an answer, or a part of one, as the model's shape has it."""
    kind = shape.type_name
    if kind == "structure":
        yield from _of_structure(value, shape, path)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path} is no list but {value!r:.100}"
            return
        for number, item in enumerate(value):
            yield from problems(item, shape.member, f"{path}[{number}]")
    elif kind == "map":
        for key, item in value.items():
            yield from problems(item, shape.value, f"{path}.{key}")
    else:
        yield from _of_scalar(value, shape, path)


def _of_structure(value, shape, path):
    if not isinstance(value, dict):
        yield f"{path} is no structure but {value!r:.100}"
        return
    for missing in set(shape.required_members) - value.keys():
        yield f"{path}.{missing} is required and missing"
    for name, item in value.items():
        if name not in shape.members:
            yield f"{path}.{name} is no member of {shape.name}"
        else:
            yield from problems(item, shape.members[name], f"{path}.{name}")


def _of_scalar(value, shape, path):
    kind = shape.type_name
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path} is no {kind} but {value!r:.100}"
        return
    if value not in (getattr(shape, "enum", None) or [value]):
        yield f"{path} is {value!r}, which {shape.name} doesn't have"
    size = len(value) if kind == "string" else value
    if kind != "timestamp" and not shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size):
        yield f"{path} is too long or too short for {shape.name}: {size}"
