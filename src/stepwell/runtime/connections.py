"""Connections of EventBridge: how to authorize a call to an API, with the secrets for it sealed.

Knows nothing of the wire. What belongs to another account, or to another region, does not exist for the caller.
"""

import asyncio
import base64
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from stepwell.runtime import connection_parameters as parameters
from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.journal import Journal
from stepwell.runtime.vault import KeyDoesNotFit, Vault
from stepwell.storage.port import DeleteResource, PutResource
from stepwell.storage.records import ResourceRecord

KIND = "events:connection"
MAX_CONNECTIONS = 3_000
"""AWS's quota of a region."""

AUTHORIZED, DEAUTHORIZED = "AUTHORIZED", "DEAUTHORIZED"


class ConnectionDoesNotExist(RuntimeRefusal):
    """There is no connection of this name."""


class ConnectionAlreadyExists(RuntimeRefusal):
    """Another connection has the name."""


class ConnectionLimitExceeded(RuntimeRefusal):
    """There are as many connections as are allowed."""


class ConnectionKeyDoesNotFit(RuntimeRefusal):
    """The secrets of the connection were sealed with another key. It says its name."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection, but for its secrets."""

    arn: str
    name: str
    state: str
    authorization: str
    """BASIC, API_KEY or OAUTH_CLIENT_CREDENTIALS."""
    shown: dict[str, Any]
    """Its parameters without what is secret."""
    created: int
    modified: int
    authorized: int | None
    description: str | None = None
    sealed: str | None = None
    """All its parameters, sealed; None when it is deauthorized."""
    key: int = field(default=0, compare=False)
    """The key of its row."""

    @property
    def secret_arn(self) -> str:
        """The ARN that the secret has on AWS."""
        arn = self.arn.replace(":events:", ":secretsmanager:", 1)
        return arn.replace(":connection/", ":secret:events!connection/", 1)


class Connections:
    """The connections of all accounts. Changes are made one at a time."""

    def __init__(self, journal: Journal, vault: Vault) -> None:
        self._journal = journal
        self._vault = vault
        self._changing = asyncio.Lock()

    async def create(
        self, scope: Scope, name: str, authorization: str, given: dict[str, Any], description: str | None
    ) -> Connection:
        """Create a connection. Raise `ConnectionAlreadyExists`, and `IncompleteParameters`."""
        complete = parameters.complete(authorization, given)
        now = self._journal.now()
        arn = f"arn:{partition_of(scope.region)}:events:{scope.region}:{scope.account}:connection/{name}/{uuid.uuid4()}"
        connection = Connection(
            arn, name, AUTHORIZED, authorization, parameters.without_secrets(complete), now, now, now, description,
            self._seal(arn, complete), self._journal.next_key(),
        )  # fmt: skip
        async with self._changing:
            if await self._find(scope, name) is not None:
                raise ConnectionAlreadyExists(name)
            if len(await self.list(scope, MAX_CONNECTIONS, None, "")) >= MAX_CONNECTIONS:
                raise ConnectionLimitExceeded(name)
            await self._put(scope, connection, new=True)
        return connection

    async def update(
        self, scope: Scope, name: str, authorization: str | None, given: dict[str, Any] | None, description: str | None
    ) -> Connection:
        """Change what is given. Parameters that complete themselves need no key that fits."""
        async with self._changing:
            old = await self.connection(scope, name)
            now = self._journal.now()
            changed = replace(old, modified=now)
            if description is not None:
                changed = replace(changed, description=description)
            wanted = authorization or old.authorization
            if given is not None or wanted != old.authorization:
                complete = self._changed(old, wanted, given or {})
                changed = replace(
                    changed, authorization=wanted, state=AUTHORIZED, authorized=now,
                    shown=parameters.without_secrets(complete), sealed=self._seal(old.arn, complete),
                )  # fmt: skip
            await self._put(scope, changed)
        return changed

    def _changed(self, old: Connection, authorization: str, given: dict[str, Any]) -> dict[str, Any]:
        if not parameters.needs_old(authorization, given) or old.sealed is None:
            return parameters.complete(authorization, given)
        before = self.secrets_of(old)
        return parameters.complete(authorization, parameters.merged(before, given))

    async def deauthorize(self, scope: Scope, name: str) -> Connection:
        """Forget the secrets of a connection. It stays, to be authorized anew by an update."""
        async with self._changing:
            old = await self.connection(scope, name)
            changed = replace(old, state=DEAUTHORIZED, modified=self._journal.now(), sealed=None)
            await self._put(scope, changed)
        return changed

    async def delete(self, scope: Scope, name: str) -> Connection:
        """Delete a connection with its secrets; return what it was."""
        async with self._changing:
            old = await self.connection(scope, name)
            await self._journal.write(DeleteResource(old.key))
        return old

    async def connection(self, scope: Scope, name: str) -> Connection:
        """Return a connection. Raise `ConnectionDoesNotExist`."""
        found = await self._find(scope, name)
        if found is None:
            raise ConnectionDoesNotExist(name)
        return found

    async def list(self, scope: Scope, limit: int, after: int | None, prefix: str) -> list[Connection]:
        """List connections, oldest first."""
        rows = await self._journal.store.resources(KIND, scope.account, scope.region, limit, after, prefix)
        return [_read(row) for row in rows]

    def secrets_of(self, connection: Connection) -> dict[str, Any]:
        """Return all parameters of an authorized connection. Raise `ConnectionKeyDoesNotFit`, `UnusableSecretKey`."""
        assert connection.sealed is not None, "only who is authorized has secrets"
        try:
            opened = self._vault.open(base64.b64decode(connection.sealed), connection.arn)
        except KeyDoesNotFit:
            raise ConnectionKeyDoesNotFit(connection.name) from None
        found: dict[str, Any] = msgspec.json.decode(opened)
        return found

    def _seal(self, arn: str, complete: dict[str, Any]) -> str:
        return base64.b64encode(self._vault.seal(msgspec.json.encode(complete), arn)).decode()

    async def _find(self, scope: Scope, name: str) -> Connection | None:
        row = await self._journal.store.resource(KIND, scope.account, scope.region, name)
        return None if row is None else _read(row)

    async def _put(self, scope: Scope, connection: Connection, *, new: bool = False) -> None:
        row = ResourceRecord(
            connection.key, KIND, scope.account, scope.region, connection.name,
            msgspec.json.encode(replace(connection, key=0)),
        )  # fmt: skip
        taken = await self._journal.write(PutResource(row, new=new))
        assert taken, "whoever changes connections holds the lock"


def _read(row: ResourceRecord) -> Connection:
    return replace(msgspec.json.decode(row.body, type=Connection), key=row.key)
