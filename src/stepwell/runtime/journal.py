"""What whoever keeps state machines and activities needs of the engine."""

from typing import Protocol

from stepwell.storage.port import Store, Write


class Journal(Protocol):
    """Committed rows to read, and durable writes."""

    @property
    def store(self) -> Store:
        """The store: what is committed."""

    async def write(self, write: Write, /) -> bool:
        """Commit a write; whether it was taken."""

    def next_key(self) -> int:
        """Return a new key, above all others."""

    def now(self) -> int:
        """Return the time, in milliseconds since the epoch."""

    def random(self) -> float:
        """Return a number from 0 up to 1."""
