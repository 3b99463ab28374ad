"""URL-encoding: of query parameters, and of a request body as a form. A blank is %20, as AWS writes it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from stepwell.integrations.http.parameters import UnusableParameters, scalar_text

_MAX_DEPTH = 100
"""So deep may a body be that is encoded as a form."""


def encoded(pairs: Iterable[tuple[str, str]]) -> str:
    """Return name=value pairs, encoded."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def form(body: Any, array_format: str) -> str:
    """Return a JSON object as a form: what is within others is named `a[b]`, arrays as the format says."""
    if not isinstance(body, dict):
        raise UnusableParameters("A RequestBody that is to be URL_ENCODED must be a JSON object.")
    parts: list[str] = []
    for name, value in body.items():
        parts += _parts(_quoted(name), value, array_format, 0)
    return "&".join(parts)


def _parts(name: str, value: Any, array_format: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        raise UnusableParameters("The RequestBody is too deep to be URL_ENCODED.")
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from _parts(f"{name}{_quoted(f'[{inner}]')}", item, array_format, depth + 1)
    elif isinstance(value, list):
        yield from _array(name, value, array_format, depth)
    else:
        yield f"{name}={_quoted(_scalar(value))}"


def _array(name: str, values: Sequence[Any], array_format: str, depth: int) -> Iterator[str]:
    if array_format == "COMMAS" and not any(isinstance(value, dict | list) for value in values):
        if values:
            yield f"{name}={','.join(_quoted(_scalar(value)) for value in values)}"
        return
    for index, value in enumerate(values):
        # Commas can't join what has parts itself: there it is told apart by its index.
        place = {"REPEAT": "", "BRACKETS": "[]"}.get(array_format, f"[{index}]")
        yield from _parts(f"{name}{_quoted(place)}", value, array_format, depth + 1)


def _scalar(value: Any) -> str:
    return "" if value is None else scalar_text(value) or ""


def _quoted(text: str) -> str:
    return quote(text, safe="-._~", errors="surrogatepass")
