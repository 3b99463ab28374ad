"""The connections with their settings, and the schema with its versions."""

import sqlite3
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from stepwell.storage.port import StoreError

CHECKPOINT_PAGES = 2_000
"""A commit that makes the write-ahead log longer than this (8 MB) moves it into the database: some 10 ms each time."""

LOG_BYTES = 64 * 1024 * 1024
"""What the write-ahead log is cut down to after a time when it had to grow."""

CACHED_STATEMENTS = 256
WRITER_CACHE_KIB = 32 * 1024
READER_CACHE_KIB = 16 * 1024


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the only connection that writes and makes checkpoints; raise `StoreError` where its settings don't hold."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=CACHED_STATEMENTS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        connection.execute("PRAGMA secure_delete = OFF")
        check_settings(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads, and never makes a checkpoint. Another thread than this one may have it."""
    connection = sqlite3.connect(
        path, isolation_level=None, cached_statements=CACHED_STATEMENTS, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def check_settings(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreError` unless a commit is on the disk when it returns, in the write-ahead log."""
    for setting, expected in (("journal_mode", "wal"), ("synchronous", 2)):
        (found,) = connection.execute(f"PRAGMA {setting}").fetchone()
        if found != expected:
            raise StoreError(
                f"{path}: SQLite's {setting} is {found!r} and must be {expected!r}, or a crash could lose what was "
                f"committed. Put the directory on a local disk."
            )


def migrations() -> list[str]:
    """Return the steps of the schema, in order: the first leads to version 1."""
    found = sorted(file.name for file in (files(__package__) / "migrations").iterdir() if file.name.endswith(".sql"))
    return [(files(__package__) / "migrations" / name).read_text("utf-8") for name in found]


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    """Bring the schema to the newest version, each step whole or not at all; refuse a newer one than is known."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        raise StoreError(
            f"{path} has version {version} of the schema, and this Stepwell knows versions up to {len(steps)}. "
            f"Use the Stepwell that wrote it, or a newer one."
        )
    for number, step in enumerate(steps[version:], version + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{step}\n;PRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise StoreError(
                f"{path}: step {number} of the schema failed ({error}); the database is as it was before."
            ) from error
