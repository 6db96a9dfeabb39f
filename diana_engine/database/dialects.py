"""What every repository needs of SQLAlchemy, and what it does not write alike for both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Query", "at_one_moment", "fetched", "insert_if_absent", "unhurried"]

Query = Select[*tuple[Any, ...]]
"""A query whose columns are told by the record that they are read into."""


async def fetched(connection: AsyncConnection, query: Query) -> list[tuple[Any, ...]]:
    """Return every row of a query."""
    return [tuple(row) for row in (await connection.execute(query)).all()]


async def unhurried(connection: AsyncConnection) -> None:
    """Let a transaction take as long as it takes: millions of rows need more than the seconds that a step may have."""
    if connection.dialect.name == "postgresql":
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text(f"SET LOCAL {setting} = 0"))


async def at_one_moment(connection: AsyncConnection) -> None:
    """Let a transaction, which has not read yet and writes nothing, see everything as it is at one moment; in SQLite each does."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


async def insert_if_absent(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any]
) -> bool:
    """Insert a row unless one with a key of it is there; return whether it was inserted.

    On PostgreSQL this waits for a transaction that is just inserting the same key, and then knows what came of it.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return (await connection.execute(statement, values)).rowcount == 1
