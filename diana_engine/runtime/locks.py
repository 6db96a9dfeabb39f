"""A lock per key that costs nothing once nobody holds it or waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
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

    def hold(self, key: Key) -> _Held[Key]:
        """Hold the key's lock for the length of a block: `async with locks.hold(key):`."""
        return _Held(self._entries, key)


class _Held(Generic[Key]):
    """One wish to hold a lock; by hand, since a generator for each step takes longer than the lock."""

    __slots__ = ("_entries", "_entry", "_key")

    def __init__(self, entries: dict[Key, _Entry], key: Key) -> None:
        self._entries = entries
        self._key = key

    async def __aenter__(self) -> None:
        entry = self._entries.get(self._key)
        if entry is None:
            entry = self._entries[self._key] = _Entry()
        self._entry = entry
        entry.users += 1
        try:
            await entry.lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._entry.lock.release()
        self._leave()

    def _leave(self) -> None:
        self._entry.users -= 1
        if not self._entry.users:
            del self._entries[self._key]
