"""The intrinsic functions of texts, of JSON and its text, and of encodings."""

import base64
import binascii
import hashlib
from typing import Any

import msgspec

from stepwell.language.document import decode, to_text

from .arguments import FunctionFailure, json_object, short_text, shown, text
from .java_text import java_text

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def fill(parts: list[str], values: list[Any]) -> str:
    """Return the parts of a template with a value in each gap between two."""
    pieces = [parts[0]]
    for value, part in zip(values, parts[1:], strict=True):
        pieces.append(java_text(value))
        pieces.append(part)
    return "".join(pieces)


def count_problem(parts: list[str], count: int) -> str | None:
    """Return what is wrong with so many values for a template, or None."""
    gaps = len(parts) - 1
    if gaps == count:
        return None
    return f"The number of arguments, {count}, must match the number of occurrences of '{{}}' in the template, {gaps}"


def format_text(template: Any, *values: Any) -> str:
    """`States.Format(template, …)`, with a template that is known only now."""
    parts = text(template, "template").split("{}")
    problem = count_problem(parts, len(values))
    if problem:
        raise FunctionFailure(problem)
    return fill(parts, list(values))


def string_to_json(value: Any) -> Any:
    """`States.StringToJson(text)`; a blank text is null, as AWS has it."""
    if value is None or not text(value, "argument").strip():
        return None
    try:
        return decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise FunctionFailure(f"The argument is not valid JSON: {error}: {shown(value)}") from None


def json_to_string(value: Any) -> str:
    """`States.JsonToString(value)`."""
    return to_text(value)


def json_merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    """`States.JsonMerge(object, object, false)`: shallow, and the second wins."""
    first, second = json_object(first, "first argument"), json_object(second, "second argument")
    if deep is not False:
        raise FunctionFailure(f"The third argument must be false, as there is no deep merge, but was: {shown(deep)}")
    return {**first, **second}


def split(value: Any, delimiters: Any) -> list[str]:
    """`States.StringSplit(text, delimiters)`: at any of the delimiters, without empty parts."""
    whole, marks = text(value, "first argument"), text(delimiters, "second argument")
    if not marks:
        return [whole] if whole else []
    if len(marks) > 1:
        whole = whole.translate(str.maketrans(marks, marks[0] * len(marks)))
    return [part for part in whole.split(marks[0]) if part]


def base64_encode(value: Any) -> str:
    """`States.Base64Encode(text)`."""
    return base64.b64encode(short_text(value, "argument").encode("utf-8", "replace")).decode("ascii")


def base64_decode(value: Any) -> str:
    """`States.Base64Decode(text)`."""
    encoded = short_text(value, "argument")
    try:
        # Java needs no padding, and puts a sign for bytes that are no UTF-8.
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise FunctionFailure(f"The argument is not valid Base64: {shown(value)}") from None


def hash_text(value: Any, algorithm: Any) -> str:
    """`States.Hash(text, algorithm)`, in lower-case hexadecimal digits."""
    data = short_text(value, "first argument")
    name = _ALGORITHMS.get(text(algorithm, "algorithm"))
    if name is None:
        raise FunctionFailure(f"The algorithm must be one of {', '.join(_ALGORITHMS)} but was: {shown(algorithm)}")
    return hashlib.new(name, data.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
