"""What a Task is given of an HTTP answer."""

import re
from http import HTTPStatus
from typing import Any

from msgspec import DecodeError

from stepwell.integrations.http.requests import shown_headers
from stepwell.integrations.port import Failed, Succeeded
from stepwell.language.document import Document, decode, to_text
from stepwell.outbound import Response

STATUS_ERROR = "States.Http.StatusCode."
CAUSE_LIMIT = 32_768
_NO_TEXT: Any = object()
_UNSUPPORTED = re.compile(r"application/octet-stream|(image|video|audio)/.*")
_CHARSET = re.compile(r'charset="?([\w.:-]+)', re.IGNORECASE)


def answer_of(response: Response, prefix: str = STATUS_ERROR) -> Succeeded | Failed:
    """Return what has come of a call: only a status of 2xx is a success, any other the error of that prefix."""
    body = _body(response)
    if not 200 <= response.status < 300:
        return Failed(f"{prefix}{response.status}", _cause(_result(response, "" if body is _NO_TEXT else body)))
    if body is _NO_TEXT:
        return Failed(
            "States.Runtime",
            f"The response can't be read as a text: its Content-Type is '{_content_type(response)}'.",
        )
    return Succeeded(Document(None, _result(response, body)))


def shown(response: Response, protocol: str) -> dict[str, str]:
    """Return an answer as TestState shows it."""
    return {
        "protocol": protocol,
        "statusCode": str(response.status),
        "statusMessage": _status_text(response),
        "headers": shown_headers(response.headers),
        "body": response.body.decode("utf-8", "replace"),
    }


def _result(response: Response, body: Any) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(names.setdefault(name.lower(), name), []).append(value)
    return {
        "Headers": headers,
        "ResponseBody": body,
        "StatusCode": response.status,
        "StatusText": _status_text(response),
    }


def _cause(result: dict[str, Any]) -> str:
    """Return a result as a cause: JSON still, where the body has to be cut for it to fit."""
    text = to_text(result)
    if len(text) <= CAUSE_LIMIT:
        return text
    body = result["ResponseBody"] if isinstance(result["ResponseBody"], str) else to_text(result["ResponseBody"])
    for length in (CAUSE_LIMIT // 2, CAUSE_LIMIT // 8, 0):  # quotes and the like take more within JSON
        text = to_text(result | {"ResponseBody": body[:length]})
        if len(text) <= CAUSE_LIMIT:
            return text
    return to_text(result | {"ResponseBody": "", "Headers": {}})


def _body(response: Response) -> Any:
    """Return the body: a JSON value, else a text, else `_NO_TEXT`."""
    if not response.body:
        return ""
    media = _content_type(response).partition(";")[0].strip().lower()
    if _UNSUPPORTED.fullmatch(media):
        return _NO_TEXT
    found = _CHARSET.search(_content_type(response))
    try:
        text = response.body.decode(found[1] if found else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return _NO_TEXT
    if media in {"", "application/json", "text/json"} or media.endswith("+json"):
        try:
            return decode(text)
        except (DecodeError, RecursionError):
            return text
    return text


def _content_type(response: Response) -> str:
    return next((value for name, value in response.headers if name.lower() == "content-type"), "")


def _status_text(response: Response) -> str:
    if response.reason:
        return response.reason
    try:
        return HTTPStatus(response.status).phrase
    except ValueError:
        return ""
