"""The request that is sent: what the definition asks for, with what the connection adds, which wins."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from stepwell.integrations.http.connections import Additions, Pairs
from stepwell.integrations.http.encoding import encoded, form
from stepwell.integrations.http.parameters import (
    NOTHING,
    URL_ENCODED,
    HttpCall,
    UnusableParameters,
    header_problem,
)
from stepwell.language.document import encode
from stepwell.outbound import Request

TIMEOUT_SECONDS = 60.0
MAX_BYTES = 256 * 1024
RANGE = f"bytes=0-{MAX_BYTES}"
_JSON, _FORM, _PLAIN = (
    "application/json; charset=UTF-8",
    "application/x-www-form-urlencoded",
    "text/plain; charset=UTF-8",
)
# What no connection may say either: how a message is framed, and where it goes.
_FRAMING = frozenset({"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"})


def build(call: HttpCall, added: Additions, region: str) -> Request:
    """Return the request. Raise `UnusableParameters`."""
    body, content_type = _body(call, added.body)
    headers = _merged(call.headers, _checked(added.headers), fold=True)
    if body is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", content_type))
    headers += [("Range", RANGE), ("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{region}")]
    return Request(call.method, _url(call, added.query), headers, body, TIMEOUT_SECONDS, MAX_BYTES + 1)


def _url(call: HttpCall, added: Pairs) -> str:
    if not call.query and not added:
        return call.endpoint
    try:
        scheme, host, path, query, _ = urlsplit(call.endpoint)
    except ValueError:
        raise UnusableParameters("The value of 'ApiEndpoint' is no URL.") from None
    given = [*parse_qsl(query, keep_blank_values=True), *call.query]
    return urlunsplit((scheme, host, path, encoded(_merged(given, added)), ""))


def _body(call: HttpCall, added: Pairs) -> tuple[bytes | None, str]:
    body = call.body
    if added:
        if body is NOTHING:
            body = {}
        if not isinstance(body, dict):
            raise UnusableParameters(
                "The connection adds to the body of the request, so RequestBody must be a JSON object."
            )
        body = body | dict(added)
    if body is NOTHING:
        return None, ""
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass"), _FORM if call.encoding == URL_ENCODED else _PLAIN
    if call.encoding == URL_ENCODED:
        return form(body, call.array_format).encode(), _FORM
    return encode(body), _JSON


def _merged(given: Iterable[tuple[str, str]], added: Pairs, *, fold: bool = False) -> list[tuple[str, str]]:
    """Return both, without what is given under a name that is added; `fold`: names are the same in any case."""

    def key(name: str) -> str:
        return name.lower() if fold else name

    names = {key(name) for name, _ in added}
    return [*(pair for pair in given if key(pair[0]) not in names), *added]


def _checked(headers: Pairs) -> Pairs:
    for name, value in headers:
        if name.lower() in _FRAMING:
            raise UnusableParameters(f"The connection has the header '{name}', which the client sets itself.")
        if problem := header_problem(name, value):
            raise UnusableParameters(f"The connection can't be used. {problem}")
    return headers


def shown(request: Request) -> dict[str, Any]:
    """Return a request as TestState shows it."""
    scheme, _, _ = request.url.partition("://")
    given = {
        "protocol": scheme,
        "method": request.method,
        "url": request.url,
        "headers": shown_headers(request.headers),
    }
    return given if request.body is None else given | {"body": request.body.decode("utf-8", "replace")}


def shown_headers(headers: Iterable[tuple[str, str]]) -> str:
    """Return headers as TestState shows them."""
    return f"[{', '.join(f'{name}: {value}' for name, value in headers)}]"
