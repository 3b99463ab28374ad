"""A service's SQLite file: opened for one transaction, safe with several processes at once.

A library that two of the services use, as they could use any other. They share no data: each has a file of its own.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

FOLDER_VARIABLE = "BANK_DATA"
DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / ".data"
BUSY_SECONDS = 10.0
"""How long to wait for another process's transaction, before the task fails with OperationalError and is retried."""


@contextmanager
def transaction(file_name: str, schema: str) -> Iterator[sqlite3.Connection]:
    """Give a connection within one transaction: committed at the end, rolled back by an exception.

    `schema` is one CREATE TABLE IF NOT EXISTS statement.
    """
    folder = Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / file_name, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN IMMEDIATE")  # a writer from the start: two functions never wait for each other's lock
        try:
            connection.execute(schema)
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
