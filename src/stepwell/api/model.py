"""The service models of the served APIs as data: their operations, the shapes of the requests, all errors.

The files in `models` are made from botocore's models by tools/generate_api_model.py and say which version that was.
"""

from pathlib import Path
from typing import Any

import msgspec

_FOLDER = Path(__file__).with_name("models")


class Model(msgspec.Struct, frozen=True):
    """The model of one service."""

    operations: dict[str, dict[str, Any]]
    """Operation -> its input's shape and its errors."""
    shapes: dict[str, dict[str, Any]]
    """Shape -> its type, its constraints, its members."""
    errors: dict[str, dict[str, Any]]
    """Error -> its HTTP status and the members that it has beside its message."""


def _load(service: str) -> Model:
    return msgspec.json.decode((_FOLDER / f"{service}.json").read_bytes(), type=Model)


STEP_FUNCTIONS = _load("stepfunctions")
EVENT_BRIDGE = _load("events")
SCHEDULER = _load("scheduler")
