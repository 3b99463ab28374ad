"""Logs on this machine: a file for each log group, or standard output."""

import asyncio
import os
import sys
from pathlib import Path

from stepwell.logs.port import Line, LinesLost, LogGroup

FILE_BYTES = 256 * 1024 * 1024
"""A file that has grown to this gives its place to a new one. One old one is kept."""
_SUFFIX = ".jsonl"
_OLD = ".1"


class LogFiles:
    """Writes `FOLDER/<log group>.jsonl`, one JSON object a line. Log groups need not be created."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def problem(self, group: LogGroup) -> str | None:  # noqa: ARG002 (any will do)
        """There is none."""
        return None

    async def write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:  # noqa: ARG002 (one file)
        """Append lines to the group's file."""
        try:
            await asyncio.to_thread(_append, self.path(group), _joined(lines))
        except OSError as error:
            raise LinesLost(f"{self.path(group)}: {error.strerror}") from None

    async def close(self) -> None:
        """Nothing is held open."""

    def path(self, group: LogGroup) -> Path:
        """Return the file of a group; no name leads out of the folder."""
        parts = [part.replace(".", "%2E") if not part.strip(".") else part for part in group.name.split("/") if part]
        *folders, name = parts or ["%2F"]
        return Path(self._folder, *folders, name + _SUFFIX)


class StandardOutput:
    """Writes lines to standard output."""

    async def problem(self, group: LogGroup) -> str | None:  # noqa: ARG002 (any will do)
        """There is none."""
        return None

    async def write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:  # noqa: ARG002 (one output)
        """Print lines."""
        try:
            await asyncio.to_thread(_print, _joined(lines))
        except (OSError, ValueError) as error:  # it may be closed
            raise LinesLost(f"standard output: {error}") from None

    async def close(self) -> None:
        """Leave it open: it is not ours."""


def _joined(lines: list[Line]) -> bytes:
    return b"".join(line.text + b"\n" for line in lines)


def _print(text: bytes) -> None:
    sys.stdout.write(text.decode())
    sys.stdout.flush()


def _append(path: Path, text: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(text)
        size = file.tell()
    if size >= FILE_BYTES:
        path.replace(path.with_name(path.name + _OLD))
