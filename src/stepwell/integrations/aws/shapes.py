"""Values between a state and a service: a state's JSON has PascalCase, a model its own names and types.

A text may be given as any JSON, which is then written as text: so a message can be an object. Bytes are text too, in
UTF-8; what a service answers that is no UTF-8 is in Base64.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

from stepwell.integrations.aws.names import capitalised, member
from stepwell.language.document import to_text
from stepwell.language.parameters import unsupported
from stepwell.language.timestamps import format_milliseconds, parse_timestamp

_NANOSECONDS = 1_000_000_000
_TRUTHS = {"true": True, "false": False}

Naming = Callable[[str], str]
Timing = Callable[[Any], Any]


class WrongParameter(ValueError):
    """A parameter is not what the model says; the message is that of Step Functions."""


def to_members(value: Any, shape: Any, name: str = "Parameters") -> Any:
    """Return parameters by the names and the types of the model. Raise `WrongParameter`."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind in _CONTAINERS:
        container, convert = _CONTAINERS[kind]
        if not isinstance(value, container):
            raise _invalid(name)
        return convert(value, shape, name)
    convert_scalar = _SCALARS.get(kind)
    return value if convert_scalar is None else convert_scalar(value, name)


def unknown_members(template: Any, shape: Any) -> list[str]:
    """Return the names in a template of parameters that the model does not have; those that end in `.$` may be any."""
    kind = None if getattr(shape, "is_document_type", False) else shape.type_name
    if kind == "list" and isinstance(template, list):
        return [name for item in template for name in unknown_members(item, shape.member)]
    if kind not in {"structure", "map"} or not isinstance(template, dict):
        return []
    names = _member_names(shape) if kind == "structure" else None
    unknown = []
    for given, item in template.items():
        if given.endswith(".$"):
            continue
        if names is not None and given not in names:
            unknown.append(given)
        else:
            unknown += unknown_members(item, shape.value if names is None else shape.members[names[given]])
    return unknown


def from_members(value: Any, shape: Any, naming: Naming, timing: Timing) -> Any:
    """Return what a service answered, as a state sees it."""
    kind = None if shape is None or getattr(shape, "is_document_type", False) else shape.type_name
    if kind == "structure":
        return {
            naming(name): from_members(value[name], inner, naming, timing)
            for name, inner in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "map":
        return {key: from_members(item, shape.value, naming, timing) for key, item in value.items()}
    if kind == "list":
        return [from_members(item, shape.member, naming, timing) for item in value]
    if kind == "timestamp":
        return timing(value)
    return _text_of(value) if isinstance(value, bytes | bytearray) else value


def iso(moment: datetime) -> str:
    """Return a time as AWS SDK integrations show it: a fraction only where there is one."""
    return format_milliseconds(epoch_ms(moment)).replace(".000Z", "Z")


def epoch_ms(moment: datetime) -> int:
    """Return a time as optimized integrations show it: milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def _structure(value: dict[str, Any], shape: Any, _: str) -> dict[str, Any]:
    names = _member_names(shape)
    found = {}
    for given, item in value.items():
        name = names.get(given)
        if name is None:
            raise WrongParameter(unsupported(given))
        if item is not None:
            found[name] = to_members(item, shape.members[name], given)
    return found


def _member_names(shape: Any) -> dict[str, str]:
    """Return the names under which members may be given: the SDK's, and the model's with a capital."""
    return {written(name): name for written in (capitalised, member) for name in shape.members}


def _map(value: dict[str, Any], shape: Any, name: str) -> dict[str, Any]:
    return {key: to_members(item, shape.value, name) for key, item in value.items() if item is not None}


def _list(value: list[Any], shape: Any, name: str) -> list[Any]:
    return [to_members(item, shape.member, name) for item in value]


def _string(value: Any, _: str) -> str:
    return value if isinstance(value, str) else to_text(value)


def _blob(value: Any, name: str) -> bytes:
    return _string(value, name).encode("utf-8", "surrogatepass")


def _whole(value: Any, name: str) -> int:
    try:
        if isinstance(value, bool) or int(value) != float(value):
            raise _invalid(name)
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise _invalid(name) from None


def _number(value: Any, name: str) -> float:
    try:
        if isinstance(value, bool):
            raise _invalid(name)
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise _invalid(name) from None


def _truth(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUTHS:
        return _TRUTHS[value.lower()]
    raise _invalid(name)


def _timestamp(value: Any, name: str) -> float:
    if isinstance(value, str):
        nanoseconds = parse_timestamp(value)
        if nanoseconds is None:
            raise _invalid(name)
        return nanoseconds / _NANOSECONDS
    return _number(value, name)


def _invalid(name: str) -> WrongParameter:
    return WrongParameter(f"The value of the field '{name}' has an invalid format")


def _text_of(value: bytes | bytearray) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


_CONTAINERS: dict[str, tuple[type, Callable[[Any, Any, str], Any]]] = {
    "structure": (dict, _structure),
    "map": (dict, _map),
    "list": (list, _list),
}
_SCALARS: dict[str, Callable[[Any, str], Any]] = {
    "string": _string,
    "character": _string,
    "blob": _blob,
    "integer": _whole,
    "long": _whole,
    "float": _number,
    "double": _number,
    "boolean": _truth,
    "timestamp": _timestamp,
}
