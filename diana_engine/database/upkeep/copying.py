"""Every row of one database into another, and what differs between the two kinds."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import at_one_moment
from diana_engine.database.live_tables import events
from diana_engine.database.tables import diana_schema, media, metadata, players, story_versions

__all__ = ["copy_rows", "count_rows", "is_empty", "settle_positions"]

_ROWS = 500
"""Rows that are in memory at a time; of files of media, one."""


async def copy_rows(source: Database, target: Database) -> int:
    """Copy every row as it is at one moment into an empty database, all or nothing; return how many."""
    copied = 0
    async with (
        source.transaction(writes=False, slow=True) as reading,
        target.transaction(writes=True, slow=True) as writing,
    ):
        await at_one_moment(reading)
        for table in metadata.sorted_tables:
            if table is not diana_schema:
                copied += await _copy(table, reading, writing)
        if writing.dialect.name == "postgresql":
            # What comes from SQLite is in the order of its numbers, and subscribers go by that.
            unread = events.c.position.is_(None)
            await writing.execute(update(events).where(unread).values(position=events.c.id))
    return copied


async def _copy(table: Table, reading: AsyncConnection, writing: AsyncConnection) -> int:
    copied = 0
    found = await reading.stream(select(table))
    async for rows in found.mappings().partitions(1 if table is media else _ROWS):
        await writing.execute(insert(table), [dict(row) for row in rows])
        copied += len(rows)
    if copied and writing.dialect.name == "postgresql":
        await _count_on(table, writing)
    return copied


async def _count_on(table: Table, connection: AsyncConnection) -> None:
    """Let PostgreSQL go on numbering behind the rows that brought their numbers along."""
    for column in table.columns:
        if column.name != "id" or not column.primary_key:
            continue
        sequence = func.pg_get_serial_sequence(literal(table.name), literal(column.name))
        await connection.execute(select(func.setval(sequence, func.max(column))))


async def settle_positions(database: Database) -> None:
    """Give events of a PostgreSQL the numbers that SQLite goes by: there an event's number is its position.

    What nobody has read yet has no position in a PostgreSQL, and comes last.
    """

    async def settle(connection: AsyncConnection) -> None:
        if not await connection.scalar(
            select(func.count()).select_from(events).where(events.c.position.is_not(None))
        ):
            return
        order = events.c.position.is_(None), events.c.position, events.c.id
        rows = (
            await connection.execute(select(events.c.id, events.c.position).order_by(*order))
        ).all()
        await connection.execute(update(events).values(id=-events.c.id))
        last, numbers = 0, []
        for old, position in rows:
            last = position if position is not None else last + 1
            numbers.append({"was": -old, "becomes": last})
        change = update(events).where(events.c.id == bindparam("was"))
        await connection.execute(change.values(id=bindparam("becomes"), position=None), numbers)

    await database.write(settle)


async def is_empty(database: Database) -> bool:
    """Return whether nobody has used a database yet."""

    async def look(connection: AsyncConnection) -> bool:
        counts = [
            await connection.scalar(select(func.count()).select_from(table))
            for table in (story_versions, players)
        ]
        return not any(counts)

    return await database.read(look)


def count_rows(connection: sqlite3.Connection) -> int:
    """Return how many rows a SQLite file has in Diana's tables.

    Raises:
        sqlite3.DatabaseError: it is no database, or not one of Diana's.
    """
    found: dict[str, Any] = dict.fromkeys(
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    )
    if diana_schema.name not in found:
        raise sqlite3.DatabaseError("not a database of Diana's")
    names = [name for name in metadata.tables if name in found]
    return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)
