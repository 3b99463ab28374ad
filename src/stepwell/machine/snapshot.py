"""How an execution rests between its turns, and how it is taken up again.

A lane has two parts. The frame changes when a state is entered or left, and may be large (it holds the input). The
progress changes with every wait, and is small. What follows from the frame (the items of a Map) is not stored.
"""

from operator import attrgetter
from typing import Any

import msgspec

from stepwell.language.document import Document, decode, to_text
from stepwell.machine.data import Execution, Lane

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Any]).decode

_PROGRESS = (
    *("previous", "timeout_at", "heartbeat_at", "heartbeat_seconds", "attempts", "retries", "scheduled"),
    *("next_item", "open", "failed", "concurrency", "tolerance"),
)
_COUNTERS = ("next_event", "next_ticket", "next_lane", "deadline")
_progress_of, _counters_of = attrgetter(*_PROGRESS), attrgetter(*_COUNTERS)


def frame_of(lane: Lane) -> bytes:
    """Return a lane's large part."""
    own = to_text(lane.own) if lane.own else None
    return _encode(
        (
            lane.parent,
            lane.index,
            lane.scope,
            lane.state,
            lane.input.text,
            lane.entered,
            lane.entered_at,
            lane.before,
            own,
        )
    )


def progress_of(lane: Lane) -> bytes:
    """Return a lane's small part."""
    return _encode(_progress_of(lane))


def counters_of(execution: Execution) -> bytes:
    """Return what the execution as a whole counts."""
    return _encode(_counters_of(execution))


def restore_counters(execution: Execution, counters: bytes) -> None:
    """Take up what the execution as a whole had counted."""
    for name, value in zip(_COUNTERS, _decode(counters), strict=True):
        setattr(execution, name, value)


def restore_lane(number: int, frame: bytes, progress: bytes) -> Lane:
    """Return a lane as it rested; what it waits for, its ticket and its due are the row's."""
    parent, index, scope, state, text, entered, entered_at, before, own = _decode(frame)
    lane = Lane(number, parent, index, scope, state, Document(text))
    lane.entered, lane.entered_at, lane.before = entered, entered_at, before
    lane.own = {} if own is None else decode(own)
    for name, value in zip(_PROGRESS, _decode(progress), strict=True):
        setattr(lane, name, value)
    lane.stored = True
    return lane


def restore_variables(execution: Execution) -> None:
    """Let every lane see the variables of the lanes above; to be called when all of them are there."""
    for number in sorted(execution.lanes):  # a parent's number is below its children's
        lane = execution.lanes[number]
        above = execution.lanes.get(lane.parent)
        lane.variables = lane.own if above is None else {**above.variables, **lane.own}
