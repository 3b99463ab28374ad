"""The resources of the other services on the port, in memory."""

import heapq

from stepwell.storage.records import ResourceRecord

Place = tuple[str, str, str]
"""Kind, account, region."""

Listed = list[ResourceRecord]


class Resources:
    """Resources by what they are found by."""

    def __init__(self) -> None:
        self._named: dict[Place, dict[str, ResourceRecord]] = {}

    def put(self, resource: ResourceRecord, *, new: bool) -> bool:
        """Keep a resource; return False where a new one's name is taken, or the one to replace is another or gone."""
        named = self._named.setdefault((resource.kind, resource.account, resource.region), {})
        old = named.get(resource.name)
        if (old is not None) if new else (old is None or old.key != resource.key):
            return False
        named[resource.name] = resource
        return True

    def delete(self, key: int) -> None:
        """Forget a resource, where it is there."""
        for named in self._named.values():
            for name in [resource.name for resource in named.values() if resource.key == key]:
                del named[name]

    def find(self, place: Place, name: str) -> ResourceRecord | None:
        """Return a resource."""
        return self._named.get(place, {}).get(name)

    def list(self, place: Place, prefix: str, limit: int, after: int | None) -> Listed:
        """List resources whose names begin with a prefix, oldest first."""
        found = (
            resource
            for resource in self._named.get(place, {}).values()
            if resource.name.startswith(prefix) and (after is None or resource.key > after)
        )
        return heapq.nsmallest(limit, found, key=lambda resource: resource.key)

    def all(self, kind: str) -> Listed:
        """Return the resources of a kind, wherever they are, oldest first."""
        found = (named.values() for place, named in self._named.items() if place[0] == kind)
        return sorted((resource for named in found for resource in named), key=lambda resource: resource.key)

    def newest_key(self) -> int:
        """Return the highest key, 0 where there is none."""
        return max((resource.key for named in self._named.values() for resource in named.values()), default=0)
