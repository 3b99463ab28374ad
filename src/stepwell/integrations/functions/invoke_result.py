"""What a Task is given of an invocation's answer."""

import base64
import time
from email.utils import formatdate
from typing import Any

from msgspec import DecodeError

from stepwell.integrations.functions.outcomes import Invocation
from stepwell.integrations.functions.worker import trace_id
from stepwell.integrations.port import Answer, Failed, Succeeded
from stepwell.language.document import Document, decode, to_text

RESULT_LIMIT = 256 * 1024
"""Bytes that a state may pass on: beyond, what a result is does not matter."""
CAUSE_LIMIT = 32_768
UNKNOWN = "Lambda.Unknown"
_NO_ERROR_TYPE = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
_NOT_JSON = "The function's result is no JSON. Returned payload: "
_NOTHING: Any = object()
# Headers as Lambda writes them, in its order.
_HEADERS = (
    "X-Amz-Executed-Version", "X-Amz-Log-Result", "x-amzn-Remapped-Content-Length", "Connection", "x-amzn-RequestId",
    "Content-Length", "Date", "X-Amzn-Trace-Id", "Content-Type",
)  # fmt: skip
_WRITTEN = {name.lower(): name for name in _HEADERS}


def plain_result(invocation: Invocation) -> Answer:
    """Return what a Task is given whose resource is a function: the payload, as the function has written it.

    A result over the limit is passed on even if it is no JSON: that it is too large is what AWS says about it first.
    A smaller one that is no JSON fails the Task, with an error that Retry and Catch see.
    """
    value = _value(invocation.payload)
    text = invocation.payload.decode("utf-8", "replace")
    if invocation.error:
        return _failed(value, text, text)
    if value is not _NOTHING:
        return Succeeded(Document(text, value))
    if len(invocation.payload) > RESULT_LIMIT:
        return Succeeded(Document(text))
    return Failed(UNKNOWN, (_NOT_JSON + text)[:CAUSE_LIMIT])


def service_result(invocation: Invocation, log_wanted: bool) -> Answer:
    """Return what a Task of `lambda:invoke` is given: Lambda's whole answer, the payload parsed.

    A payload that is no JSON is a text there.
    """
    value = _value(invocation.payload)
    text = invocation.payload.decode("utf-8", "replace")
    if invocation.error:
        return _failed(value, text, text if value is _NOTHING else to_text(value))
    log_result = base64.b64encode(invocation.log_tail).decode() if log_wanted else ""
    headers = _headers(invocation, log_result)
    result = {
        "ExecutedVersion": invocation.executed_version,
        "LogResult": log_result,
        "Payload": (text or {}) if value is _NOTHING else value,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [header] for name, header in headers.items()},
            "HttpHeaders": dict(sorted(headers.items(), key=lambda item: item[0].lower())),
            "HttpStatusCode": invocation.status,
        },
        "SdkResponseMetadata": {"RequestId": invocation.request_id},
        "StatusCode": invocation.status,
    }
    if not log_wanted:
        del result["LogResult"]
    if not invocation.executed_version:
        del result["ExecutedVersion"]
    return Succeeded(Document(None, result))


def _value(payload: bytes) -> Any:
    try:
        return decode(payload)
    except (DecodeError, RecursionError):
        return _NOTHING


def _failed(value: Any, text: str, cause: str) -> Failed:
    kind = value.get("errorType") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind:
        return Failed(kind, cause[:CAUSE_LIMIT])
    return Failed(UNKNOWN, (_NO_ERROR_TYPE + text)[:CAUSE_LIMIT])


def _headers(invocation: Invocation, log_result: str) -> dict[str, str]:
    if invocation.headers:
        return {_WRITTEN.get(name.lower(), name): header for name, header in invocation.headers.items()}
    headers = {
        "X-Amz-Executed-Version": invocation.executed_version,
        "X-Amz-Log-Result": log_result,
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": invocation.request_id,
        "Content-Length": str(len(invocation.payload)),
        "Date": formatdate(usegmt=True),
        "X-Amzn-Trace-Id": trace_id(invocation.request_id, time.time()),
        "Content-Type": "application/json",
    }
    return {name: header for name, header in headers.items() if header}
