"""What the bus knows by name, in memory: all of one kind, as they rest in the store."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from stepwell.runtime.arns import Scope
from stepwell.runtime.journal import Journal
from stepwell.storage.port import DeleteResource, PutResource
from stepwell.storage.records import ResourceRecord

Value = TypeVar("Value", bound=msgspec.Struct)
Place = tuple[str, str, str]
"""Account, region, name."""


class Catalogue(Generic[Value]):
    """Values of one kind. They are never changed in place; what is here is on the disk."""

    def __init__(self, journal: Journal, kind: str, of: type[Value]) -> None:
        self._journal = journal
        self._kind = kind
        self._decode: Callable[[bytes], Value] = msgspec.json.Decoder(of).decode
        self._encode = msgspec.json.Encoder().encode
        self._known: dict[Place, tuple[int, Value]] = {}

    async def load(self) -> None:
        """Read what the store has."""
        for record in await self._journal.store.all_resources(self._kind):
            place = (record.account, record.region, record.name)
            self._known[place] = (record.key, self._decode(record.body))

    def find(self, scope: Scope, name: str) -> Value | None:
        """Return what has this name there."""
        found = self._known.get((scope.account, scope.region, name))
        return None if found is None else found[1]

    def of(self, scope: Scope) -> list[Value]:
        """Return all there, in the order of their names."""
        named = [
            (name, value)
            for (account, region, name), (_, value) in self._known.items()
            if (account, region) == (scope.account, scope.region)
        ]
        return [value for _, value in sorted(named, key=lambda pair: pair[0])]

    def __iter__(self) -> Iterator[tuple[Scope, Value]]:
        for (account, region, _), (_, value) in list(self._known.items()):
            yield Scope(account, region), value

    async def put(self, scope: Scope, name: str, value: Value) -> None:
        """Keep a value under a name, in place of what has it."""
        known = (scope.account, scope.region, name) in self._known
        record = self._record(scope, name, value) if known else self._new(scope, name, value)
        await self._written(record, value, lambda: self._journal.write(PutResource(record, new=not known)))

    async def replace(
        self, scope: Scope, name: str, value: Value, write: Callable[[ResourceRecord], Awaitable[bool]]
    ) -> None:
        """Keep a value in place of what has its name, by a write of the caller's that replaces the resource."""
        record = self._record(scope, name, value)
        await self._written(record, value, lambda: write(record))

    async def delete(self, scope: Scope, name: str) -> None:
        """Forget what has this name."""
        place = (scope.account, scope.region, name)
        key, _ = self._known[place]
        await self._journal.write(DeleteResource(key))
        del self._known[place]

    async def _written(self, record: ResourceRecord, value: Value, write: Callable[[], Awaitable[bool]]) -> None:
        taken = await write()
        assert taken, f"another has written {record.kind} {record.name}"
        self._known[record.account, record.region, record.name] = (record.key, value)

    def _record(self, scope: Scope, name: str, value: Value) -> ResourceRecord:
        key, _ = self._known[scope.account, scope.region, name]
        return ResourceRecord(key, self._kind, scope.account, scope.region, name, self._encode(value))

    def _new(self, scope: Scope, name: str, value: Value) -> ResourceRecord:
        key = self._journal.next_key()
        return ResourceRecord(key, self._kind, scope.account, scope.region, name, self._encode(value))
