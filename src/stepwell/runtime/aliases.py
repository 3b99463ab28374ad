"""Aliases of state machines: names that lead to one version, or to two by weight, and may be turned to others."""

import asyncio
import re
from typing import Any, Protocol

from msgspec.structs import replace

from stepwell.runtime import configuration
from stepwell.runtime.arns import STATE_MACHINE, Scope, parse_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.journal import Journal
from stepwell.runtime.versions import (
    ConflictException,
    ServiceQuotaExceededException,
    state_machine_of,
)
from stepwell.storage.port import DeleteAlias, PutAlias
from stepwell.storage.records import AliasRecord, Route, StateMachineRecord

MAX_ALIASES = 100
WHOLE = 100
"""What the weights of an alias add up to."""

_ALIAS_ARN = re.compile(r"([^:]+(?::[^:]*){4}:stateMachine:[^:]+):(?=[^:]*[a-zA-Z_.-])[a-zA-Z0-9_.-]{1,80}")


class AliasDoesNotExist(RuntimeRefusal):
    """There is no such alias, or no such version to lead to."""


class InvalidRoutingConfiguration(configuration.ValidationException):
    """The routing configuration can't be met; it says why, in AWS's words."""


class NothingToUpdate(configuration.ValidationException):
    """An update that would change nothing; it says what it takes."""


class StateMachines(Protocol):
    """What aliases need of those who keep state machines."""

    changing: asyncio.Lock
    """Whoever changes a state machine, or anything of it, holds it."""

    async def own(self, scope: Scope, arn: str) -> StateMachineRecord | None:
        """Return a state machine of the caller's account."""

    async def changeable(self, scope: Scope, arn: str) -> StateMachineRecord:
        """Return a state machine of the caller's account; refuse where there is none, or it is being deleted."""


class Aliases:
    """The aliases of all state machines."""

    def __init__(self, journal: Journal, state_machines: StateMachines) -> None:
        self._journal = journal
        self._state_machines = state_machines

    async def create(self, scope: Scope, name: str, routing: list[dict[str, Any]], description: str) -> AliasRecord:
        """Create an alias, or return the one that is the same."""
        own_arn, routes = checked_routing(routing)
        async with self._state_machines.changing:
            await self._check_versions(scope, own_arn, routes)
            arn, now = f"{own_arn}:{name}", self._journal.now()
            existing = await self._journal.store.alias(arn)
            if existing is not None:
                if (existing.routes, existing.description) == (routes, description):
                    return existing
                raise ConflictException(
                    "Failed to create alias because an alias with the same name and a different routing configuration"
                    " already exists."
                )
            if len(await self._journal.store.aliases(own_arn, MAX_ALIASES, None)) >= MAX_ALIASES:
                raise ServiceQuotaExceededException(
                    f"The state machine '{own_arn}' has {MAX_ALIASES} aliases, and can have no more. Delete those that"
                    " nobody uses."
                )
            alias = AliasRecord(self._journal.next_key(), arn, own_arn, name, description, routes, now, now)
            await self._journal.write(PutAlias(alias))
        return alias

    async def alias(self, scope: Scope, arn: str) -> AliasRecord:
        """Return an alias."""
        alias = await self._own(scope, arn)
        if alias is None:
            raise AliasDoesNotExist(arn)
        return alias

    async def update(
        self, scope: Scope, arn: str, routing: list[dict[str, Any]] | None, description: str | None
    ) -> AliasRecord:
        """Change what an alias leads to, or its description, or both."""
        if routing is None and description is None:
            raise NothingToUpdate("Either the description or the RoutingConfiguration must be specified")
        parse_arn(arn, STATE_MACHINE)
        given = None if routing is None else checked_routing(routing)
        async with self._state_machines.changing:
            alias = await self.alias(scope, arn)
            await self._state_machines.changeable(scope, alias.state_machine_arn)
            changed = alias if description is None else replace(alias, description=description)
            if given is not None:
                own_arn, routes = given
                if own_arn != alias.state_machine_arn:
                    raise InvalidRoutingConfiguration(_of_another(routes))
                await self._check_versions(scope, own_arn, routes)
                changed = replace(changed, routes=routes)
            if changed != alias:
                alias = replace(changed, updated=self._journal.now())
                await self._journal.write(PutAlias(alias))
        return alias

    async def delete(self, scope: Scope, arn: str) -> None:
        """Delete an alias. A missing one is no error; the versions that it leads to stay."""
        async with self._state_machines.changing:
            if await self._own(scope, arn) is not None:
                await self._journal.write(DeleteAlias(arn))

    async def list(self, scope: Scope, arn: str, limit: int, after: int | None) -> list[AliasRecord]:
        """List the aliases of a state machine, or those that lead to a version, oldest first: so AWS does."""
        parse_arn(arn, STATE_MACHINE)
        own_arn = state_machine_of(arn)
        async with self._state_machines.changing:
            await self._state_machines.changeable(scope, own_arn or arn)
        if own_arn is None:
            return await self._journal.store.aliases(arn, limit, after)
        if await self._journal.store.version(arn) is None:
            raise AliasDoesNotExist(arn)
        found = await self._journal.store.aliases(own_arn, MAX_ALIASES, after)
        return [alias for alias in found if leads_to(alias, arn)][:limit]

    async def check_unused(self, version_arn: str, own_arn: str) -> None:
        """Raise `ConflictException` where an alias leads to a version."""
        found = await self._journal.store.aliases(own_arn, MAX_ALIASES, None)
        names = [alias.name for alias in found if leads_to(alias, version_arn)]
        if names:
            raise ConflictException(
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this"
                f" version: [{', '.join(names)}]"
            )

    async def _own(self, scope: Scope, arn: str) -> AliasRecord | None:
        if parse_arn(arn, STATE_MACHINE).account != scope.account:
            return None
        return await self._journal.store.alias(arn)

    async def _check_versions(self, scope: Scope, own_arn: str, routes: tuple[Route, ...]) -> None:
        """Raise `AliasDoesNotExist` unless all the versions exist; refuse while their state machine is deleted."""
        if await self._state_machines.own(scope, own_arn) is None:
            raise AliasDoesNotExist(own_arn)
        await self._state_machines.changeable(scope, own_arn)
        for version_arn, _ in routes:
            if await self._journal.store.version(version_arn) is None:
                raise AliasDoesNotExist(version_arn)


def state_machine_of_alias(arn: str) -> str | None:
    """Return the ARN of the state machine that an alias belongs to; None if the text is no ARN of an alias."""
    found = _ALIAS_ARN.fullmatch(arn)
    return None if found is None else found[1]


def checked_routing(routing: list[dict[str, Any]]) -> tuple[str, tuple[Route, ...]]:
    """Return the ARN of the state machine that a routing is about, and its routes. Raise what AWS refuses it with."""
    routes = tuple((item["stateMachineVersionArn"], item["weight"]) for item in routing)
    arns, weights = [arn for arn, _ in routes], [weight for _, weight in routes]
    for arn in arns:
        parse_arn(arn, STATE_MACHINE)
    own_arns = [state_machine_of(arn) for arn in arns]
    first = own_arns[0]
    if first is None or None in own_arns:
        words = "Routing configuration must contain state machine version ARNs."
        raise InvalidRoutingConfiguration(f"{words} Received: [{', '.join(arns)}]")
    if len(set(arns)) < len(arns):
        words = "Routing configuration must contain distinct state machine version ARNs."
        raise InvalidRoutingConfiguration(f"{words} Received: [{', '.join(arns)}]")
    if set(own_arns) != {first}:
        raise InvalidRoutingConfiguration(_of_another(routes))
    if sum(weights) != WHOLE:
        received = ", ".join(map(str, weights))
        raise InvalidRoutingConfiguration(
            f"Sum of routing configuration weights must equal {WHOLE}. Received: [{received}]"
        )
    return first, routes


def _of_another(routes: tuple[Route, ...]) -> str:
    received = ", ".join(arn for arn, _ in routes)
    return f"Routing configuration must contain versions of the alias's own state machine. Received: [{received}]"


def leads_to(alias: AliasRecord, version_arn: str) -> bool:
    """Return whether an alias leads to a version, be it with no weight at all."""
    return any(arn == version_arn for arn, _ in alias.routes)


def chosen_version(alias: AliasRecord, chance: float) -> str:
    """Return the ARN of the version that an execution by an alias follows; `chance` is a number from 0 up to 1."""
    (first, weight), *others = alias.routes
    return others[0][0] if others and chance * WHOLE >= weight else first


def main_version(alias: AliasRecord) -> str:
    """Return the ARN of the version that most executions by an alias follow."""
    return max(alias.routes, key=lambda route: route[1])[0]
