"""Definitions, by revision: compiled, or read for what they use, when first needed; kept while in use."""

from collections import OrderedDict

from stepwell.language.compiler import compile_definition
from stepwell.language.definition import Definition
from stepwell.language.references import Uses, uses_of
from stepwell.language.source import value_of
from stepwell.storage.port import Store
from stepwell.storage.records import RevisionRecord

KEPT = 1_000


class Definitions:
    """A bounded cache of revisions with their compiled definitions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[int, tuple[RevisionRecord, Definition]] = OrderedDict()

    def find(self, revision: int) -> tuple[RevisionRecord, Definition] | None:
        """Return a revision and its definition where they are in memory."""
        found = self._kept.get(revision)
        if found is not None:
            self._kept.move_to_end(revision)
        return found

    async def get(self, revision: int) -> tuple[RevisionRecord, Definition]:
        """Return a revision and its definition."""
        found = self.find(revision)
        if found is None:
            record = await self._store.revision(revision)
            if record is None:
                raise LookupError(f"revision {revision} is not in the store")
            found = self._kept[revision] = (record, compile_definition(value_of(record.definition)))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


class UsesByRevision:
    """A bounded cache of what the definitions of revisions use; these need not be such as can be run."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Uses] = OrderedDict()

    def get(self, revision: RevisionRecord) -> Uses:
        """Return what a revision's definition uses."""
        found = self._kept.get(revision.key)
        if found is None:
            found = self._kept[revision.key] = uses_of(value_of(revision.definition))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(revision.key)
        return found
