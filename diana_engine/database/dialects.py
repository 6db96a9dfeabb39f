"""The one statement that SQLite and PostgreSQL write alike and SQLAlchemy does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["insert_if_absent"]


async def insert_if_absent(
    connection: AsyncConnection, table: Table, values: Mapping[str, Any]
) -> bool:
    """Insert a row unless one with a key of it is there; return whether it was inserted.

    On PostgreSQL this waits for a transaction that is just inserting the same key, and then knows what came of it.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return (await connection.execute(statement, values)).rowcount == 1
