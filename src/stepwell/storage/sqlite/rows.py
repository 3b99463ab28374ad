"""What a write comes to: rows of parameters, gathered by the statement that writes them."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from stepwell.storage.port import (
    DeleteActivity,
    DeleteAlias,
    DeleteResource,
    DeleteStateMachine,
    DeleteVersion,
    Park,
    PutActivity,
    PutAlias,
    PutDeliveries,
    PutResource,
    PutStateMachine,
    Single,
    StoreError,
)
from stepwell.storage.records import (
    ActivityRecord,
    AliasRecord,
    DeliveryRecord,
    LaneRecord,
    ResourceRecord,
    RevisionRecord,
    StateMachineRecord,
    Turn,
    VersionRecord,
)
from stepwell.storage.sqlite.queries import QUERIES, Query

EVENT_BITS = 20
"""The row id of a chunk is the key of its execution, then so many bits for its first event."""

EVENT_LIMIT = (1 << EVENT_BITS) - 1
KEY_LIMIT = (1 << 63 - EVENT_BITS) - 1

LARGE_INPUT = 2_000
"""A longer input rests apart from the row of its execution, which every turn writes anew."""

LARGE_FRAME = 1_000
"""A longer frame rests apart from the row of its lane; it would not fit into a page of the lanes."""

Statements = list[tuple[Query, list[Any], bool]]
"""Statement, the parameters of its rows in one list, and whether as many rows must change as are given."""

_encode = msgspec.json.Encoder().encode


def turn_statements(turns: Iterable[Turn], arn_id: Callable[[str], int]) -> Statements:
    """Return what writes the turns of different executions. Whatever refuses a turn refuses all of them."""
    started: list[Any] = []
    advanced: list[Any] = []
    inputs: list[Any] = []
    chunks: list[Any] = []
    redrives: list[Any] = []
    deliveries: list[Any] = []
    statements: Statements = [
        (QUERIES["insert_executions"], started, True),
        (QUERIES["update_executions"], advanced, True),
        (QUERIES["insert_large_inputs"], inputs, True),
        (QUERIES["insert_chunks"], chunks, True),
        (QUERIES["put_redrives"], redrives, True),
        (QUERIES["put_deliveries"], deliveries, True),
    ]
    with_lanes = []
    for turn in turns:
        if turn.new:
            started += _started(turn, arn_id, inputs)
        else:
            advanced += _advanced(turn)
        if turn.chunk is not None:
            chunks += (chunk_id(turn.execution.key, turn.first_event), turn.last_event, turn.chunk)
        if turn.redriven:
            redrives += _redrive(turn, arn_id)
        for delivery in turn.deliveries:
            deliveries += _delivery(delivery)
        if turn.lanes or turn.ended_lanes or turn.all_lanes_ended:
            with_lanes.append(turn)
    if with_lanes:
        statements += _lane_statements(with_lanes)
    return statements


def chunk_id(execution: int, event: int) -> int:
    """Return the row id of the chunk of an execution that begins with an event."""
    if not (0 <= event <= EVENT_LIMIT and 0 <= execution <= KEY_LIMIT):
        raise StoreError(
            f"Event {event} of the execution with key {execution} can't be stored: events are numbered up to "
            f"{EVENT_LIMIT}, and keys go up to {KEY_LIMIT}."
        )
    return execution << EVENT_BITS | event


def split_arn(arn: str) -> tuple[str, str]:
    """Return the part of an ARN up to its last colon, which many executions share, and the rest."""
    end = arn.rfind(":") + 1
    return arn[:end], arn[end:]


def _started(turn: Turn, arn_id: Callable[[str], int], inputs: list[Any]) -> tuple[Any, ...]:
    execution = turn.execution
    prefix, label = split_arn(execution.arn)
    version, alias = execution.state_machine_version_arn, execution.state_machine_alias_arn
    given: str | None = execution.input
    if len(execution.input) > LARGE_INPUT:
        inputs += (execution.key, given)
        given = None
    return (
        execution.key,
        arn_id(prefix),
        label,
        arn_id(execution.state_machine_arn),
        None if execution.name == label else execution.name,
        execution.revision,
        execution.status,
        given,
        execution.started,
        execution.stopped,
        execution.output,
        execution.error,
        execution.cause,
        execution.trace_header,
        execution.version,
        execution.progress,
        execution.parked,
        None if version is None else arn_id(version),
        None if alias is None else arn_id(alias),
        execution.mock_test_case,
    )


def _advanced(turn: Turn) -> tuple[Any, ...]:
    execution = turn.execution
    return (
        execution.key,
        execution.version,
        execution.status,
        execution.stopped,
        execution.output,
        execution.error,
        execution.cause,
        execution.progress,
        execution.parked,
    )


def _redrive(turn: Turn, arn_id: Callable[[str], int]) -> tuple[Any, ...]:
    execution, redrive = turn.execution, turn.execution.redrive
    assert redrive is not None, "a turn that redrives says how often and when"
    machine = arn_id(execution.state_machine_arn)
    return execution.key, machine, redrive.count, redrive.redriven, _encode(redrive.tokens)


def _lane_statements(turns: Iterable[Turn]) -> Statements:
    lanes: list[Any] = []
    frames: list[Any] = []
    ended: list[Any] = []
    emptied: list[Any] = []
    for turn in turns:
        key = turn.execution.key
        if turn.all_lanes_ended:
            if not turn.new:
                emptied.append(key)
            continue
        for lane in turn.lanes:
            lanes += _lane(key, lane, frames)
        for number in turn.ended_lanes:
            ended += (key, number)
    return [
        (QUERIES["put_lanes"], lanes, False),
        (QUERIES["put_large_frames"], frames, False),
        (QUERIES["delete_lanes"], ended, False),
        (QUERIES["delete_large_frames"], ended, False),
        (QUERIES["delete_all_lanes"], emptied, False),
        (QUERIES["delete_all_large_frames"], emptied, False),
    ]


def _lane(key: int, lane: LaneRecord, frames: list[Any]) -> tuple[Any, ...]:
    frame = lane.frame
    if frame is not None and not 0 < len(frame) <= LARGE_FRAME:
        frames += (key, lane.lane, frame)
        frame = b""
    return (
        key,
        lane.lane,
        lane.waits,
        lane.ticket,
        lane.due,
        lane.resource,
        lane.claimed_by,
        lane.scheduled,
        lane.progress,
        frame,
    )


def single_statements(write: Single) -> Statements:
    """Return what writes anything but a turn."""
    match write:
        case PutStateMachine():
            return _put_state_machine(write)
        case PutActivity(activity, new):
            return [(QUERIES["insert_activity" if new else "update_activity"], _activity(activity), True)]
        case Park(execution, parked):
            return [(QUERIES["park"], [parked, execution], True)]
        case DeleteStateMachine(arn):
            names = ("delete_state_machine", "delete_versions", "delete_aliases")
            return [(QUERIES[name], [arn], False) for name in names]
        case DeleteVersion(arn):
            return [(QUERIES["delete_version"], [arn], False)]
        case PutAlias(alias):
            return [(QUERIES["put_alias"], _alias(alias), True)]
        case DeleteAlias(arn):
            return [(QUERIES["delete_alias"], [arn], False)]
        case DeleteActivity(arn):
            return [(QUERIES["delete_activity"], [arn], False)]
        case PutResource(resource, new):
            return [(QUERIES["insert_resource" if new else "update_resource"], _resource(resource), True)]
        case DeleteResource(key):
            return [(QUERIES["delete_resource"], [key], False)]
        case PutDeliveries():
            return _put_deliveries(write)


def _put_state_machine(write: PutStateMachine) -> Statements:
    name = "insert_state_machine" if write.new else "update_state_machine"
    statements: Statements = [(QUERIES[name], _state_machine(write.state_machine), True)]
    if write.revision is not None:
        statements.append((QUERIES["insert_revision"], _revision(write.revision), True))
    if write.version is not None:
        statements.append((QUERIES["insert_version"], _version(write.version), True))
    return statements


def _state_machine(row: StateMachineRecord) -> list[Any]:
    named = [row.key, row.arn, row.account, row.region, row.name]
    given = [*named, row.type, row.status, row.revision, row.created, _encode(row.tags)]
    return [*given, row.last_version, row.published_as]


def _revision(row: RevisionRecord) -> list[Any]:
    configurations = (row.logging_configuration, row.tracing_configuration, row.encryption_configuration)
    given = [row.key, row.state_machine_arn, row.revision_id, row.definition, row.role_arn]
    return [*given, *map(_encode, configurations), row.created]


def _version(row: VersionRecord) -> list[Any]:
    return [row.arn, row.state_machine_arn, row.number, row.revision, row.description, row.created]


def _alias(row: AliasRecord) -> list[Any]:
    named = [row.key, row.arn, row.state_machine_arn, row.name, row.description]
    return [*named, _encode(row.routes), row.created, row.updated]


def _activity(row: ActivityRecord) -> list[Any]:
    named = [row.key, row.arn, row.account, row.region, row.name]
    return [*named, row.created, _encode(row.encryption_configuration), _encode(row.tags)]


def _put_deliveries(write: PutDeliveries) -> Statements:
    statements: Statements = []
    if write.resource is not None:
        statements.append((QUERIES["update_resource"], _resource(write.resource), True))
    rows = [value for delivery in write.deliveries for value in _delivery(delivery)]
    statements.append((QUERIES["put_deliveries"], rows, True))
    statements.append((QUERIES["end_deliveries"], list(write.ended), False))
    return statements


def _delivery(row: DeliveryRecord) -> tuple[Any, ...]:
    return row.id, row.due, row.attempts, row.created, row.body


def _resource(row: ResourceRecord) -> list[Any]:
    return [row.key, row.kind, row.account, row.region, row.name, row.body]
