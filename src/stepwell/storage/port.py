"""The port that every store has. Writes go through `commit` alone, in batches; all the rest reads what is committed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from stepwell.storage.records import (
    ActivityRecord,
    AliasRecord,
    DeliveryRecord,
    ExecutionRecord,
    LaneRecord,
    ResourceRecord,
    RevisionRecord,
    StateMachineRecord,
    Turn,
    VersionRecord,
)
from stepwell.storage.search import Searches


@dataclass(slots=True)
class PutStateMachine:
    """Insert a state machine (`new`: refused where its ARN exists) or replace it.

    `revision` and `version` are inserted with it; where one of them exists already, all of it is refused.
    """

    state_machine: StateMachineRecord
    revision: RevisionRecord | None = None
    new: bool = False
    version: VersionRecord | None = None


@dataclass(slots=True)
class DeleteStateMachine:
    """Delete a state machine with its versions and aliases. Its revisions stay: executions refer to them."""

    arn: str


@dataclass(slots=True)
class DeleteVersion:
    """Delete a version. Its revision stays."""

    arn: str


@dataclass(slots=True)
class PutAlias:
    """Insert an alias, or replace it."""

    alias: AliasRecord


@dataclass(slots=True)
class DeleteAlias:
    """Delete an alias."""

    arn: str


@dataclass(slots=True)
class PutActivity:
    """Insert an activity (`new`: refused where its ARN exists) or replace it."""

    activity: ActivityRecord
    new: bool = False


@dataclass(slots=True)
class DeleteActivity:
    """Delete an activity."""

    arn: str


@dataclass(slots=True)
class PutResource:
    """Insert a resource of another service (`new`: refused where its name is taken) or replace the one of its key."""

    resource: ResourceRecord
    new: bool = False


@dataclass(slots=True)
class DeleteResource:
    """Delete a resource of another service."""

    key: int


@dataclass(slots=True)
class PutDeliveries:
    """Insert deliveries, or replace those of the same id, and end others; with it, replace a resource.

    Where the resource can't be replaced, all of it is refused.
    """

    deliveries: Sequence[DeliveryRecord] = ()
    ended: Sequence[str] = ()
    """Ids of what is delivered, or given up."""
    resource: ResourceRecord | None = None
    """The schedule that has brought the deliveries."""


@dataclass(slots=True)
class Park:
    """Mark an execution as parked, or (None) as parked no longer, and change nothing else."""

    execution: int
    parked: str | None


Single = (
    PutStateMachine
    | DeleteStateMachine
    | DeleteVersion
    | PutAlias
    | DeleteAlias
    | PutActivity
    | DeleteActivity
    | PutResource
    | DeleteResource
    | PutDeliveries
    | Park
)
"""A write that is taken or refused by itself. Of turns, a store may write many together."""

Write = Turn | Single


class Store(Protocol):
    """Where executions rest. All methods are called from one event loop."""

    @property
    def searches(self) -> Searches:
        """The questions over all executions, for people."""

    async def open(self) -> None:
        """Make ready: create or migrate the schema, check that the settings hold. Raise `StoreError` if it can't be."""

    async def close(self) -> None:
        """Let go of everything. What was committed stays."""

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Write all in one durable transaction, in order; for each whether it was taken.

        A write that is refused (its ARN exists, or the version is not the one before) changes nothing, and does not
        keep the others from being written. Raise `StoreError` where nothing at all could be written.
        """

    async def secret(self) -> bytes:
        """Return 32 random bytes that were made when the store was new, and stay the same."""

    async def state_machine(self, arn: str) -> StateMachineRecord | None:
        """Return a state machine."""

    async def state_machines(
        self, account: str, region: str, limit: int, before: int | None
    ) -> list[StateMachineRecord]:
        """List state machines, newest first, at most `limit`, with keys below `before`."""

    async def state_machine_count(self, account: str, region: str) -> int:
        """Return how many state machines an account has in a region."""

    async def revision(self, key: int) -> RevisionRecord | None:
        """Return a revision."""

    async def version(self, arn: str) -> VersionRecord | None:
        """Return a version of a state machine."""

    async def versions(self, state_machine_arn: str, limit: int, before: int | None) -> list[VersionRecord]:
        """List versions of a state machine, the last published first, at most `limit`, with numbers below `before`."""

    async def alias(self, arn: str) -> AliasRecord | None:
        """Return an alias of a state machine."""

    async def aliases(self, state_machine_arn: str, limit: int, after: int | None) -> list[AliasRecord]:
        """List aliases of a state machine, oldest first, at most `limit`, with keys above `after`."""

    async def activity(self, arn: str) -> ActivityRecord | None:
        """Return an activity."""

    async def activities(self, account: str, region: str, limit: int, after: int | None) -> list[ActivityRecord]:
        """List activities, oldest first, at most `limit`, with keys above `after`."""

    async def activity_count(self, account: str, region: str) -> int:
        """Return how many activities an account has in a region."""

    async def activity_arns(self) -> list[str]:
        """Return the ARNs of all activities of all accounts."""

    async def resource(self, kind: str, account: str, region: str, name: str) -> ResourceRecord | None:
        """Return a resource of another service."""

    async def resources(
        self, kind: str, account: str, region: str, limit: int, after: int | None, prefix: str = ""
    ) -> list[ResourceRecord]:
        """List resources of a kind, oldest first, at most `limit`, with keys above `after` and names of a prefix."""

    async def all_resources(self, kind: str) -> list[ResourceRecord]:
        """Return the resources of a kind of all accounts and regions, oldest first."""

    async def deliveries(self, limit: int) -> list[DeliveryRecord]:
        """Return deliveries, at most `limit`, those that are due first."""

    async def execution(self, arn: str) -> ExecutionRecord | None:
        """Return an execution by its ARN."""

    async def execution_by_key(self, key: int) -> ExecutionRecord | None:
        """Return an execution by its key."""

    async def executions(
        self, state_machine_arn: str, status: str | None, limit: int, before: int | None, redriven: bool | None = None
    ) -> list[ExecutionRecord]:
        """List executions of a state machine, newest first, at most `limit`, with keys below `before`.

        By the ARN of a version or an alias, those that were started of it; by the state machine's own, all of them.
        `redriven`: only those that were redriven, or that never were. Their input, output and progress are left empty:
        a listing has no use for them.
        """

    async def open_count(self) -> int:
        """Return how many executions run."""

    async def chunks(self, key: int, first_event: int, last_event: int) -> list[tuple[int, int, bytes]]:
        """Return the chunks (first event, last event, bytes) that hold events of this range, in order."""

    async def lanes(self, key: int) -> list[LaneRecord]:
        """Return the lanes of an execution, in the order of their numbers."""

    async def due(self, until: int, limit: int) -> list[tuple[int, int, int, int]]:
        """Return (due, execution, lane, ticket) of what falls due until a moment, earliest first."""

    async def claimable(self, node: str, after: tuple[int, int], limit: int) -> list[tuple[int, int]]:
        """Return (execution, lane) of lanes that wait for a task or a turn and that this node does not care for.

        Ordered, from behind `after` on; with (0, 0), from the first.
        """

    async def activity_tasks(self, activity_arn: str, limit: int) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of tasks that wait for a worker, the longest waiting first."""

    async def jobs(self, job: str) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of lanes that wait for a job of this name."""

    def waiting_jobs(self) -> AsyncIterator[tuple[int, int, int, str]]:
        """Yield (execution, lane, ticket, job) of all the lanes that wait for a job."""

    async def parked(self, limit: int) -> list[ExecutionRecord]:
        """Return executions that are parked."""

    async def newest_key(self) -> int:
        """Return the highest key of all rows, 0 if there are none: new keys must be above it."""


class ImmediateStore(Store, Protocol):
    """A store that has nothing to wait for when it writes."""

    def commit_now(self, write: Write) -> bool:
        """Write at once; whether it was taken."""


class StoreError(Exception):
    """The store can't do what it promises; the message says what, where and what to do."""
