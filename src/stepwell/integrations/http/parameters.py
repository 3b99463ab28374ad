"""The parameters of `http:invoke`, read and checked as far as that goes without the connection."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepwell.language.document import to_text

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
NONE, URL_ENCODED = "NONE", "URL_ENCODED"
INDICES = "INDICES"
ARRAY_FORMATS = (INDICES, "REPEAT", "COMMAS", "BRACKETS")
NOTHING: Any = object()
"""No RequestBody was given; null is one."""

# Those that AWS refuses in a definition: what the client itself has to say, or a connection.
_FORBIDDEN = frozenset(
    (
        *("a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control"),
        *("connection", "content-encoding", "content-md5", "date", "expect", "forwarded", "from", "host"),
        *("http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
        *("max-forwards", "origin", "pragma", "proxy-authorization", "referer", "server", "te", "trailer"),
        *("transfer-encoding", "upgrade", "via", "warning"),
    )
)
_FORBIDDEN_BEGINNINGS = ("x-forwarded-", "x-amz-", "x-amzn-")
_SET_BY_US = frozenset({"user-agent", "range", "content-length"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TEXT = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class UnusableParameters(ValueError):
    """The task can't be carried out with these; the message says which, and what to write instead."""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """What a definition asks for."""

    endpoint: str
    method: str
    connection_arn: str
    headers: Sequence[tuple[str, str]]
    query: Sequence[tuple[str, str]]
    body: Any
    encoding: str
    array_format: str


def read_call(given: Any) -> HttpCall:
    """Return what the parameters of a task ask for. Raise `UnusableParameters`."""
    if not isinstance(given, dict):
        raise UnusableParameters("The parameters of http:invoke must be a JSON object.")
    method = _text(given, "Method").upper()
    if method not in METHODS:
        raise UnusableParameters(f"The value of 'Method' must be one of {', '.join(METHODS)}.")
    transform = _object(given, "Transform")
    options = _object(transform, "RequestEncodingOptions")
    return HttpCall(
        endpoint=_text(given, "ApiEndpoint"),
        method=method,
        connection_arn=_connection_arn(given),
        headers=_headers(given.get("Headers")),
        query=_query(given.get("QueryParameters")),
        body=given.get("RequestBody", NOTHING),
        encoding=_one_of(transform, "RequestBodyEncoding", (NONE, URL_ENCODED)),
        array_format=_one_of(options, "ArrayFormat", ARRAY_FORMATS),
    )


def header_problem(name: str, value: str) -> str | None:
    """Return why a header can't be sent, without its value; None where it can be."""
    if _TOKEN.fullmatch(name) is None:
        return f"The name of the header '{name[:100]}' is malformed."
    if _TEXT.fullmatch(value) is None:
        return f"The value of the header '{name}' has a character that can't be in a header, such as a line break."
    return None


def scalar_text(value: Any) -> str | None:
    """Return a text, number or boolean as it is written into a URL; None where it is another value."""
    if isinstance(value, str):
        return value
    return to_text(value) if isinstance(value, int | float) else None


def _connection_arn(given: dict[str, Any]) -> str:
    for name in ("InvocationConfig", "Authentication"):
        if given.get(name) is not None:
            return _text(_object(given, name), "ConnectionArn")
    raise UnusableParameters(
        "The connection is missing. Give the ARN of a connection of EventBridge: "
        'as "InvocationConfig": {"ConnectionArn": "…"}, or as "Authentication": {"ConnectionArn": "…"}.'
    )


def _headers(given: Any) -> list[tuple[str, str]]:
    headers = []
    for name, value in _fields(given, "Headers"):
        lower = name.lower()
        if lower in _FORBIDDEN or lower.startswith(_FORBIDDEN_BEGINNINGS):
            raise UnusableParameters(
                f"The header '{name}' can't be set in a definition. What authorizes belongs into the connection."
            )
        if lower in _SET_BY_US:
            continue
        for item in value if isinstance(value, list) else [value]:
            text = scalar_text(item)
            if text is None:
                raise UnusableParameters(f"The value of the header '{name}' must be a text or an array of texts.")
            if problem := header_problem(name, text):
                raise UnusableParameters(problem)
            headers.append((name, text))
    return headers


def _query(given: Any) -> list[tuple[str, str]]:
    if isinstance(given, str):
        return _parsed(given)
    if isinstance(given, list):
        if not all(isinstance(item, str) for item in given):
            raise UnusableParameters("An array of 'QueryParameters' must have texts like \"name=value\".")
        return [pair for item in given for pair in _parsed(item)]
    query = []
    for name, value in _fields(given, "QueryParameters"):
        for item in value if isinstance(value, list) else [value]:
            text = "" if item is None else scalar_text(item)
            if text is None:
                raise UnusableParameters(
                    f"The value of the query parameter '{name}' must be a text, a number or a boolean, or an array."
                )
            query.append((name, text))
    return query


def _parsed(text: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in text.removeprefix("?").split("&") if part)
    return [(name, value) for name, _, value in pairs]


def _fields(given: Any, name: str) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, dict):
        raise UnusableParameters(f"The value of '{name}' must be a JSON object.")
    return list(given.items())


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise UnusableParameters(f"'{name}' is required among the parameters of http:invoke, and must be a text.")
    return value


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnusableParameters(f"The value of '{name}' must be a JSON object.")
    return value


def _one_of(given: dict[str, Any], name: str, values: Sequence[str]) -> str:
    value = given.get(name)
    if value is None:
        return values[0]
    if value not in values:
        raise UnusableParameters(f"The value of '{name}' must be one of {', '.join(values)}.")
    return str(value)
