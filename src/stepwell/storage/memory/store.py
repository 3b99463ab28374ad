"""The store that forgets: dicts, and small indexes where a search would take long. Express executions run on it.

Rows are kept and given away as they are: nobody can change one.

It is also the reference: what the port leaves open, every store answers as this one does. A batch is atomic because
each write is checked before anything of it is changed, and nothing can fail after that.
"""

import heapq
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from itertools import islice

from msgspec.structs import replace

from stepwell.storage.memory.histories import Histories
from stepwell.storage.memory.lanes import CLAIMABLE, Lanes
from stepwell.storage.memory.resources import Resources
from stepwell.storage.memory.searches import MemorySearches, arns_of, listed
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
    Write,
)
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

ENDED_EXECUTIONS = 10_000
"""So many executions that have ended are remembered; the one that ended first is forgotten first."""

ENDED_BYTES = 256 * 1024 * 1024
"""So much they may take together, counting inputs, outputs and histories; the last one that ended is always kept."""


class MemoryStore:
    """A `Store` in memory, which remembers the last `ended_executions`, in `ended_bytes`, of those that have ended."""

    def __init__(self, ended_executions: int = ENDED_EXECUTIONS, ended_bytes: int = ENDED_BYTES) -> None:
        self._ended_limit = ended_executions
        self._ended_bytes_limit = ended_bytes
        self._ended_bytes = 0
        self._secret = secrets.token_bytes(32)
        self._state_machines: dict[str, StateMachineRecord] = {}
        self._revisions: dict[int, RevisionRecord] = {}
        self._versions: dict[str, dict[str, VersionRecord]] = {}
        self._aliases: dict[str, AliasRecord] = {}
        self._activities: dict[str, ActivityRecord] = {}
        self._resources = Resources()
        self._deliveries: dict[str, DeliveryRecord] = {}
        self._executions: dict[int, ExecutionRecord] = {}
        self._keys: dict[str, int] = {}
        self._histories = Histories()
        self._lanes = Lanes()
        self._ended: OrderedDict[int, int] = OrderedDict()  # a dict would look for its first entry among the removed
        """Key -> bytes of those that have ended, in the order in which they did."""
        self._parked: set[int] = set()
        self.searches = MemorySearches(self._executions, self._lanes, self._state_machines)

    async def open(self) -> None:
        """There is nothing to make ready."""

    async def close(self) -> None:
        """Let go of nothing: what was committed stays for as long as the object does."""

    async def commit(self, writes: Sequence[Write]) -> list[bool]:
        """Write all, in order; for each whether it was taken."""
        return [self.commit_now(write) for write in writes]

    def commit_now(self, write: Write) -> bool:
        """Write at once; whether it was taken."""
        return self._turn(write) if type(write) is Turn else self._put(write)

    def _turn(self, turn: Turn) -> bool:
        execution = turn.execution
        key = execution.key
        old = self._executions.get(key)
        if turn.new:
            if old is not None or execution.arn in self._keys:
                return False
        elif old is None or old.version != execution.version - 1:
            return False
        else:
            execution = _advanced(old, execution, redriven=turn.redriven)
        if turn.chunk is not None and not self._histories.append(key, (turn.first_event, turn.last_event, turn.chunk)):
            return False
        if turn.new:
            self._keys[execution.arn] = key
        self._turn_lanes(turn, key)
        self._rest(execution)
        for delivery in turn.deliveries:
            self._deliveries[delivery.id] = delivery
        return True

    def _turn_lanes(self, turn: Turn, key: int) -> None:
        if turn.all_lanes_ended:
            if not turn.new:
                self._lanes.remove_all(key)
            return
        for lane in turn.lanes:
            self._lanes.put(key, lane)
        for number in turn.ended_lanes:
            self._lanes.remove(key, number)

    def _rest(self, execution: ExecutionRecord) -> None:
        """Keep an execution, and forget those that ended first where too many have ended."""
        key = execution.key
        self._executions[key] = execution
        if execution.parked is not None:
            self._parked.add(key)
        else:
            self._parked.discard(key)
        if execution.status == "RUNNING":
            self._ended_bytes -= self._ended.pop(key, 0)
            return
        if key not in self._ended:
            size = self._ended[key] = self._size(execution)
            self._ended_bytes += size
        while len(self._ended) > self._ended_limit or (
            self._ended_bytes > self._ended_bytes_limit and len(self._ended) > 1
        ):
            self._forget(*self._ended.popitem(last=False))

    def _size(self, execution: ExecutionRecord) -> int:
        return self._histories.size(execution.key) + len(execution.input) + len(execution.output or "")

    def _forget(self, key: int, size: int) -> None:
        self._ended_bytes -= size
        del self._keys[self._executions.pop(key).arn]
        self._histories.forget(key)
        self._lanes.remove_all(key)
        self._parked.discard(key)

    def _put(self, write: Write) -> bool:
        match write:
            case PutStateMachine():
                return self._put_state_machine(write)
            case PutActivity(activity, new):
                old = self._activities.get(activity.arn)
                if (old is not None) if new else (old is None or old.key != activity.key):
                    return False
                self._activities[activity.arn] = activity
            case PutAlias(alias):
                self._aliases[alias.arn] = alias
            case PutResource(resource, new):
                return self._resources.put(resource, new=new)
            case PutDeliveries(deliveries, ended, resource):
                if resource is not None and not self._resources.put(resource, new=False):
                    return False
                self._deliveries.update((delivery.id, delivery) for delivery in deliveries)
                for identity in ended:
                    self._deliveries.pop(identity, None)
            case Park(key, parked):
                execution = self._executions.get(key)
                if execution is None:
                    return False
                self._rest(replace(execution, parked=parked))
            case _:
                self._delete(write)
        return True

    def _delete(self, write: Write) -> None:
        match write:
            case DeleteStateMachine(arn):
                self._state_machines.pop(arn, None)
                self._versions.pop(arn, None)
                self._aliases = {key: one for key, one in self._aliases.items() if one.state_machine_arn != arn}
            case DeleteVersion(arn):
                self._versions.get(_machine_of(arn), {}).pop(arn, None)
            case DeleteAlias(arn):
                self._aliases.pop(arn, None)
            case DeleteActivity(arn):
                self._activities.pop(arn, None)
            case DeleteResource(key):
                self._resources.delete(key)

    def _put_state_machine(self, write: PutStateMachine) -> bool:
        machine, revision, version = write.state_machine, write.revision, write.version
        old = self._state_machines.get(machine.arn)
        if (old is not None) if write.new else (old is None or old.key != machine.key):
            return False
        if revision is not None and revision.key in self._revisions:
            return False
        if version is not None and version.arn in self._versions.get(machine.arn, {}):
            return False
        if revision is not None:
            self._revisions[revision.key] = revision
        if version is not None:
            self._versions.setdefault(machine.arn, {})[version.arn] = version
        self._state_machines[machine.arn] = machine
        return True

    async def secret(self) -> bytes:
        """Return the 32 random bytes of this store."""
        return self._secret

    async def state_machine(self, arn: str) -> StateMachineRecord | None:
        """Return a state machine."""
        return self._state_machines.get(arn)

    async def state_machines(
        self, account: str, region: str, limit: int, before: int | None
    ) -> list[StateMachineRecord]:
        """List state machines, newest first."""
        found = (
            machine
            for machine in self._state_machines.values()
            if machine.account == account and machine.region == region and (before is None or machine.key < before)
        )
        return heapq.nlargest(limit, found, key=lambda machine: machine.key)

    async def state_machine_count(self, account: str, region: str) -> int:
        """Return how many state machines an account has in a region."""
        return sum(one.account == account and one.region == region for one in self._state_machines.values())

    async def revision(self, key: int) -> RevisionRecord | None:
        """Return a revision."""
        return self._revisions.get(key)

    async def version(self, arn: str) -> VersionRecord | None:
        """Return a version of a state machine."""
        return self._versions.get(_machine_of(arn), {}).get(arn)

    async def versions(self, state_machine_arn: str, limit: int, before: int | None) -> list[VersionRecord]:
        """List versions of a state machine, the last published first."""
        found = (
            version
            for version in self._versions.get(state_machine_arn, {}).values()
            if before is None or version.number < before
        )
        return heapq.nlargest(limit, found, key=lambda version: version.number)

    async def alias(self, arn: str) -> AliasRecord | None:
        """Return an alias of a state machine."""
        return self._aliases.get(arn)

    async def aliases(self, state_machine_arn: str, limit: int, after: int | None) -> list[AliasRecord]:
        """List aliases of a state machine, oldest first."""
        found = (
            alias
            for alias in self._aliases.values()
            if alias.state_machine_arn == state_machine_arn and (after is None or alias.key > after)
        )
        return heapq.nsmallest(limit, found, key=lambda alias: alias.key)

    async def activity(self, arn: str) -> ActivityRecord | None:
        """Return an activity."""
        return self._activities.get(arn)

    async def activities(self, account: str, region: str, limit: int, after: int | None) -> list[ActivityRecord]:
        """List activities, oldest first."""
        found = (
            activity
            for activity in self._activities.values()
            if activity.account == account and activity.region == region and (after is None or activity.key > after)
        )
        return heapq.nsmallest(limit, found, key=lambda activity: activity.key)

    async def activity_count(self, account: str, region: str) -> int:
        """Return how many activities an account has in a region."""
        return sum(one.account == account and one.region == region for one in self._activities.values())

    async def activity_arns(self) -> list[str]:
        """Return the ARNs of all activities."""
        return list(self._activities)

    async def resource(self, kind: str, account: str, region: str, name: str) -> ResourceRecord | None:
        """Return a resource of another service."""
        return self._resources.find((kind, account, region), name)

    async def resources(
        self, kind: str, account: str, region: str, limit: int, after: int | None, prefix: str = ""
    ) -> list[ResourceRecord]:
        """List resources of a kind, oldest first."""
        return self._resources.list((kind, account, region), prefix, limit, after)

    async def all_resources(self, kind: str) -> list[ResourceRecord]:
        """Return the resources of a kind of all accounts and regions, oldest first."""
        return self._resources.all(kind)

    async def deliveries(self, limit: int) -> list[DeliveryRecord]:
        """Return deliveries, at most `limit`, those that are due first."""
        return heapq.nsmallest(limit, self._deliveries.values(), key=lambda delivery: (delivery.due, delivery.id))

    async def execution(self, arn: str) -> ExecutionRecord | None:
        """Return an execution by its ARN."""
        key = self._keys.get(arn)
        return None if key is None else self._executions[key]

    async def execution_by_key(self, key: int) -> ExecutionRecord | None:
        """Return an execution by its key."""
        return self._executions.get(key)

    async def executions(
        self, state_machine_arn: str, status: str | None, limit: int, before: int | None, redriven: bool | None = None
    ) -> list[ExecutionRecord]:
        """List executions of a state machine, a version or an alias, newest first, without what is large."""
        found = (
            execution
            for execution in self.searches.newest_first(before)
            if state_machine_arn in arns_of(execution)
            and (status is None or execution.status == status)
            and (redriven is None or (execution.redrive is not None) == redriven)
        )
        return [listed(execution) for execution in islice(found, limit)]

    async def open_count(self) -> int:
        """Return how many executions run."""
        return len(self._executions) - len(self._ended)

    async def chunks(self, key: int, first_event: int, last_event: int) -> list[tuple[int, int, bytes]]:
        """Return the chunks that hold events of this range, in order."""
        return self._histories.between(key, first_event, last_event)

    async def lanes(self, key: int) -> list[LaneRecord]:
        """Return the lanes of an execution, in the order of their numbers."""
        return self._lanes.of(key)

    async def due(self, until: int, limit: int) -> list[tuple[int, int, int, int]]:
        """Return (due, execution, lane, ticket) of what falls due until a moment, earliest first."""
        return self._lanes.due(until, limit)

    async def claimable(self, node: str, after: tuple[int, int], limit: int) -> list[tuple[int, int]]:
        """Return (execution, lane) of lanes that wait for a task or a turn and that this node doesn't care for."""
        found = (
            (execution, lane.lane)
            for execution, lane in self._lanes.waiting(*CLAIMABLE)
            if lane.claimed_by != node and (execution, lane.lane) > after
        )
        return heapq.nsmallest(limit, found)

    async def activity_tasks(self, activity_arn: str, limit: int) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of tasks that wait for a worker, the longest waiting first."""
        waiting = self._lanes.waiting("activity", activity_arn)
        found = ((lane.scheduled, execution, lane.lane, lane.ticket) for execution, lane in waiting)
        return [(execution, lane, ticket) for _, execution, lane, ticket in heapq.nsmallest(limit, found)]

    async def jobs(self, job: str) -> list[tuple[int, int, int]]:
        """Return (execution, lane, ticket) of lanes that wait for a job of this name."""
        return sorted((execution, lane.lane, lane.ticket) for execution, lane in self._lanes.waiting("job", job))

    async def waiting_jobs(self) -> AsyncIterator[tuple[int, int, int, str]]:
        """Yield (execution, lane, ticket, job) of all the lanes that wait for a job."""
        for job in sorted(self._lanes.resources("job")):
            for execution, lane, ticket in await self.jobs(job):
                yield execution, lane, ticket, job

    async def parked(self, limit: int) -> list[ExecutionRecord]:
        """Return executions that are parked, the oldest first."""
        return [self._executions[key] for key in heapq.nsmallest(limit, self._parked)]

    async def newest_key(self) -> int:
        """Return the highest key of all rows, 0 if there are none."""
        machines = (machine.key for machine in self._state_machines.values())
        activities = (activity.key for activity in self._activities.values())
        aliases = (alias.key for alias in self._aliases.values())
        resources = self._resources.newest_key()
        return max((resources, *machines, *activities, *aliases, *self._revisions, *self._executions))


def _advanced(old: ExecutionRecord, new: ExecutionRecord, *, redriven: bool) -> ExecutionRecord:
    """Return an execution after a turn: what its start has fixed stays."""
    return replace(
        old,
        status=new.status,
        stopped=new.stopped,
        output=new.output,
        error=new.error,
        cause=new.cause,
        parked=new.parked,
        version=new.version,
        progress=new.progress,
        redrive=new.redrive if redriven else old.redrive,
    )


def _machine_of(version_arn: str) -> str:
    return version_arn.rpartition(":")[0]
