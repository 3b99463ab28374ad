"""What is wrong with a definition: each problem with its code, AWS's text, and its place, for AWS and for editors."""

from collections.abc import Sequence
from dataclasses import dataclass

ERROR, WARNING = "ERROR", "WARNING"

MAX_TEXT = 10_000
"""Characters of all problems together in AWS's one message."""

Pointer = tuple[str | int, ...]
"""The way from the definition's root to a value: keys of objects and indexes of arrays."""

# The codes that AWS documents. Its automated readers know them; the texts may change.
INVALID_JSON_DESCRIPTION = "INVALID_JSON_DESCRIPTION"
SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"
MISSING_TRANSITION_TARGET = "MISSING_TRANSITION_TARGET"
MISSING_END_STATE = "MISSING_END_STATE"
DUPLICATE_STATE_NAME = "DUPLICATE_STATE_NAME"
INVALID_STATE_NAME = "INVALID_STATE_NAME"
DUPLICATE_LABEL_NAME = "DUPLICATE_LABEL_NAME"
INVALID_LABEL_NAME = "INVALID_LABEL_NAME"
TOO_DEEPLY_NESTED = "TOO_DEEPLY_NESTED"
RESERVED_VARIABLE_NAME = "RESERVED_VARIABLE_NAME"
INVALID_VARIABLE_NAME = "INVALID_VARIABLE_NAME"
INVALID_JSONATA_EXPRESSION = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_JSONATA_EXPRESSION = "UNSUPPORTED_JSONATA_EXPRESSION"
NO_DOLLAR = "NO_DOLLAR"
NO_PATH = "NO_PATH"
PASS_RESULT_IS_STATIC = "PASS_RESULT_IS_STATIC"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `location` is AWS's (`/States/X/Next`, None where it gives none); line and column count from 1."""

    severity: str
    code: str
    message: str
    location: str | None
    line: int
    column: int


def location(pointer: Pointer) -> str:
    """Return AWS's text for a place in a definition: `/States/C/Choices[0]/Next`, and `/` for the whole."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in pointer)
    return text or "/"


def aws_text(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the message of AWS's InvalidDefinition for these problems; what goes beyond the bound is counted."""
    texts: list[str] = []
    room = MAX_TEXT
    for diagnostic in diagnostics:
        text = f"{diagnostic.code}: {diagnostic.message} at {diagnostic.location or 'null'}"
        room -= len(text) + 2
        if room < 0:
            break
        texts.append(text)
    left = len(diagnostics) - len(texts)
    if left and not texts:
        first = diagnostics[0]
        texts.append(f"{first.code}: {first.message}"[:MAX_TEXT])
        left -= 1
    if left:
        texts.append(f"and {left} more")
    return f"Invalid State Machine Definition: '{', '.join(texts)}'"
