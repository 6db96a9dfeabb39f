"""The store in SQLite, put together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from diana_engine.database.faults import in_words
from diana_engine.database.ports.decisions import Decide, Delivery, Failure, Stored
from diana_engine.database.ports.history import Purged
from diana_engine.database.ports.plays import Clock, PlayerRecord, PlayKey
from diana_engine.database.scripts.events import SqlEvents
from diana_engine.database.scripts.history import SqlHistory
from diana_engine.database.scripts.outbox import SqlOutbox
from diana_engine.database.scripts.parking import park
from diana_engine.database.scripts.purging import purge_by_number
from diana_engine.database.scripts.script import Result, Script
from diana_engine.database.scripts.timers import SqlTimers
from diana_engine.database.sqlite.connection import connect, ended, run
from diana_engine.database.sqlite.steps import find
from diana_engine.database.sqlite.worker import Job, Worker
from diana_engine.database.sqlite.writer import Place, Writer
from diana_engine.database.steps.remembered import Remembered
from diana_engine.database.steps.settle import Order

__all__ = ["SqliteStore"]


class SqliteStore:
    """A `Store` in a SQLite file; close it when all is done.

    Writing has a thread and a connection, reading has others: a reader sees what was committed last, and waits for nobody.
    """

    def __init__(self, place: Place, clock: Clock) -> None:
        self._writer = Writer(place, clock)
        self._reader = _Reader(place)
        self.players = _Players(self._writer, self._reader, clock)
        runner = _Runner(self._writer, self._reader)
        self.outbox = SqlOutbox(runner)
        self.timers = SqlTimers(runner)
        self.events = SqlEvents(runner, numbers=False)
        self.history = SqlHistory(runner, clock)
        self.upkeep = _Upkeep(self._writer, runner)

    async def close(self) -> None:
        """Finish what waits, empty the write-ahead log, and close the file."""
        await self._reader.close()
        await self._writer.close()


class _Reader:
    """Does all that only reads."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._known = Remembered()
        self._connection: sqlite3.Connection | None = None
        self._worker = Worker("diana-reader", self._run, self._end)

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play."""
        record: PlayerRecord | None = await self._worker.do(
            lambda connection: find(connection, play, self._known)
        )
        return record

    async def read(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script that only reads."""
        result: Result = await self._worker.do(lambda connection: run(make(), connection))
        return result

    async def close(self) -> None:
        """Finish what waits."""
        await self._worker.close()

    def _run(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                if self._connection is None:
                    self._connection = connect(self._place.file, self._place.patience, writes=False)
                self._connection.execute("BEGIN")
                job.result = job.work(self._connection)
            except Exception as error:  # noqa: BLE001 - it is the asker's own, and comes out there
                job.error = in_words(error, self._place.name) or error
            finally:
                # A reader that stays open would keep the log from being emptied.
                self._connection = ended(self._connection)

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Runner:
    """Runs scripts on the thread that is theirs."""

    def __init__(self, writer: Writer, reader: _Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def read(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script that only reads."""
        return await self._reader.read(make)

    async def write(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script; once this returns, what it did is durable."""
        return await self._writer.write(make)


class _Players:
    """A `PlayerStore` in SQLite."""

    def __init__(self, writer: Writer, reader: _Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def step(self, play: PlayKey, delivery: Delivery | None, decide: Decide, /) -> Stored:
        """Handle one delivery; once this returns, it is durable."""
        return await self._writer.step(Order(play, delivery, decide))

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play without locking it."""
        return await self._reader.find(play)

    async def park(self, play: PlayKey, failure: Failure, /, *, after: int) -> bool:
        """Note that a delivery failed; return whether it was given up."""
        now = self._clock()
        return await self._writer.write(lambda: park(play, failure, after, now))


class _Upkeep:
    """An `Upkeep` in SQLite."""

    def __init__(self, writer: Writer, runner: _Runner) -> None:
        self._writer = writer
        self._runner = runner

    async def purge(self, *, inbox: int, outbox: int, events: int) -> Purged:
        """Remove what is older than these times and done with."""
        return await purge_by_number(self._runner, inbox=inbox, outbox=outbox, events=events)

    async def checkpoint(self) -> int:
        """Empty the write-ahead log; return the bytes that are left of it."""
        return await self._writer.checkpoint()
