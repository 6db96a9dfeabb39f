"""A lock per key that costs nothing once nobody holds it or waits for it, and does not let any number wait."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from diana_engine.errors import DianaError

__all__ = ["ANY", "BusyError", "KeyedLocks", "Room"]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Room:
    """How many may hold a lock or wait for one: `most` in all, `each` for one key."""

    most: int
    each: int


ANY = Room(sys.maxsize, sys.maxsize)
"""Room for any number."""


class BusyError(DianaError):
    """So many wait already, in all or for one key, that one more would wait too long."""

    def __init__(self, full: Literal["all", "one"]) -> None:
        whose = "of one player" if full == "one" else "of all players"
        super().__init__(f"Too many requests {whose} wait at this moment; this one can be made again a little later.")  # fmt: skip
        self.full = full


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

    def __init__(self, room: Room = ANY) -> None:
        self._entries: dict[Key, _Entry] = {}
        self._room = room
        self._users = 0

    def __len__(self) -> int:
        """Return how many keys are held or waited for."""
        return len(self._entries)

    def hold(self, key: Key) -> _Held[Key]:
        """Hold the key's lock for the length of a block: `async with locks.hold(key):`.

        Entering raises a `BusyError` if too many wait already.
        """
        return _Held(self, key)

    def enter(self, key: Key) -> _Entry:
        """Take a place among those who hold a key's lock or wait for it; `leave` gives it back.

        Raises:
            BusyError: there is none.
        """
        if self._users >= self._room.most:
            raise BusyError("all")
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry()
        elif entry.users >= self._room.each:
            raise BusyError("one")
        entry.users += 1
        self._users += 1
        return entry

    def leave(self, key: Key, entry: _Entry) -> None:
        """Give a place back."""
        self._users -= 1
        entry.users -= 1
        if not entry.users:
            del self._entries[key]


class _Held(Generic[Key]):
    """One wish to hold a lock; by hand, since a generator for each step takes longer than the lock."""

    __slots__ = ("_entry", "_key", "_locks")

    def __init__(self, locks: KeyedLocks[Key], key: Key) -> None:
        self._locks = locks
        self._key = key

    async def __aenter__(self) -> None:
        self._entry = entry = self._locks.enter(self._key)
        try:
            await entry.lock.acquire()
        except BaseException:
            self._locks.leave(self._key, entry)
            raise

    async def __aexit__(self, *_: object) -> None:
        self._entry.lock.release()
        self._locks.leave(self._key, self._entry)
