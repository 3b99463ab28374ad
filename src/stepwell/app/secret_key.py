"""The key that secrets are sealed with: of the environment, or of a file in the data folder for its owner's eyes."""

import base64
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from stepwell.runtime.errors import UnusableSecretKey
from stepwell.runtime.vault import KEY_BYTES

VARIABLE = "STEPWELL_SECRET_KEY"
FILE_NAME = "secret.key"
_MAKE_ONE = "python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'"


def secret_key(environment: Mapping[str, str], directory: Path | None) -> Callable[[], bytes]:
    """Return what gives the key: of the variable, else of the folder's file, made when first needed; else of memory.

    Raise `UnusableSecretKey` at once where the variable holds none.
    """
    given = environment.get(VARIABLE)
    if given:
        key = _decoded(given, f"The environment variable {VARIABLE}", f"Make one with: {_MAKE_ONE}")
        return lambda: key
    if directory is None:
        in_memory = secrets.token_bytes(KEY_BYTES)
        return lambda: in_memory
    return cache(lambda: _of_file(directory / FILE_NAME))


def _of_file(path: Path) -> bytes:
    try:
        if not path.exists():
            _make(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableSecretKey(f"The key in {path} can't be read: {error}.") from None
    if mode & 0o077:
        raise UnusableSecretKey(f"{path} may be read by others than its owner (mode {mode:o}). Run: chmod 600 {path}")
    return _decoded(text, str(path), "Put the key back from your backup; a new one would not open what is sealed.")


def _make(path: Path) -> None:
    """Make a key, whole or not at all: it is on the disk before anything is sealed with it."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 (it is a descriptor)
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _decoded(text: str, where: str, advice: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise UnusableSecretKey(f"{where} does not hold {KEY_BYTES} bytes in base64. {advice}")
    return key
