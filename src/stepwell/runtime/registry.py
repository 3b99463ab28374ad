"""State machines with their versions, and activities: creating, changing, finding, deleting, and tagging them.

Knows nothing of the wire: it takes plain values and raises refusals that are named after AWS's errors. What belongs to
another account does not exist for the caller, whatever ARN is asked for.

A state machine that is deleted while executions of it run is DELETING until the last has ended; nobody watches for
that, whoever next looks it up finishes the deletion. Changes are made one at a time, so that none is lost and nothing
old gets into the cache.
"""

import asyncio
from dataclasses import replace
from typing import Any, Protocol

from stepwell.runtime import configuration
from stepwell.runtime.arns import ACTIVITY, STATE_MACHINE, Scope, check_name, parse_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.revisions import Settings, changed_revision, first_revision, same_but_for_role
from stepwell.runtime.versions import check_current, numbered, published, state_machine_of
from stepwell.storage.port import (
    DeleteActivity,
    DeleteStateMachine,
    DeleteVersion,
    PutActivity,
    PutStateMachine,
    Store,
    Write,
)
from stepwell.storage.records import ActivityRecord, RevisionRecord, StateMachineRecord, VersionRecord

MAX_CACHED_STATE_MACHINES = 4096
_ACTIVE, _DELETING, _RUNNING = "ACTIVE", "DELETING", "RUNNING"


class StateMachineDoesNotExist(RuntimeRefusal):
    """There is no state machine with this ARN."""


class StateMachineAlreadyExists(RuntimeRefusal):
    """Another state machine has the name. It says its ARN."""


class StateMachineDeleting(RuntimeRefusal):
    """The state machine with this ARN is being deleted."""


class MissingRequiredParameter(RuntimeRefusal):
    """An update that would change nothing; it says what it takes."""


class ActivityDoesNotExist(RuntimeRefusal):
    """There is no activity with this ARN."""


class ActivityAlreadyExists(RuntimeRefusal):
    """Another activity has the name. It says its ARN."""


class ResourceNotFound(RuntimeRefusal):
    """Nothing that can have tags has this ARN."""


class TooManyTags(RuntimeRefusal):
    """The resource with this ARN would have more tags than is allowed."""


class Journal(Protocol):
    """What the registry needs of the engine: committed rows to read, and durable writes."""

    @property
    def store(self) -> Store:
        """The store: what is committed."""

    async def write(self, write: Write, /) -> bool:
        """Commit a write; whether it was taken."""

    def next_key(self) -> int:
        """Return a new key, above all others."""

    def now(self) -> int:
        """Return the time, in milliseconds since the epoch."""


class Registry:
    """The state machines and activities of all accounts."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._changing = asyncio.Lock()
        self._cached: dict[str, StateMachineRecord] = {}

    async def create_state_machine(
        self,
        scope: Scope,
        name: str,
        kind: str,
        settings: Settings,
        tags: list[dict[str, Any]] | None,
        publish: str | None = None,
    ) -> StateMachineRecord:
        """Create a state machine, or return the one that is the same (role and tags aside).

        `publish`: create its first version, with this description (which may be empty).
        """
        check_name(name)
        arn = scope.state_machine_arn(name)
        revision = first_revision(arn, kind, settings, self._journal.next_key(), self._journal.now())
        record = StateMachineRecord(
            key=self._journal.next_key(), arn=arn, account=scope.account, region=scope.region, name=name, type=kind,
            status=_ACTIVE, revision=revision.key, created=revision.created, tags=_checked_tags(arn, {}, tags),
            published_as=publish,
        )  # fmt: skip
        version = None
        if publish is not None:
            version = numbered(record, revision.key, publish, revision.created)
            record.last_version = version.number
        async with self._changing:
            existing = await self._stored(arn)
            if existing is None:
                if not await self._journal.write(PutStateMachine(record, revision, new=True, version=version)):
                    raise StateMachineAlreadyExists(arn)
                return record
            if existing.status == _DELETING:
                raise StateMachineDeleting(arn)
            current = await self.revision(existing.revision)
        same = existing.type == kind and existing.published_as == publish and same_but_for_role(current, revision)
        if not same:
            raise StateMachineAlreadyExists(arn)
        return existing

    async def state_machine(self, scope: Scope, arn: str) -> tuple[StateMachineRecord, VersionRecord | None]:
        """Return a state machine, which may be being deleted, and the version that the ARN names, if it names one."""
        parse_arn(arn, STATE_MACHINE)
        own_arn = None if arn in self._cached else state_machine_of(arn)
        record = self._cached.get(own_arn or arn)
        if record is None or record.status == _DELETING:
            async with self._changing:
                record = await self._stored(own_arn or arn)
        version = None if own_arn is None else await self._journal.store.version(arn)
        if record is None or record.account != scope.account or (own_arn is not None and version is None):
            raise StateMachineDoesNotExist(arn)
        return record, version

    async def startable(self, scope: Scope, arn: str) -> tuple[StateMachineRecord, VersionRecord | None]:
        """Return a state machine that executions can be started of, and its version if the ARN names one."""
        found = await self.state_machine(scope, arn)
        if found[0].status == _DELETING:
            raise StateMachineDeleting(arn)
        return found

    async def state_machines(self, scope: Scope, limit: int, before: int | None) -> list[StateMachineRecord]:
        """List state machines, newest first."""
        return await self._journal.store.state_machines(scope.account, scope.region, limit, before)

    async def revision(self, key: int) -> RevisionRecord:
        """Return a revision."""
        revision = await self._journal.store.revision(key)
        assert revision is not None, f"revision {key} is referred to, so it must be stored"
        return revision

    async def update_state_machine(
        self, scope: Scope, arn: str, changes: Settings, publish: str | None = None
    ) -> tuple[RevisionRecord, VersionRecord | None]:
        """Make a new revision the current one, unless nothing changes; return the revision that is current then.

        `publish`: publish that revision as well, with this description (which may be empty), and return its version.
        """
        parse_arn(arn, STATE_MACHINE)
        if not changes.given():
            raise MissingRequiredParameter(
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be"
                " specified"
            )
        async with self._changing:
            record = await self._changeable(scope, arn)
            before = await self.revision(record.revision)
            now = self._journal.now()
            after = changed_revision(before, record.type, changes, self._journal.next_key(), now)
            version = None
            if publish is not None:
                version = await published(self._journal.store, record, after.key, publish, now)
            await self._put_current(record, after, version)
        return after, version

    async def publish_version(self, scope: Scope, arn: str, revision_id: str | None, description: str) -> VersionRecord:
        """Publish the current revision, or return the version that it was published as.

        `revision_id`: refuse where this is not the current revision.
        """
        parse_arn(arn, STATE_MACHINE)
        async with self._changing:
            record = await self._changeable(scope, arn)
            current = await self.revision(record.revision)
            if revision_id is not None:
                check_current(revision_id, current)
            version = await published(self._journal.store, record, current.key, description, self._journal.now())
            await self._put_current(record, current, version)
        return version

    async def versions(self, scope: Scope, arn: str, limit: int, before: int | None) -> list[VersionRecord]:
        """List the versions of a state machine, the last published first; none where there is no state machine."""
        if parse_arn(arn, STATE_MACHINE).account != scope.account:
            return []
        return await self._journal.store.versions(arn, limit, before)

    async def delete_version(self, scope: Scope, arn: str) -> None:
        """Delete a version. A missing one is no error."""
        parse_arn(arn, STATE_MACHINE)
        own_arn = state_machine_of(arn)
        if own_arn is None:
            raise configuration.ValidationException(
                f"'{arn}' is not the ARN of a state machine version: that ends with the number of the version"
            )
        async with self._changing:
            if await self._own(scope, own_arn) is not None:
                await self._journal.write(DeleteVersion(arn))

    async def delete_state_machine(self, scope: Scope, arn: str) -> None:
        """Delete a state machine, with its versions: at once, or when the executions that run have ended.

        A missing one is no error.
        """
        parse_arn(arn, STATE_MACHINE)
        async with self._changing:
            record = await self._own(scope, arn)
            if record is None or record.status == _DELETING:
                return
            deleting = replace(record, status=_DELETING)
            if not await self._deleted(deleting):
                await self._put(deleting)

    async def create_activity(
        self, scope: Scope, name: str, encryption: dict[str, Any] | None, tags: list[dict[str, Any]] | None
    ) -> ActivityRecord:
        """Create an activity, or return the one that has the name."""
        check_name(name)
        arn = scope.activity_arn(name)
        record = ActivityRecord(
            key=self._journal.next_key(), arn=arn, account=scope.account, region=scope.region, name=name,
            created=self._journal.now(), encryption_configuration=configuration.encryption(encryption),
            tags=_checked_tags(arn, {}, tags),
        )  # fmt: skip
        async with self._changing:
            existing = await self._journal.store.activity(arn)
            if existing is None and await self._journal.write(PutActivity(record, new=True)):
                return record
        if existing is None or existing.encryption_configuration != record.encryption_configuration:
            raise ActivityAlreadyExists(arn)
        return existing

    async def activity(self, scope: Scope, arn: str) -> ActivityRecord:
        """Return an activity."""
        parse_arn(arn, ACTIVITY)
        record = await self._own_activity(scope, arn)
        if record is None:
            raise ActivityDoesNotExist(arn)
        return record

    async def activities(self, scope: Scope, limit: int, after: int | None) -> list[ActivityRecord]:
        """List activities, oldest first."""
        return await self._journal.store.activities(scope.account, scope.region, limit, after)

    async def delete_activity(self, scope: Scope, arn: str) -> None:
        """Delete an activity. A missing one is no error."""
        parse_arn(arn, ACTIVITY)
        async with self._changing:
            if await self._own_activity(scope, arn) is not None:
                await self._journal.write(DeleteActivity(arn))

    async def tags(self, scope: Scope, arn: str) -> dict[str, str]:
        """Return the tags of a state machine or an activity."""
        async with self._changing:
            return (await self._tagged(scope, arn)).tags

    async def tag(self, scope: Scope, arn: str, tags: list[dict[str, Any]]) -> None:
        """Add tags, or change those that are there."""
        async with self._changing:
            record = await self._tagged(scope, arn)
            await self._put_tags(record, _checked_tags(arn, record.tags, tags))

    async def untag(self, scope: Scope, arn: str, keys: list[str]) -> None:
        """Remove tags. Missing ones are no error."""
        async with self._changing:
            record = await self._tagged(scope, arn)
            await self._put_tags(record, {key: value for key, value in record.tags.items() if key not in keys})

    async def _tagged(self, scope: Scope, arn: str) -> StateMachineRecord | ActivityRecord:
        own = self._own_activity if parse_arn(arn, STATE_MACHINE, ACTIVITY).type == ACTIVITY else self._own
        record = await own(scope, arn)
        if record is None:
            raise ResourceNotFound(arn)
        return record

    async def _put_tags(self, record: StateMachineRecord | ActivityRecord, tags: dict[str, str]) -> None:
        if isinstance(record, ActivityRecord):
            await self._journal.write(PutActivity(replace(record, tags=tags)))
        else:
            await self._put(replace(record, tags=tags))

    async def _own_activity(self, scope: Scope, arn: str) -> ActivityRecord | None:
        record = await self._journal.store.activity(arn)
        return record if record is not None and record.account == scope.account else None

    # Those below are called by whoever holds the lock.

    async def _own(self, scope: Scope, arn: str) -> StateMachineRecord | None:
        record = await self._stored(arn)
        return record if record is not None and record.account == scope.account else None

    async def _changeable(self, scope: Scope, arn: str) -> StateMachineRecord:
        record = await self._own(scope, arn)
        if record is None:
            raise StateMachineDoesNotExist(arn)
        if record.status == _DELETING:
            raise StateMachineDeleting(arn)
        return record

    async def _stored(self, arn: str) -> StateMachineRecord | None:
        """Return a state machine as it is stored, or None; a deletion that can be finished is."""
        record = await self._journal.store.state_machine(arn)
        if record is None or (record.status == _DELETING and await self._deleted(record)):
            self._cached.pop(arn, None)
            return None
        self._cache(record)
        return record

    async def _deleted(self, record: StateMachineRecord) -> bool:
        """Delete a state machine unless executions of it run, and return whether that was so."""
        if await self._journal.store.executions(record.arn, _RUNNING, 1, None):
            return False
        await self._journal.write(DeleteStateMachine(record.arn))
        self._cached.pop(record.arn, None)
        return True

    async def _put_current(
        self, record: StateMachineRecord, revision: RevisionRecord, version: VersionRecord | None
    ) -> None:
        """Make a revision the current one, and store its version, so far as they are new."""
        new_revision = None if revision.key == record.revision else revision
        new_version = None if version is None or version.number <= record.last_version else version
        if new_revision is not None:
            record = replace(record, revision=new_revision.key)
        if new_version is not None:
            record = replace(record, last_version=new_version.number)
        if new_revision is not None or new_version is not None:
            await self._put(record, new_revision, new_version)

    async def _put(
        self, record: StateMachineRecord, revision: RevisionRecord | None = None, version: VersionRecord | None = None
    ) -> None:
        taken = await self._journal.write(PutStateMachine(record, revision, version=version))
        assert taken, f"{record.arn} was changed by another than this registry"
        self._cache(record)

    def _cache(self, record: StateMachineRecord) -> None:
        if len(self._cached) >= MAX_CACHED_STATE_MACHINES and record.arn not in self._cached:
            del self._cached[next(iter(self._cached))]
        self._cached[record.arn] = record


def _checked_tags(arn: str, before: dict[str, str], given: list[dict[str, Any]] | None) -> dict[str, str]:
    tags = {**before, **configuration.tags(given)}
    if len(tags) > configuration.MAX_TAGS:
        raise TooManyTags(arn)
    return tags
