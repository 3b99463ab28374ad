"""One process to a directory: a lock file, which the kernel lets go of however the process ends."""

import fcntl
import os
import time
from pathlib import Path

from stepwell.storage.port import StoreError

LOCK_FILE = "stepwell.lock"

PATIENCE_SECONDS = 1.0
"""A process that was killed while it started another leaves the lock to that one until it runs: some milliseconds."""

_LOOK_SECONDS = 0.005


class DirectoryLock:
    """The lock of one directory: taken when made, until it is released or the process ends."""

    def __init__(self, directory: Path) -> None:
        path = directory / LOCK_FILE
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(self._file):
            owner = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreError(
                f"{directory} is in use by another process (pid {owner}). "
                f"Stop that process, or use another directory: a directory belongs to one process at a time."
            )
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go of the directory. The file stays: removing it would let two processes lock two files of one name."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def _locked(file: int) -> bool:
    """Take the lock of an open file; return whether it could be had in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        else:
            return True
