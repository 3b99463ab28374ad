"""What is declared about a local function."""

from typing import Annotated

from msgspec import Meta, Struct

DEFAULT_TIMEOUT_SECONDS = 60.0
"""Longer than Lambda's three seconds: a worker at home has no bill that a low limit would protect."""
MAX_TIMEOUT_SECONDS = 86_400
MIN_MEMORY_MIB = 64
MAX_CONCURRENCY = 256


class FunctionSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One local function: `module.function` below a folder, and what its workers may take."""

    handler: Annotated[str, Meta(pattern=r"^[A-Za-z_][\w./]*\.[A-Za-z_]\w*$")]
    path: str = "."
    """The folder that is put on `sys.path`, and watched for edits."""
    timeout: Annotated[float, Meta(gt=0, le=MAX_TIMEOUT_SECONDS)] = DEFAULT_TIMEOUT_SECONDS
    memory: Annotated[int, Meta(ge=MIN_MEMORY_MIB)] | None = None
    """MiB that a worker may allocate, where the system can hold it to that; None for no limit."""
    concurrency: Annotated[int, Meta(ge=1, le=MAX_CONCURRENCY)] = 4
    environment: dict[str, str] = {}
