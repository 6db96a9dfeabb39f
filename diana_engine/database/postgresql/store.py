"""The store in PostgreSQL, put together."""

from __future__ import annotations

from sqlalchemy import URL

from diana_engine.database.ports.decisions import Decide, Delivery, Failure, Stored
from diana_engine.database.ports.history import Purged
from diana_engine.database.ports.plays import Clock, PlayerRecord, PlayKey
from diana_engine.database.postgresql.batches import Batches
from diana_engine.database.postgresql.pool import Pool
from diana_engine.database.postgresql.steps import find
from diana_engine.database.scripts.events import SqlEvents
from diana_engine.database.scripts.history import SqlHistory
from diana_engine.database.scripts.outbox import SqlOutbox
from diana_engine.database.scripts.parking import park
from diana_engine.database.scripts.purging import purge
from diana_engine.database.scripts.timers import SqlTimers
from diana_engine.database.steps.remembered import Remembered
from diana_engine.database.steps.settle import Order

__all__ = ["PostgresqlStore"]


class PostgresqlStore:
    """A `Store` in PostgreSQL; close it when all is done. Any number of them may work on one database."""

    def __init__(self, url: URL, place: str, clock: Clock) -> None:
        self._pool = Pool(url, place)
        known = Remembered()
        self._batches = Batches(self._pool, place, clock, known)
        self.players = _Players(self._pool, self._batches, clock, known)
        self.outbox = SqlOutbox(self._pool)
        self.timers = SqlTimers(self._pool)
        self.events = SqlEvents(self._pool, numbers=True)
        self.history = SqlHistory(self._pool, clock)
        self.upkeep = _Upkeep(self._pool)

    async def close(self) -> None:
        """Finish what waits, and close every connection."""
        await self._batches.close()
        await self._pool.close()


class _Players:
    """A `PlayerStore` in PostgreSQL."""

    def __init__(self, pool: Pool, batches: Batches, clock: Clock, known: Remembered) -> None:
        self._pool = pool
        self._batches = batches
        self._clock = clock
        self._known = known

    async def step(self, play: PlayKey, delivery: Delivery | None, decide: Decide, /) -> Stored:
        """Handle one delivery; once this returns, it is durable."""
        return await self._batches.step(Order(play, delivery, decide))

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play without locking it."""
        async with self._pool.transaction() as connection:
            return await find(connection, play, self._known)

    async def park(self, play: PlayKey, failure: Failure, /, *, after: int) -> bool:
        """Note that a delivery failed; return whether it was given up."""
        now = self._clock()
        return await self._pool.write(lambda: park(play, failure, after, now))


class _Upkeep:
    """An `Upkeep` in PostgreSQL."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def purge(self, *, inbox: int, outbox: int, events: int) -> Purged:
        """Remove what is older than these times and done with."""
        return await purge(self._pool, inbox=inbox, outbox=outbox, events=events)

    async def checkpoint(self) -> int:
        """Leave the files to the server."""
        return 0
