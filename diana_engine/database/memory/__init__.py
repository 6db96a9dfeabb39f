"""A store that keeps everything in memory: for tests and simulations, which it may make wait at every call."""

from diana_engine.database.memory.store import MemoryStore

__all__ = ["MemoryStore"]
