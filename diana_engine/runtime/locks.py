"""A lock per key that costs nothing once nobody holds it or waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

__all__ = ["KeyedLocks"]

Key = TypeVar("Key", bound=Hashable)


class _Entry:
    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class KeyedLocks(Generic[Key]):
    """Locks by key: first come, first served for one key, and independent of every other key.

    An entry lives from the first who wants it to the last who leaves it, so the memory follows who is active now and
    not who ever was. (A weak dictionary would do nearly the same, a turn of the garbage collector later.)
    """

    def __init__(self) -> None:
        self._entries: dict[Key, _Entry] = {}

    def __len__(self) -> int:
        """Return how many keys are held or waited for."""
        return len(self._entries)

    @asynccontextmanager
    async def hold(self, key: Key) -> AsyncIterator[None]:
        """Hold the key's lock for the length of a block."""
        entry = self._entries.setdefault(key, _Entry())
        entry.users += 1
        try:
            async with entry.lock:
                yield
        finally:
            entry.users -= 1
            if not entry.users:
                del self._entries[key]
