"""The one writer: steps and scripts that wait share a transaction, and one that fails takes no other with it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diana_engine.database.faults import in_words
from diana_engine.database.ports.decisions import LedgerError, Stored
from diana_engine.database.ports.plays import Clock
from diana_engine.database.scripts.script import Result, Script
from diana_engine.database.sqlite.connection import connect, ended, run
from diana_engine.database.sqlite.steps import look_up, write
from diana_engine.database.sqlite.worker import Job, Worker
from diana_engine.database.steps.remembered import OvertakenError, Remembered, overtaken
from diana_engine.database.steps.settle import Order, settle
from diana_engine.database.steps.written import Written

__all__ = ["LARGE_LOG", "Place", "Writer"]

_log = logging.getLogger(__name__)

LARGE_LOG = 64 * 2**20
"""Bytes of write-ahead log at which something is wrong: a reader that was left open keeps it from being emptied."""

_CHECKPOINT = 100
"""Milliseconds that a checkpoint waits for readers."""

_LOOKS = 256
"""Batches between two looks at the size of the log."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database's file, what it is called in messages, and how many seconds to wait for another program."""

    file: Path
    name: str
    patience: float = 5.0

    @property
    def log_size(self) -> int:
        """The bytes of the write-ahead log."""
        try:
            return self.file.with_name(f"{self.file.name}-wal").stat().st_size
        except OSError:
            return 0


class Writer:
    """Does all that writes, in order of arrival.

    A job is a `settle.Order` or a function that makes a script.
    """

    def __init__(self, place: Place, clock: Clock) -> None:
        self._place = place
        self._clock = clock
        self._known = Remembered()
        self._connection: sqlite3.Connection | None = None
        self._batches = 0
        self._worker = Worker("diana-writer", self._run, self._end)

    async def step(self, order: Order) -> Stored:
        """Make a step."""
        stored: Stored = await self._worker.do(order, order.player)
        return stored

    async def write(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script."""
        result: Result = await self._worker.do(make)
        return result

    async def checkpoint(self) -> int:
        """Bring the write-ahead log into the database and empty it; return the bytes that are left of it."""
        left: int = await self._worker.do(_Checkpoint())
        return left

    async def close(self) -> None:
        """Finish what waits, and empty the write-ahead log."""
        await self._worker.close()

    # On the thread ------------------------------------------------------------------------------

    def _run(self, jobs: Sequence[Job]) -> None:
        """Do a batch; if the batch as a whole fails because of one job, do each by itself."""
        checkpoints = [job for job in jobs if isinstance(job.work, _Checkpoint)]
        jobs = [job for job in jobs if not isinstance(job.work, _Checkpoint)]
        if jobs:
            error = self._attempt(jobs)
            if error is not None and len(jobs) > 1 and in_words(error, "") is None:
                for job in jobs:
                    self._fail([job], self._attempt([job]))
            else:
                self._fail(jobs, error)
        for job in checkpoints:
            self._checkpoint(job)
        self._batches += 1
        if self._batches % _LOOKS == 0:
            self._watch()

    def _attempt(self, jobs: Sequence[Job]) -> Exception | None:
        """Do a batch in one transaction; return the error if nothing of it was done."""
        try:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return error
        try:
            written = self._settle(jobs, connection)
            write(connection, written)
            for job in jobs:
                if not isinstance(job.work, Order):
                    _run_script(job, connection)
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - each job is told, and the thread must live on
            self._connection = ended(connection)
            return error
        self._remember(jobs)
        return None

    def _settle(self, jobs: Sequence[Job], connection: sqlite3.Connection) -> Written:
        written, now = Written(), self._clock()
        steps = [job for job in jobs if isinstance(job.work, Order)]
        found = look_up(connection, [job.work for job in steps], self._known)
        for job in steps:
            job.result = job.error = None
            try:
                job.result = settle(job.work, found, now, written)
            except Exception as error:  # noqa: BLE001 - it is the asker's own, and comes out there
                job.error = error
        return written

    def _remember(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if isinstance(job.result, Stored) and job.result.record is not None:
                self._known.put(job.work.name, job.result.record)

    def _fail(self, jobs: Sequence[Job], error: Exception | None) -> None:
        if error is None:
            return
        for job in jobs:
            job.result, job.error = None, self._in_words(error, job)

    def _in_words(self, error: Exception, job: Job) -> BaseException:
        if isinstance(error, sqlite3.IntegrityError) and isinstance(job.work, Order):
            words = str(error)
            if "ledger." in words or "balances" in words:
                told = LedgerError(words)
                told.__cause__ = error
                return told
        known = in_words(error, self._place.name)
        if isinstance(error, OvertakenError):
            known = overtaken(self._place.name)
        if known is None:
            return error
        known.__cause__ = error
        return known

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._place.file, self._place.patience, writes=True)
        return self._connection

    def _checkpoint(self, job: Job) -> None:
        try:
            connection = self._open()
            # It would wait for readers, and players for it.
            connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"PRAGMA busy_timeout = {round(self._place.patience * 1000)}")
            job.result = self._place.log_size
        except sqlite3.Error as error:
            job.error = self._in_words(error, job)

    def _watch(self) -> None:
        size = self._place.log_size
        if size > LARGE_LOG:
            _log.warning(
                "%s has a write-ahead log of %d MB: some program reads and never ends, such as a shell that was "
                "left open", self._place.name, size // 2**20,
            )  # fmt: skip

    def _end(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            # Then it is done at the next start; nothing depends on it.
            _log.info("the write-ahead log of %s stays: %s", self._place.name, error)
        self._connection.close()


class _Checkpoint:
    """The job of bringing the files in order, which no transaction may surround."""


def _run_script(job: Job, connection: sqlite3.Connection) -> None:
    make: Callable[[], Script[Any]] = job.work
    job.result = job.error = None
    connection.execute("SAVEPOINT script")
    try:
        job.result = run(make(), connection)
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite gave the whole transaction up, as on a full disk
        connection.execute("ROLLBACK TO script")
        job.error = error
    connection.execute("RELEASE script")
