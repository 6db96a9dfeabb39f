"""From a URL to a database that is ready for use.

SQLite is told, on every connection, what the promise of a step rests on: a write-ahead log with `synchronous=FULL`, so
that a commit survives a power cut, and `BEGIN IMMEDIATE` for every transaction that writes. A transaction that reads
first and writes later is refused as busy, however long its timeout, when somebody else wrote in between.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, NullPool, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from diana_engine.database.address import Address, address_of, check_file
from diana_engine.database.dialects import unhurried
from diana_engine.database.faults import FAULTS, in_words
from diana_engine.database.postgresql.pool import SETTINGS, SILENCE
from diana_engine.database.schema import prepare
from diana_engine.errors import DianaError

__all__ = ["Database", "Work", "keep_promises", "open_database"]

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_EXTRAS = {"sqlite": "diana-engine", "postgresql": "diana-engine[postgresql]"}

_CONNECT: dict[str, Any] = {"server_settings": SETTINGS, "timeout": 10}
_WRITES = "diana_writes"
_MOMENT = 0.005
"""Seconds between two tries to change a new file's mode. The change itself takes about a millisecond."""

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]
"""What is done within one transaction."""


class Database:
    """An open database. Close it, or use it as an async context manager."""

    def __init__(
        self, engine: AsyncEngine, slow: AsyncEngine, address: Address, patience: float
    ) -> None:
        self._engine = engine
        self._slow = slow
        self._dependents: list[Callable[[], Awaitable[None]]] = []
        self._writer = asyncio.Lock()
        # In a dict, because the order of a set differs from run to run.
        self._running: dict[asyncio.Task[Any], None] = {}
        self.address = address
        self.patience = patience
        self.place = address.place
        """The database in words, without secrets: for messages."""

    async def read(self, work: Work[Result], *, slow: bool = False) -> Result:
        """Do `work` in a transaction that only reads, and return what it returns. Keep it short, or say that it is slow.

        Raises:
            DianaError: the database cannot be used, in words for the operator.
        """
        return await self._complete(work, writes=False, slow=slow)

    async def write(self, work: Work[Result], *, slow: bool = False) -> Result:
        """Do `work` in a transaction, and return what it returns once that is durable.

        An exception undoes all of it. Who is cancelled meanwhile does not know what became of it.

        Raises:
            DianaError: the database cannot be used, in words for the operator.
        """
        return await self._complete(work, writes=True, slow=slow)

    async def _complete(self, work: Work[Result], *, writes: bool, slow: bool) -> Result:
        # A driver that is cancelled in the middle of a statement drops its connection as it is, and with it, on
        # SQLite, the only write lock. So the transaction runs to its end, and only the waiting can be cancelled.
        async def run() -> Result:
            async with self.transaction(writes=writes, slow=slow) as connection:
                return await work(connection)

        task = asyncio.create_task(run())
        self._running[task] = None
        task.add_done_callback(self._running.pop)
        return await asyncio.shield(task)

    @asynccontextmanager
    async def transaction(
        self, *, writes: bool, slow: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Give the connection of one transaction; for who is never cancelled, else see `read` and `write`.

        What is `slow` may take as long as it takes: nobody gives it up, neither the server nor who waits for its answers.

        Raises:
            DianaError: the database cannot be used, in words for the operator.
        """
        try:
            engine = self._slow if slow else self._engine
            async with self._turn(writes), engine.connect() as bare:
                connection = await bare.execution_options(**{_WRITES: writes})
                async with connection.begin():
                    if slow:
                        await unhurried(connection)
                    yield connection
        except FAULTS as error:
            known = in_words(error, self.place)
            if known is None:
                raise
            raise known from error

    def _turn(self, writes: bool) -> AbstractAsyncContextManager[object]:
        # SQLite has one writer, and its lock is not fair: waiting here is first come, first served.
        return self._writer if writes and self._engine.dialect.name == "sqlite" else nullcontext()

    def before_closing(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something closed before the database is."""
        self._dependents.append(close)

    async def close(self) -> None:
        """Let running transactions end, and close every connection."""
        while self._dependents:
            await self._dependents.pop()()
        while self._running:
            await asyncio.wait(list(self._running))
        for engine in (self._slow, self._engine):
            await engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def open_database(url: str, *, create: bool = True, patience: float = 5.0) -> Database:
    """Open the database at `url`; an older one is carried up to this Diana's schema.

    Args:
        url: a SQLite file's path, ``sqlite:///file.db`` or ``postgresql://user:password@host/name``.
        create: whether a SQLite file that is not there shall be made, and a database without Diana's tables get them.
        patience: how many seconds to wait for another program that holds a SQLite file.

    Raises:
        DianaError: it cannot be opened, is not Diana's, or was made by a newer Diana; no message holds a password.
    """
    address = address_of(url)
    if address.file is not None:
        check_file(address.file, create=create)
    engine = _engine(address, patience)
    # In a file nobody but the writer is waited for, and it has its own patience.
    slow = engine if address.file is not None else _unhurried(address)
    database = Database(engine, slow, address, patience)
    try:
        await prepare(database, create=create)
    except BaseException as error:
        await database.close()
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
        if isinstance(error, TypeError) and unknown:
            # asyncpg takes a URL's options as arguments.
            raise DianaError(
                f"The database URL has an option that asyncpg does not know: `{unknown[1]}`."
            ) from None
        raise
    return database


# The engine --------------------------------------------------------------------------------------


def _engine(address: Address, patience: float) -> AsyncEngine:
    arguments: dict[str, Any]
    match address.backend:
        case "sqlite":
            arguments = {"connect_args": {"timeout": patience}, "pool_size": 8}
        case _:
            arguments = {
                "connect_args": {**_CONNECT, "command_timeout": SILENCE},
                "pool_pre_ping": True,
                "pool_size": 16,
            }
    try:
        # No overflow: a connection beyond the pool would be opened, told its settings and closed for one transaction.
        engine = create_async_engine(address.url, max_overflow=0, **arguments)
    except ModuleNotFoundError as error:
        raise DianaError(
            f"{_NAMES[address.backend]} needs a package that is not installed. Install it with "
            f"`pip install '{_EXTRAS[address.backend]}'`."
        ) from error
    if address.backend == "sqlite":
        keep_promises(engine.sync_engine, address.place, patience)
    return engine


def _unhurried(address: Address) -> AsyncEngine:
    """Return an engine for what is seldom done and may take an hour; it keeps no connection."""
    return create_async_engine(address.url, poolclass=NullPool, connect_args=_CONNECT)


# SQLite's part ------------------------------------------------------------------------------------


def keep_promises(engine: Engine, place: str, patience: float = 5.0) -> None:
    """Make every connection of an engine durable, and every transaction that writes immediate.

    `patience` is how many seconds a new connection waits for others that open the same new file.
    """

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `on_begin` does
        cursor = connection.cursor()
        try:
            mode = _write_ahead(cursor, patience)
            for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = FAST"):
                cursor.execute(f"PRAGMA {pragma}")
        finally:
            cursor.close()
        if mode != "wal":
            # SQLite goes on without a word, and then readers and the writer block each other.
            raise DianaError(
                f"{place} lies where SQLite cannot keep a write-ahead log, such as on a network drive. "
                f"Put it on a local disk."
            )

    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


def _write_ahead(cursor: Any, patience: float) -> str:
    """Ask for a write-ahead log; return the mode the file has then.

    Two who change the mode of one new file at once would wait for each other, so SQLite refuses one of them at once,
    whatever its timeout; that one tries again, and finds the mode changed.
    """
    until = time.monotonic() + patience
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(_MOMENT)
        else:
            (mode,) = cursor.fetchone()
            return str(mode)
