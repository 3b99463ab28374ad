"""The rows: what rests in a store. Plain data, no behaviour. Times are milliseconds since the epoch.

A row is never changed: whoever changes something makes another one. So stores and those who use them share rows, and
nobody has to copy one. There are no cycles among them: the collector of garbage is spared looking (`gc=False`).

An execution rests as one `ExecutionRecord`, the chunks of its history, and one `LaneRecord` for each of its lanes that
waits: those rows are the snapshot, the task queue and the timer store in one. A `Turn` is all that one step of one
execution changes; a store commits it whole or not at all.
"""

from collections.abc import Sequence
from typing import Any

import msgspec


class RevisionRecord(msgspec.Struct, frozen=True, gc=False):
    """One revision of a state machine: what executions started from it follow, whatever comes later. Never changed."""

    key: int
    state_machine_arn: str
    revision_id: str | None
    """None until the state machine is first updated, then a UUID."""
    definition: str
    role_arn: str
    logging_configuration: dict[str, Any]
    tracing_configuration: dict[str, Any]
    encryption_configuration: dict[str, Any] | None
    """None where none was given."""
    created: int


class VersionRecord(msgspec.Struct, frozen=True, gc=False):
    """A published version of a state machine: a revision with a number of its own, for good. Never changed."""

    arn: str
    state_machine_arn: str
    number: int
    """Counted from 1 by the state machine, and not used again when the version is deleted."""
    revision: int
    """The key of its revision."""
    description: str
    """Empty where it has none."""
    created: int


Route = tuple[str, int]
"""The ARN of a version, and how many executions of a hundred follow it."""


class AliasRecord(msgspec.Struct, frozen=True, gc=False):
    """An alias of a state machine: one version, or two, by weight."""

    key: int
    """Unique and growing with time: the newest has the highest."""
    arn: str
    state_machine_arn: str
    name: str
    description: str
    """Empty where it has none."""
    routes: tuple[Route, ...]
    created: int
    updated: int


class StateMachineRecord(msgspec.Struct, frozen=True, gc=False):
    """A state machine; `revision` is the key of its current revision."""

    key: int
    """Unique and growing with time: the newest has the highest."""
    arn: str
    account: str
    region: str
    name: str
    type: str
    """STANDARD or EXPRESS."""
    status: str
    """ACTIVE or DELETING."""
    revision: int
    created: int
    tags: dict[str, str] = {}
    last_version: int = 0
    """The number of the version that was published last, whether it still exists or not."""
    published_as: str | None = None
    """The description of the version that it was created with, empty where that has none; None: with no version."""


class ActivityRecord(msgspec.Struct, frozen=True, gc=False):
    """An activity."""

    key: int
    arn: str
    account: str
    region: str
    name: str
    created: int
    encryption_configuration: dict[str, Any] | None = None
    tags: dict[str, str] = {}


class ResourceRecord(msgspec.Struct, frozen=True, gc=False):
    """What another service on the port keeps, such as a connection of EventBridge."""

    key: int
    """Unique and growing with time."""
    kind: str
    """The service and its noun: `events:connection`."""
    account: str
    region: str
    name: str
    """No two of one kind, in one account and region, have the same."""
    body: bytes
    """What it is; opaque here."""


class DeliveryRecord(msgspec.Struct, frozen=True, gc=False):
    """What is to be brought to a target until it has taken it, or is given up."""

    id: str
    """The same for the same event and target: putting it again changes nothing but what follows."""
    due: int
    """When it is tried next."""
    attempts: int
    """How often it was tried."""
    created: int
    body: bytes
    """What is delivered, and where to; opaque here."""


class RedriveRecord(msgspec.Struct, frozen=True, gc=False):
    """How often an execution was redriven, and when last."""

    count: int
    redriven: int
    tokens: tuple[tuple[str, int], ...] = ()
    """What the last redrives were asked for with, and when."""


class ExecutionRecord(msgspec.Struct, frozen=True, gc=False):
    """An execution, whole but for its history and its lanes."""

    key: int
    """Unique and growing with time: the newest has the highest. All rows of an execution are keyed by it."""
    arn: str
    state_machine_arn: str
    name: str
    revision: int
    status: str
    """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
    input: str
    started: int
    stopped: int | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    trace_header: str | None = None
    version: int = 0
    """How many turns have been committed: a turn names the version that it starts from."""
    progress: bytes = b""
    """The machine's own state of the execution as a whole (counters of ids, deadline); opaque here."""
    parked: str | None = None
    """Why the execution is parked (a bug of ours), with the event that it was parked at, as JSON; None if it isn't."""
    state_machine_version_arn: str | None = None
    """The version that it was started of, directly or by an alias; None where the state machine itself was started."""
    state_machine_alias_arn: str | None = None
    """The alias that it was started by, or None."""
    mock_test_case: str | None = None
    """The test case, of the file of mocked responses, that it was started with."""
    redrive: RedriveRecord | None = None
    """None where it was never redriven."""


class LaneRecord(msgspec.Struct, frozen=True, gc=False):
    """One lane that waits, or has ended and waits to be gathered by its parent, or rests until it is redriven."""

    lane: int
    waits: str
    """What for: task, token, job, activity, timer, children, turn, gathering, or ended."""
    ticket: int
    """The ticket of the wait: an answer names it, and is stale when another is current."""
    due: int | None
    """The earliest moment at which something is to be done if nothing happens before, or None."""
    resource: str | None
    """The activity's ARN (waits = activity) or the name of the job (waits = job)."""
    frame: bytes | None
    """The large part, which changes with the state only; None in an update: as it was."""
    progress: bytes
    """The small part, which changes with every wait."""
    claimed_by: str | None = None
    """The node that the task was handed over to."""
    scheduled: int = 0
    """Since when it waits: activity tasks are handed out in this order."""


class Turn(msgspec.Struct):
    """All that one step of one execution changes. Committed whole, or not at all."""

    execution: ExecutionRecord
    """As it is to be. `execution.version` is the new version; the stored one must be one less."""
    new: bool
    """Whether the execution starts with this turn: a row is inserted, and its ARN must not exist."""
    first_event: int = 0
    last_event: int = 0
    chunk: bytes | None = None
    """The history events first_event to last_event of this turn, or None where there are none."""
    lanes: Sequence[LaneRecord] = ()
    """Lanes to insert or update."""
    ended_lanes: Sequence[int] = ()
    """Lanes that are gone."""
    all_lanes_ended: bool = False
    """All the lanes are gone, those stored earlier included."""
    redriven: bool = False
    """Whether the execution was redriven: else `execution.redrive` is as it was."""
    deliveries: Sequence[DeliveryRecord] = ()
    """What is to be delivered because of it."""
