"""The service model of Step Functions as data: all operations, the shapes of their requests, all errors.

`model.json` is made from botocore's model by tools/generate_api_model.py and says which version that was.
"""

from pathlib import Path
from typing import Any

from stepwell.language.document import decode

_MODEL: dict[str, Any] = decode(Path(__file__).with_name("model.json").read_bytes())

OPERATIONS: dict[str, dict[str, Any]] = _MODEL["operations"]
"""Operation -> its input's shape and its errors."""

SHAPES: dict[str, dict[str, Any]] = _MODEL["shapes"]
"""Shape -> its type, its constraints, its members."""

ERRORS: dict[str, dict[str, Any]] = _MODEL["errors"]
"""Error -> its HTTP status and the members that it has beside its message."""
