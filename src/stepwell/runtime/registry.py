"""State machines with their versions: creating, changing, finding and deleting them.

Knows nothing of the wire: it takes plain values and raises refusals that are named after AWS's errors. What belongs to
another account does not exist for the caller, whatever ARN is asked for.

A state machine that is deleted while executions of it run is DELETING until the last has ended; nobody watches for
that, whoever next looks it up finishes the deletion. Changes are made one at a time, so that none is lost and nothing
old gets into the cache.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from stepwell.runtime import configuration
from stepwell.runtime.activity_registry import ActivityRegistry
from stepwell.runtime.aliases import Aliases, chosen_version, main_version, state_machine_of_alias
from stepwell.runtime.arns import STATE_MACHINE, Scope, check_name, parse_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.evaluators.diagnoses import Diagnose, diagnose_here
from stepwell.runtime.journal import Journal
from stepwell.runtime.quotas import check_room_for_state_machine
from stepwell.runtime.revisions import (
    Settings,
    changed_revision,
    first_revision,
    refuse_invalid,
    same_but_for_role,
)
from stepwell.runtime.tagging import Tagging, checked_tags
from stepwell.runtime.versions import check_current, numbered, published, state_machine_of
from stepwell.storage.port import DeleteStateMachine, DeleteVersion, PutStateMachine
from stepwell.storage.records import AliasRecord, RevisionRecord, StateMachineRecord, VersionRecord

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


class Named(NamedTuple):
    """What the ARN of a state machine names, qualified or not."""

    state_machine: StateMachineRecord
    version: VersionRecord | None = None
    """The version that it names, or that its alias leads to."""
    alias: AliasRecord | None = None


LogProblem = Callable[[str], Awaitable[str | None]]
"""Says why nothing can be logged to a log group, given by its ARN; None where it can."""


class Registry:
    """The state machines of all accounts, and, with rooms of their own, their aliases, the activities and the tags."""

    def __init__(
        self, journal: Journal, log_problem: LogProblem | None = None, diagnose: Diagnose = diagnose_here
    ) -> None:
        self._journal = journal
        self.diagnose = diagnose
        self._log_problem = log_problem
        self._cached: dict[str, Named] = {}
        """State machines by their ARN, but for those that are being deleted."""
        self.changing = asyncio.Lock()
        """Whoever changes a state machine, or anything of it, holds it."""
        self.aliases = Aliases(journal, self)
        self.activities = ActivityRegistry(journal)
        self.tagging = Tagging(self, self.activities)

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
        refuse_invalid(await self.diagnose(settings.definition or "", kind))
        revision = first_revision(arn, settings, self._journal.next_key(), self._journal.now())
        await self._check_log_destinations(settings)
        record = StateMachineRecord(
            key=self._journal.next_key(), arn=arn, account=scope.account, region=scope.region, name=name, type=kind,
            status=_ACTIVE, revision=revision.key, created=revision.created, tags=checked_tags(arn, {}, tags),
            published_as=publish,
        )  # fmt: skip
        version = None
        if publish is not None:
            version = numbered(record, revision.key, publish, revision.created)
            record = replace(record, last_version=version.number)
        async with self.changing:
            existing = await self._stored(arn)
            if existing is None:
                await check_room_for_state_machine(self._journal.store, scope)
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

    async def state_machine(self, scope: Scope, arn: str) -> Named:
        """Return what an ARN names: a state machine, which may be being deleted, or a version or an alias of one."""
        parse_arn(arn, STATE_MACHINE)
        store, own_arn = self._journal.store, state_machine_of(arn)
        if own_arn is not None:
            record, version = await self._found(scope, own_arn, arn), await store.version(arn)
            if version is None:
                raise StateMachineDoesNotExist(arn)
            return Named(record, version)
        own_arn = state_machine_of_alias(arn)
        if own_arn is not None:
            record, alias = await self._found(scope, own_arn, arn), await store.alias(arn)
            if alias is None:
                raise StateMachineDoesNotExist(arn)
            return Named(record, await store.version(main_version(alias)), alias)
        return Named(await self._found(scope, arn, arn))

    async def startable(self, scope: Scope, arn: str) -> Named:
        """Return what executions are to be started of; by an alias, the version is drawn by the alias's weights."""
        cached = self._cached.get(arn)
        if cached is not None and cached.state_machine.account == scope.account:
            return cached
        named = await self.state_machine(scope, arn)
        if named.state_machine.status == _DELETING:
            raise StateMachineDeleting(arn)
        if named.alias is not None:
            chosen = chosen_version(named.alias, self._journal.random())
            named = named._replace(version=await self._journal.store.version(chosen))
            if named.version is None:  # the alias was turned away from it, and it was deleted, this very moment
                raise StateMachineDoesNotExist(arn)
        return named

    async def _found(self, scope: Scope, arn: str, asked: str) -> StateMachineRecord:
        """Return a state machine by its own ARN. Refuse in the words of the ARN that was asked for."""
        cached = self._cached.get(arn)
        if cached is not None:
            record: StateMachineRecord | None = cached.state_machine
        else:
            async with self.changing:
                record = await self._stored(arn)
        if record is None or record.account != scope.account:
            raise StateMachineDoesNotExist(asked)
        return record

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
        await self._check_log_destinations(changes)
        if changes.definition is not None:  # before it has its turn: others change something meanwhile
            record = await self.changeable(scope, arn)
            if changes.definition != (await self.revision(record.revision)).definition:
                refuse_invalid(await self.diagnose(changes.definition, record.type))
        async with self.changing:
            record = await self.changeable(scope, arn)
            before = await self.revision(record.revision)
            now = self._journal.now()
            after = changed_revision(before, changes, self._journal.next_key(), now)
            version = None
            if publish is not None:
                version = await published(self._journal.store, record, after.key, publish, now)
            await self._put_current(record, after, version)
        return after, version

    async def derive(self, scope: Scope, arn: str, definition: str) -> tuple[StateMachineRecord, RevisionRecord]:
        """Store a revision with another definition that never becomes the current one; return both."""
        record = await self.changeable(scope, arn)
        refuse_invalid(await self.diagnose(definition, record.type))
        async with self.changing:
            record = await self.changeable(scope, arn)
            current = await self.revision(record.revision)
            changes = Settings(definition=definition)
            derived = changed_revision(current, changes, self._journal.next_key(), self._journal.now())
            if derived is not current:
                await self._put(record, derived)
        return record, derived

    async def publish_version(self, scope: Scope, arn: str, revision_id: str | None, description: str) -> VersionRecord:
        """Publish the current revision, or return the version that it was published as.

        `revision_id`: refuse where this is not the current revision.
        """
        parse_arn(arn, STATE_MACHINE)
        async with self.changing:
            record = await self.changeable(scope, arn)
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
        """Delete a version that no alias leads to. A missing one is no error."""
        parse_arn(arn, STATE_MACHINE)
        own_arn = state_machine_of(arn)
        if own_arn is None:
            raise configuration.ValidationException(
                f"'{arn}' is not the ARN of a state machine version: that ends with the number of the version"
            )
        async with self.changing:
            if await self.own(scope, own_arn) is not None:
                await self.aliases.check_unused(arn, own_arn)
                await self._journal.write(DeleteVersion(arn))

    async def delete_state_machine(self, scope: Scope, arn: str) -> None:
        """Delete a state machine, with its versions and aliases: at once, or when the executions that run have ended.

        A missing one is no error.
        """
        parse_arn(arn, STATE_MACHINE)
        async with self.changing:
            record = await self.own(scope, arn)
            if record is None or record.status == _DELETING:
                return
            deleting = replace(record, status=_DELETING)
            if not await self._deleted(deleting):
                await self._put(deleting)

    async def _check_log_destinations(self, settings: Settings) -> None:
        """Ask for the log groups that are named, once the configuration as such is valid."""
        if self._log_problem is None or not settings.logging:
            return
        configuration.logging(settings.logging)
        for arn in configuration.log_destinations(settings.logging):
            problem = await self._log_problem(arn or "")
            if problem is not None:
                raise configuration.InvalidLoggingConfiguration(f"Invalid Logging Configuration: {problem}")

    # Those below are called by whoever holds the lock.

    async def put_tags(self, record: StateMachineRecord, tags: dict[str, str]) -> None:
        """Give a state machine these tags and no others."""
        await self._put(replace(record, tags=tags))

    async def own(self, scope: Scope, arn: str) -> StateMachineRecord | None:
        """Return a state machine of the caller's account, None where there is none."""
        record = await self._stored(arn)
        return record if record is not None and record.account == scope.account else None

    async def changeable(self, scope: Scope, arn: str) -> StateMachineRecord:
        """Return a state machine of the caller's account; refuse where there is none, or it is being deleted."""
        record = await self.own(scope, arn)
        if record is None:
            raise StateMachineDoesNotExist(arn)
        if record.status == _DELETING:
            raise StateMachineDeleting(arn)
        return record

    async def _stored(self, arn: str) -> StateMachineRecord | None:
        """Return a state machine as it is stored, or None; a deletion that can be finished is."""
        record = await self._journal.store.state_machine(arn)
        if record is None or (record.status == _DELETING and await self._deleted(record)):
            return None
        self._cache(record)
        return record

    async def _deleted(self, record: StateMachineRecord) -> bool:
        """Delete a state machine unless executions of it run, and return whether that was so."""
        if await self._journal.store.executions(record.arn, _RUNNING, 1, None):
            return False
        self._cached.pop(record.arn, None)
        await self._journal.write(DeleteStateMachine(record.arn))
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
        if record.status == _DELETING:
            self._cached.pop(record.arn, None)
            return
        if len(self._cached) >= MAX_CACHED_STATE_MACHINES and record.arn not in self._cached:
            del self._cached[next(iter(self._cached))]
        self._cached[record.arn] = Named(record)
