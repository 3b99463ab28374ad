"""What becomes of a task, in the words of AWS Lambda: a result as JSON text, or an error with its cause.

A Retry or a Catch that was written for a function so does for a worker as well.
"""

import json
import traceback
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from stepwell.worker.errors import TaskFailed

MAX_OUTPUT_BYTES = 262_144
MAX_ERROR_CHARACTERS = 256
MAX_CAUSE_CHARACTERS = 32_768
MAX_MESSAGE_CHARACTERS = 4_096
_OURS = str(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Success:
    """The task is done."""

    output: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The task failed."""

    error: str
    cause: str


Answer = Success | Failure
STOPPED = Failure("Worker.Stopped", "The worker was stopped before the task was done.")


def success(result: Any) -> Answer:
    """Return the answer of a handler that returned a result."""
    try:
        output = to_json(result)
    except (TypeError, ValueError, RecursionError) as error:
        return _failure("Runtime.MarshalError", f"Unable to marshal response: {error}", [])
    if len(output.encode()) > MAX_OUTPUT_BYTES:
        return Failure(
            "States.DataLimitExceeded",
            f"The worker returned a result with a size exceeding the maximum of {MAX_OUTPUT_BYTES} bytes.",
        )
    return Success(output)


def failure(error: BaseException) -> Failure:
    """Return the answer of a handler that raised."""
    if isinstance(error, TaskFailed):
        return Failure(error.error[:MAX_ERROR_CHARACTERS], error.cause[:MAX_CAUSE_CHARACTERS])
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_OURS)]
    return _failure(type(error).__name__, str(error), traceback.format_list(frames))


def to_json(value: Any) -> str:
    """Return a value as JSON text, as a function's result becomes it. Raise `TypeError` or `ValueError`."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_decimal)


def _failure(error: str, message: str, trace: list[str]) -> Failure:
    """Return a failure whose cause is JSON as Lambda has it; what is too long loses its outermost frames first."""
    if len(message) > MAX_MESSAGE_CHARACTERS:
        message = message[:MAX_MESSAGE_CHARACTERS] + "…"
    while True:
        cause = json.dumps({"errorMessage": message, "errorType": error, "stackTrace": trace}, ensure_ascii=False)
        if len(cause) <= MAX_CAUSE_CHARACTERS:
            return Failure(error[:MAX_ERROR_CHARACTERS], cause)
        trace = trace[len(trace) // 2 + 1 :]


def _decimal(value: object) -> float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
