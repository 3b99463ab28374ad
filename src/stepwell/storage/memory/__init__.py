"""The store that forgets: everything in this process' memory."""

from stepwell.storage.memory.store import MemoryStore

__all__ = ["MemoryStore"]
