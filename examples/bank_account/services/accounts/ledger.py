"""The accounts of the bank, in their database."""

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass

from database import transaction

FILE_NAME = "accounts.db"
FIRST_NUMBER = 10_000_001

_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    application_id TEXT NOT NULL UNIQUE,  -- one account for one application, however often it is asked for
    holder         TEXT NOT NULL,
    opened_at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)"""


@dataclass(frozen=True, slots=True)
class Account:
    """An open account."""

    account_number: str
    application_id: str
    holder: str
    opened_at: str


def open_account(application_id: str, holder: str) -> Account:
    """Return the account of an application; open it if this is the first call for that application."""
    with _database() as database:
        database.execute(
            "INSERT INTO accounts (application_id, holder) VALUES (?, ?) ON CONFLICT (application_id) DO NOTHING",
            (application_id, holder),
        )
        row = database.execute("SELECT * FROM accounts WHERE application_id = ?", (application_id,)).fetchone()
    return _account(row)


def accounts_of(application_id: str) -> list[Account]:
    """Return the accounts that were opened for an application: none or one."""
    with _database() as database:
        rows = database.execute("SELECT * FROM accounts WHERE application_id = ?", (application_id,)).fetchall()
    return [_account(row) for row in rows]


def _database() -> AbstractContextManager[sqlite3.Connection]:
    return transaction(FILE_NAME, _SCHEMA)


def _account(row: sqlite3.Row) -> Account:
    number = str(FIRST_NUMBER - 1 + row["id"])
    return Account(number, row["application_id"], row["holder"], row["opened_at"])
