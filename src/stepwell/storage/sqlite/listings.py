"""The statements that list executions: by state machine, version or alias, and by what they are further filtered by.

There is an index by status for each of the three, and none for all statuses: the newest of each status are merged, so
that so many keys are read as are listed, and never all.
"""

from functools import cache

from stepwell.storage.sqlite.queries import text

STATE_MACHINE, VERSION, ALIAS = "machine", "state_machine_version", "state_machine_alias"
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_STATE_MACHINE_COLONS = 6


def listed_by(arn: str) -> str:
    """Return the column that holds the id of an ARN of this form."""
    if arn.count(":") <= _STATE_MACHINE_COLONS:
        return STATE_MACHINE
    return VERSION if arn.rpartition(":")[2].isdigit() else ALIAS


@cache
def listing(column: str, *, of_status: bool) -> str:
    """Return the statement. Parameters: the ARN, key below, limit, and, with `of_status`, the status."""
    statuses = ("?4",) if of_status else tuple(f"'{status}'" for status in _STATUSES)
    of_column = text("listed_keys").replace("$column", column)
    keys = "\nUNION ALL ".join(of_column.replace("$status", status) for status in statuses)
    return f"{text('listed_execution')}\nWHERE key IN ({keys}\nORDER BY key DESC LIMIT ?3)\nORDER BY key DESC"
