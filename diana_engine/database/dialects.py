"""What every repository needs of SQLAlchemy, and what it does not write alike for both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Query", "fetched", "insert_if_absent"]

Query = Select[*tuple[Any, ...]]
"""A query whose columns are told by the record that they are read into."""


async def fetched(connection: AsyncConnection, query: Query) -> list[tuple[Any, ...]]:
    """Return every row of a query."""
    return [tuple(row) for row in (await connection.execute(query)).all()]


async def insert_if_absent(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any]
) -> bool:
    """Insert a row unless one with a key of it is there; return whether it was inserted.

    On PostgreSQL this waits for a transaction that is just inserting the same key, and then knows what came of it.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return (await connection.execute(statement, values)).rowcount == 1
