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
