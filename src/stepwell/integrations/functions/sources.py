"""Whether a function's code was edited: then the next invocation gets a fresh worker."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

CHECK_SECONDS = 0.5
MAX_ENTRIES = 10_000
"""What lies beyond so many entries is not watched: a look must stay cheaper than the call that it precedes."""
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "site-packages"})


class SourceWatch:
    """The `.py` files below a folder, looked at when asked, at most twice a second."""

    def __init__(self, folder: str, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock
        self._looked = float("-inf")
        self._seen: frozenset[tuple[str, int, int]] | None = None

    def changed(self) -> bool:
        """Return whether a file was edited, added or removed since the last look; the first look finds no change."""
        now = self._clock()
        if now - self._looked < CHECK_SECONDS:
            return False
        before, self._seen = self._seen, frozenset(_stamps(self._folder))
        self._looked = self._clock()
        return before is not None and before != self._seen


def _stamps(folder: str) -> Iterator[tuple[str, int, int]]:
    folders, left = [folder], MAX_ENTRIES
    while folders and left > 0:
        entries = _entries(folders.pop(), left)
        left -= len(entries)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not _left_out(entry):
                    folders.append(entry.path)
            elif entry.name.endswith(".py"):
                with suppress(OSError):  # removed since it was listed, or a link that leads nowhere
                    status = entry.stat()
                    yield entry.path, status.st_mtime_ns, status.st_size


def _entries(folder: str, limit: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, limit))
    except OSError:
        return []


def _left_out(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name in _LEFT_OUT:
        return True
    return os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118 (strings, as scandir's are)
