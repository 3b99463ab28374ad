"""One request of the page, read: its parameters, its body, whose state machines it speaks of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import msgspec

from stepwell.api.errors import ApiError
from stepwell.api.identity import DEFAULT_ACCOUNT, DEFAULT_REGION
from stepwell.language.document import decode
from stepwell.runtime.arns import Scope

MAX_PARAMETERS = 200
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call is asked with. Every reading of a parameter raises `ApiError` where it is no good."""

    scope: Scope
    query: dict[str, list[str]]
    body: dict[str, Any]
    last_event_id: str | None = None

    def text(self, name: str) -> str | None:
        """Return a parameter of the query."""
        values = self.query.get(name)
        return values[-1] if values else None

    def required(self, name: str) -> str:
        """Return a parameter of the query that has to be there."""
        value = self.text(name)
        if value is None:
            raise invalid(name, "is missing")
        return value

    def texts(self, name: str) -> list[str]:
        """Return all the values of a parameter that may be repeated."""
        return self.query.get(name, [])

    def number(self, name: str, default: int, most: int) -> int:
        """Return a number of the query, from 0 up to a bound."""
        value = self.optional_number(name)
        return default if value is None else min(value, most)

    def optional_number(self, name: str) -> int | None:
        """Return a number of the query, or None."""
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"\d{1,15}", value, re.ASCII):
            raise invalid(name, "is no number")
        return int(value)

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """Return a parameter that is one of a few words."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise invalid(name, f"must be one of {', '.join(allowed)}")
        return default if value is None else value

    def member(self, name: str) -> str:
        """Return a text of the body that has to be there."""
        value = self.optional_member(name)
        if value is None:
            raise invalid(name, "is missing")
        return value

    def optional_member(self, name: str) -> str | None:
        """Return a text of the body, or None."""
        value = self.body.get(name)
        if value is not None and not isinstance(value, str):
            raise invalid(name, "is no text")
        return value


def invalid(name: str, problem: str) -> ApiError:
    """Return the error for a parameter."""
    return ApiError("ValidationException", f"{name} {problem}")


def read_query(raw: bytes) -> dict[str, list[str]]:
    """Return the parameters of a query."""
    try:
        return parse_qs(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise ApiError("ValidationException", f"More than {MAX_PARAMETERS} parameters") from None


def read_object(body: bytes) -> dict[str, Any]:
    """Return a body, which has to be a JSON object."""
    try:
        value = decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ApiError("SerializationException", f"The body is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "The body is no JSON object")
    return value


def scope_of(query: dict[str, list[str]]) -> Scope:
    """Return the account and the region that a query names, or the default ones."""
    account = query.get("account", [DEFAULT_ACCOUNT])[-1]
    region = query.get("region", [DEFAULT_REGION])[-1]
    if not _ACCOUNT.fullmatch(account):
        raise invalid("account", "must be 12 digits")
    if not _REGION.fullmatch(region):
        raise invalid("region", "is no region")
    return Scope(account, region)
