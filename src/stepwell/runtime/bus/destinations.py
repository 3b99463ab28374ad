"""API destinations: endpoints of HTTP that are targets, each called with a connection."""

import asyncio
import uuid
from typing import Any
from urllib.parse import quote

import msgspec

from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.bus.catalogue import Catalogue
from stepwell.runtime.bus.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from stepwell.runtime.connections import KIND as CONNECTIONS
from stepwell.runtime.journal import Journal

MAX_DESTINATIONS = 3_000
"""AWS's quota of a region."""

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class Destination(msgspec.Struct, frozen=True):
    """An API destination."""

    arn: str
    name: str
    given: dict[str, Any]
    """What it was made of, by the names of the API."""
    created: int
    modified: int


class Destinations:
    """The API destinations of all accounts."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept = Catalogue(journal, "events:api-destination", Destination)
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Take up those of the store."""
        await self._kept.load()

    def get(self, scope: Scope, name: str) -> Destination:
        """Return a destination. Raise `ResourceNotFoundException`."""
        found = self._kept.find(scope, name)
        if found is None:
            raise ResourceNotFoundException(f"An api-destination '{name}' does not exist.")
        return found

    def of(self, scope: Scope) -> list[Destination]:
        """Return all of an account in a region."""
        return self._kept.of(scope)

    async def create(self, scope: Scope, given: dict[str, Any]) -> Destination:
        """Make a destination. Raise a refusal."""
        name = given["Name"]
        async with self._changing:
            if self._kept.find(scope, name) is not None:
                raise ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
            if len(self.of(scope)) >= MAX_DESTINATIONS:
                raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
            await self._check_connection(scope, given["ConnectionArn"])
            now = self._journal.now()
            place = f"{partition_of(scope.region)}:events:{scope.region}:{scope.account}"
            arn = f"arn:{place}:api-destination/{name}/{uuid.uuid4()}"
            made = Destination(arn, name, {key: value for key, value in given.items() if key != "Name"}, now, now)
            await self._kept.put(scope, name, made)
            return made

    async def update(self, scope: Scope, given: dict[str, Any]) -> Destination:
        """Change what is given of a destination. Raise a refusal."""
        async with self._changing:
            before = self.get(scope, given["Name"])
            changed = {key: value for key, value in given.items() if key != "Name" and value is not None}
            if "ConnectionArn" in changed:
                await self._check_connection(scope, changed["ConnectionArn"])
            after = msgspec.structs.replace(before, given={**before.given, **changed}, modified=self._journal.now())
            await self._kept.put(scope, before.name, after)
            return after

    async def delete(self, scope: Scope, name: str) -> None:
        """Delete a destination. Raise `ResourceNotFoundException`."""
        async with self._changing:
            self.get(scope, name)
            await self._kept.delete(scope, name)

    async def _check_connection(self, scope: Scope, arn: str) -> None:
        parts = arn.split("/")
        found = None
        if len(parts) > 1:
            found = await self._journal.store.resource(CONNECTIONS, scope.account, scope.region, parts[1])
        if found is None:
            raise ResourceNotFoundException(f"Connection '{arn}' does not exist.")

    def parameters(self, scope: Scope, target: dict[str, Any], body: Any) -> dict[str, Any] | None:
        """Return what an HTTP task is given to call a target's destination; None where there is no such one."""
        parts = target["Arn"].split("/")
        found = self._kept.find(scope, parts[1]) if len(parts) == 3 else None
        if found is None or found.arn != target["Arn"]:
            return None
        extra = target.get("HttpParameters") or {}
        method = found.given["HttpMethod"]
        parameters: dict[str, Any] = {
            "ApiEndpoint": _filled(found.given["InvocationEndpoint"], extra.get("PathParameterValues") or []),
            "Method": method,
            "Authentication": {"ConnectionArn": found.given["ConnectionArn"]},
        }
        if extra.get("HeaderParameters"):
            parameters["Headers"] = extra["HeaderParameters"]
        if extra.get("QueryStringParameters"):
            parameters["QueryParameters"] = extra["QueryStringParameters"]
        if method not in _WITHOUT_BODY:
            parameters["RequestBody"] = body
        return parameters


def _filled(endpoint: str, values: list[str]) -> str:
    """Return an endpoint with its wildcards filled in, in their order."""
    for value in values:
        endpoint = endpoint.replace("*", quote(value, safe=""), 1)
    return endpoint
