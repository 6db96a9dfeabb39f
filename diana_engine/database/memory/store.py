"""The store in memory, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from diana_engine.database.memory.events import MemoryEvents
from diana_engine.database.memory.history import MemoryHistory, MemoryUpkeep
from diana_engine.database.memory.outbox import MemoryOutbox
from diana_engine.database.memory.players import MemoryPlayers
from diana_engine.database.memory.tables import Door, Tables
from diana_engine.database.memory.timers import MemoryTimers
from diana_engine.database.ports.plays import Clock

__all__ = ["MemoryStore"]


class MemoryStore:
    """A `Store` in memory, as correct as the others and as gone as the process.

    Args:
        clock: seconds since 1970 in UTC.
        pause: awaited before and after every call, so that a simulation sees calls overlap as they do on a database.
        tables: what is stored; several stores on the same tables are several workers on one database.
    """

    def __init__(
        self,
        clock: Clock,
        pause: Callable[[], Awaitable[object]] | None = None,
        tables: Tables | None = None,
    ) -> None:
        door = Door(Tables() if tables is None else tables, pause)
        self.players = MemoryPlayers(door, clock)
        self.outbox = MemoryOutbox(door)
        self.timers = MemoryTimers(door)
        self.events = MemoryEvents(door)
        self.history = MemoryHistory(door, clock)
        self.upkeep = MemoryUpkeep(door)
