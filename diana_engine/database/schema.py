"""Giving a database its tables, and refusing one that this Diana cannot know."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.live_tables import LIVE
from diana_engine.database.tables import SCHEMA_VERSION, diana_schema, metadata
from diana_engine.errors import DianaError

__all__ = ["prepare"]

_log = logging.getLogger(__name__)

# Any number will do, as long as every Diana uses the same.
_LOCK = 0x6469616E61

_FIRST = 1
"""The schema of the oldest Diana whose databases are carried up."""

T = TypeVar("T")


class _Database(Protocol):
    """The part of `connect.Database` that is needed here; that module imports this one."""

    place: str

    async def read(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T: ...

    async def write(
        self, work: Callable[[AsyncConnection], Awaitable[T]], *, slow: bool = False
    ) -> T: ...


async def prepare(database: _Database, *, create: bool = True) -> None:
    """Make the tables if there are none yet and `create` allows it, or carry up older ones.

    It is safe when several processes open a database at once.

    Raises:
        DianaError: a newer Diana made the database, it holds tables of the same names that are not Diana's, or it has no
            table of Diana's and shall get none: who only looks must not leave tables in another program's database.
    """
    found = await database.read(lambda connection: connection.run_sync(_version))
    if found is None and not create:
        raise DianaError(
            f"{database.place} holds nothing of Diana's, and was left as it is. Name another with `--database`, or make this "
            f"one Diana's with `diana compile STORY`."
        )
    if found is None:
        found = await database.write(lambda connection: _create(connection, database.place))
    if _FIRST <= found < SCHEMA_VERSION:
        _log.info("the database is carried up from schema %d to %d", found, SCHEMA_VERSION)
        found = await database.write(_carry, slow=True)
    if found != SCHEMA_VERSION:
        age = "a newer" if found > SCHEMA_VERSION else "an older"
        raise DianaError(
            f"{database.place} was made by {age} version of Diana (schema {found}; this one knows "
            f"{SCHEMA_VERSION}). Use that version, or name another database."
        )


async def _carry(connection: AsyncConnection) -> int:
    from diana_engine.database.migrations.carry import carry

    await _lock(connection)
    found = await connection.run_sync(_version)  # another process may have been quicker
    assert found is not None, "a database does not lose its schema"
    if found < SCHEMA_VERSION:
        await connection.run_sync(lambda inner: carry(inner, found, SCHEMA_VERSION))
    return await connection.run_sync(_version) or found


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(diana_schema.name):
        return None
    return connection.execute(select(diana_schema.c.version)).scalar_one_or_none()


async def _create(connection: AsyncConnection, place: str) -> int:
    await _lock(connection)
    found = await connection.run_sync(_version)
    if found is not None:
        return found
    strangers = await connection.run_sync(_present)
    if strangers:
        raise DianaError(
            f"{place} already holds tables of another program ({', '.join(strangers)}). Give Diana "
            f"a database of its own."
        )
    assert set(LIVE) <= set(metadata.tables.values()), "all tables are known before they are made"
    await connection.run_sync(metadata.create_all)
    await connection.execute(insert(diana_schema).values(version=SCHEMA_VERSION))
    return SCHEMA_VERSION


async def _lock(connection: AsyncConnection) -> None:
    """Let nobody else change the schema in this transaction; SQLite's write lock does so by itself."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _present(connection: Connection) -> list[str]:
    """Return the tables that are in the way: any in a file, which is one program's; in a server's database those of our names."""
    there = set(inspect(connection).get_table_names())
    return sorted(there if connection.dialect.name == "sqlite" else there & set(metadata.tables))
