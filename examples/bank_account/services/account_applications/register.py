"""The applications, in their database.

    SUBMITTED -> FLAGGED -> APPROVED | REJECTED          and SUBMITTED -> APPROVED | UNPROCESSABLE directly

A task may be handed over twice, so every change may come twice: the second changes nothing, and returns the same.
APPROVED, REJECTED and UNPROCESSABLE are final; a change that comes too late is refused.
"""

import re
import secrets
import sqlite3
import unicodedata
from contextlib import AbstractContextManager
from dataclasses import dataclass

from database import transaction

FILE_NAME = "applications.db"
SUBMITTED, FLAGGED, UNPROCESSABLE = "SUBMITTED", "FLAGGED", "UNPROCESSABLE"
APPROVED, REJECTED = "APPROVED", "REJECTED"
MAX_SLUG_LENGTH = 40
"""Of the readable part of an id: the id is the name of an execution, which has at most 80 characters."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS applications (
    application_id TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    address        TEXT NOT NULL,
    status         TEXT NOT NULL,
    reason         TEXT,  -- why a person has to look at it, or why it is closed
    task_token     TEXT,  -- what answers the execution that waits for the review
    reviewer       TEXT,
    account_number TEXT,
    submitted_at   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)"""


class ApplicationNotFound(Exception):
    """There is no application with this id."""


class ApplicationClosed(Exception):
    """The application has another final status already."""


@dataclass(frozen=True, slots=True)
class Application:
    """One application, as it is now. The task token is not part of it: that is for `task_token_of` alone."""

    application_id: str
    name: str
    address: str
    status: str
    reason: str | None
    reviewer: str | None
    account_number: str | None
    submitted_at: str


def submit(name: str, address: str, application_id: str | None = None) -> Application:
    """Record an application, under a new id or the given one; an id that is there already keeps what it has."""
    application_id = application_id or new_id(name)
    with _database() as database:
        database.execute(
            "INSERT INTO applications (application_id, name, address, status) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (application_id) DO NOTHING",
            (application_id, name, address, SUBMITTED),
        )
        return _find(database, application_id)


def find(application_id: str) -> Application:
    """Return an application; raise ApplicationNotFound."""
    with _database() as database:
        return _find(database, application_id)


def flag_for_review(application_id: str, task_token: str, reason: str) -> Application:
    """Let an application wait for a person; of several task tokens, the newest is kept."""
    with _database() as database:
        _require(database, application_id, {SUBMITTED, FLAGGED})
        database.execute(
            "UPDATE applications SET status = ?, task_token = ?, reason = ? WHERE application_id = ?",
            (FLAGGED, task_token, reason, application_id),
        )
        return _find(database, application_id)


def task_token_of(application_id: str) -> str:
    """Return what answers the execution that waits for the review; raise ApplicationClosed where nothing waits."""
    with _database() as database:
        _require(database, application_id, {FLAGGED})
        row = database.execute("SELECT task_token FROM applications WHERE application_id = ?", (application_id,))
        return str(row.fetchone()["task_token"])


def flag_as_unprocessable(application_id: str, reason: str) -> Application:
    """Close an application that can't be checked."""
    return _close(application_id, UNPROCESSABLE, reason=reason)


def approve(application_id: str, account_number: str, reviewer: str | None, reason: str | None) -> Application:
    """Close an application whose account is open. The reviewer is None where no person was asked."""
    return _close(application_id, APPROVED, reason=reason, reviewer=reviewer, account_number=account_number)


def reject(application_id: str, reviewer: str | None, reason: str | None) -> Application:
    """Close an application that gets no account."""
    return _close(application_id, REJECTED, reason=reason, reviewer=reviewer)


def new_id(name: str) -> str:
    """Return an id that can be read, and is unlike all others: `ada-lovelace-5d1f09a3`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG_LENGTH].strip("-")
    return f"{slug or 'application'}-{secrets.token_hex(4)}"


def _close(
    application_id: str,
    status: str,
    *,
    reason: str | None,
    reviewer: str | None = None,
    account_number: str | None = None,
) -> Application:
    with _database() as database:
        before = _require(database, application_id, {SUBMITTED, FLAGGED, status})
        if before.status != status:
            database.execute(
                "UPDATE applications SET status = ?, reason = ?, reviewer = ?, account_number = ?, task_token = NULL"
                " WHERE application_id = ?",
                (status, reason, reviewer, account_number, application_id),
            )
        return _find(database, application_id)


def _require(database: sqlite3.Connection, application_id: str, statuses: set[str]) -> Application:
    application = _find(database, application_id)
    if application.status not in statuses:
        expected = " or ".join(sorted(statuses))
        raise ApplicationClosed(f"Application {application_id} is {application.status}, it must be {expected} for this")
    return application


def _find(database: sqlite3.Connection, application_id: str) -> Application:
    row = database.execute("SELECT * FROM applications WHERE application_id = ?", (application_id,)).fetchone()
    if row is None:
        raise ApplicationNotFound(f"There is no application {application_id}")
    return _application(row)


def _application(row: sqlite3.Row) -> Application:
    return Application(**{key: row[key] for key in Application.__slots__})


def _database() -> AbstractContextManager[sqlite3.Connection]:
    return transaction(FILE_NAME, _SCHEMA)
