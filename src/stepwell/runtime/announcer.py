"""What the shell knows of the event bus."""

from typing import Protocol

from stepwell.storage.records import DeliveryRecord, Turn


class Announcer(Protocol):
    """Whoever makes deliveries of turns: the event bus."""

    announces: bool
    """Whether any turn may bring a delivery about; else none is looked at."""

    def announced(self, turn: Turn) -> list[DeliveryRecord]:
        """Return the deliveries of a turn, which are committed with it."""

    def look(self) -> None:
        """Take note that deliveries are on the disk."""
