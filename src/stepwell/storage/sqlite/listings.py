"""The statements that list executions: by state machine, version or alias, and by what they are further filtered by.

There is an index by status for each of the three, and none for all statuses: the newest of each status are merged, so
that so many keys are read as are listed, and never all. Redriven executions are found by the rows of their redrives.
"""

from functools import cache
from typing import Any

from stepwell.storage.sqlite.queries import text

STATE_MACHINE, VERSION, ALIAS = "machine", "state_machine_version", "state_machine_alias"
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_STATE_MACHINE_PARTS = 7


def listing(
    arn: str, status: str | None, before: int, limit: int, redriven: bool | None = None
) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that lists the executions that an ARN stands for, and its parameters."""
    own_arn = ":".join(arn.split(":")[:_STATE_MACHINE_PARTS])
    column = column_of(arn)
    if redriven:
        return _redriven(column, of_status=status is not None), (arn, before, limit, own_arn, status)
    filters = () if status is None else (status,)
    statement = _by_status(column, of_status=status is not None, all_of_them=redriven is None)
    return statement, (arn, before, limit, *filters)


def column_of(arn: str) -> str:
    """Return the column by which executions are found of the ARN of a state machine, a version or an alias."""
    parts = arn.split(":")
    if len(parts) <= _STATE_MACHINE_PARTS:
        return STATE_MACHINE
    return VERSION if parts[-1].isdigit() else ALIAS


@cache
def _by_status(column: str, *, of_status: bool, all_of_them: bool) -> str:
    statuses = ("?4",) if of_status else tuple(f"'{status}'" for status in _STATUSES)
    of_column = text("listed_keys").replace("$column", column)
    if not all_of_them:
        of_column += " " + text("not_redriven")
    keys = "\nUNION ALL ".join(of_column.replace("$status", status) for status in statuses)
    return _listing(keys, "key")


@cache
def _redriven(column: str, *, of_status: bool) -> str:
    keys = text("redriven_keys").replace("$column", column)
    return _listing(keys if of_status else keys.replace("status = ?5", "?5 IS NULL"), "execution")


def _listing(keys: str, key: str) -> str:
    return f"{text('listed_execution')}\nWHERE key IN ({keys}\nORDER BY {key} DESC LIMIT ?3)\nORDER BY key DESC"
