"""Parked executions: what is noted when a bug of ours stops one, and how it is taken up again."""

import traceback
from typing import Any

from stepwell.language.document import Document, decode, to_text
from stepwell.machine import events

_TRACEBACK_CHARACTERS = 8_000


def parking_note(event: events.Event, bug: Exception) -> str:
    """Return why an execution is parked, and at which event, as JSON."""
    trace = "".join(traceback.format_exception(bug))[-_TRACEBACK_CHARACTERS:]
    fields = {name: _plain(getattr(event, name)) for name in event.__struct_fields__}
    return to_text({"reason": repr(bug), "event": {"type": type(event).__name__, "fields": fields}, "traceback": trace})


def parked_event(note: str) -> events.Event | None:
    """Return the event that an execution was parked at; None where this version knows no such event any more."""
    noted = decode(note)["event"]
    kind = getattr(events, noted["type"], None)
    if kind is None or set(kind.__struct_fields__) != noted["fields"].keys():
        return None
    event: events.Event = kind(**{name: _revived(value) for name, value in noted["fields"].items()})
    return event


def _plain(value: Any) -> Any:
    return {"document": value.text} if isinstance(value, Document) else value


def _revived(value: Any) -> Any:
    return Document(value["document"]) if isinstance(value, dict) else value
