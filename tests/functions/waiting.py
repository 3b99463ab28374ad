"""Waiting for what other processes do."""

import asyncio
import os
import time
from pathlib import Path


async def written(path: Path) -> str:
    """The text of a file, as soon as it has one."""
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} was not written"
        await asyncio.sleep(0.005)
    return path.read_text()


async def ended(pid: int) -> bool:
    """Whether a process has ended, or does so soon."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        await asyncio.sleep(0.01)
    return False
