"""Copies of rows: a store gives none of its own rows away, and keeps none that the caller may still change."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

from stepwell.storage.records import (
    ActivityRecord,
    ExecutionRecord,
    LaneRecord,
    RevisionRecord,
    StateMachineRecord,
)

Row = TypeVar("Row", ActivityRecord, ExecutionRecord, LaneRecord, RevisionRecord, StateMachineRecord)

_VALUES: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    kind: attrgetter(*(field.name for field in fields(kind)))
    for kind in (ActivityRecord, ExecutionRecord, LaneRecord, RevisionRecord, StateMachineRecord)
}


def copied(row: Row) -> Row:
    """Return a row of its own with the same values; the values are never changed in place, and are shared."""
    kind = type(row)
    return kind(*_VALUES[kind](row))


def advanced(old: ExecutionRecord, new: ExecutionRecord, *, redriven: bool) -> ExecutionRecord:
    """Return an execution after a turn: what its start has fixed stays."""
    advanced = copied(old)
    advanced.status, advanced.stopped, advanced.output = new.status, new.stopped, new.output
    advanced.error, advanced.cause, advanced.parked = new.error, new.cause, new.parked
    advanced.version, advanced.progress = new.version, new.progress
    if redriven:
        advanced.redrive = new.redrive
    return advanced
