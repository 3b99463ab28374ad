"""What comes of an invocation: a payload, as the function or Lambda itself has written it, or Lambda's refusal."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import DecodeError

from stepwell.language.document import decode, encode

LATEST = "$LATEST"
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of a request. A response may have a hundred more, as on Lambda."""
RESPONSE_LIMIT = PAYLOAD_LIMIT + 100


@dataclass(frozen=True, slots=True)
class Invocation:
    """The answer of Lambda to one invocation."""

    payload: bytes
    error: bool
    """Whether the payload describes why the function failed."""
    executed_version: str
    request_id: str
    log_tail: bytes = b""
    """The last 4 KiB that the function has printed."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """The HTTP headers, where there were any: a local function's answer has none."""


class InvokeRefused(Exception):
    """Lambda did not run the function: the error's code and message as Lambda has them."""

    def __init__(self, code: str, message: str, status: int, request_id: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.cause = (
            f"{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; "
            f"Request ID: {request_id}; Proxy: null)"
        )


class FunctionsClosed(RuntimeError):
    """The functions were closed before this one had answered: nobody knows whether it has run."""


def timed_out(request_id: str, seconds: float) -> bytes:
    """Return Lambda's payload for a function that took too long."""
    return _sandbox_error("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds")


def out_of_memory(request_id: str) -> bytes:
    """Return Lambda's payload for a function that wanted more memory than it has."""
    return _sandbox_error("Runtime.OutOfMemory", request_id, "Runtime exited with error: signal: killed")


def is_memory_error(payload: bytes) -> bool:
    """Return whether a function's error is Python's MemoryError."""
    if b'"MemoryError"' not in payload:
        return False
    try:
        return bool(decode(payload)["errorType"] == "MemoryError")
    except (DecodeError, KeyError, TypeError):
        return False


def exited(request_id: str, returncode: int) -> bytes:
    """Return Lambda's payload for a process that ended; `returncode` is below zero where a signal ended it."""
    if returncode == 0:
        return _sandbox_error("Runtime.ExitError", request_id, "Runtime exited without providing a reason")
    if returncode > 0:
        reason = f"exit status {returncode}"
    else:
        reason = f"signal: {(signal.strsignal(-returncode) or str(-returncode)).lower()}"
    return _sandbox_error("Runtime.ExitError", request_id, f"Runtime exited with error: {reason}")


def not_started(request_id: str, reason: str) -> bytes:
    """Return Lambda's payload for a process that could not even be started."""
    return _sandbox_error("Runtime.InvalidEntrypoint", request_id, reason)


def response_too_large() -> bytes:
    """Return Lambda's payload for a response over the limit."""
    message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
    return encode({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})


def _sandbox_error(kind: str, request_id: str, text: str) -> bytes:
    return encode({"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {text}"})
