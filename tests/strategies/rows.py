"""Rows for every table of a database, made from its columns alone, so that a new table is never forgotten."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, Table, insert, select

from diana_engine.database.connect import Database
from diana_engine.database.tables import diana_schema, metadata, stories
from diana_engine.play.saved import encode_state
from diana_engine.play.state import PlayerState

__all__ = ["OTHER", "SECRET", "SOMEBODY", "contents", "fill"]

SOMEBODY = "telegram:42/70071"
OTHER = "telegram:42/80081"
SECRET = "Ana-Lucía-was-here"
"""Stands in every column that could hold a player's words."""


def _value(table: Table, column: Column[Any], n: int, player: str) -> Any:
    if column.foreign_keys:
        return 1
    match column.name:
        case "player":
            return player
        case "chat":
            return player.partition("/")[2]
        case "channel":
            return "telegram:42"
        case "state" if table.name == "players":
            state = PlayerState(7, "main.hall", values={"nickname": SECRET})
            return json.dumps(encode_state(state))
        case "state":
            return "ready"
        case "payload" | "action" | "detail":
            return json.dumps({"text": f"{SECRET} {n}" if "player" in table.c else n})
        case "position" if table.name == "events":
            return None
    match column.type:
        case Boolean():
            return True
        case Integer() | BigInteger():
            return n
        case LargeBinary():
            return f"bytes {table.name} {n}".encode()
        case _:
            return f"{column.name[:5]} {n}"


async def fill(database: Database, players: tuple[str, ...] = (SOMEBODY, OTHER)) -> None:
    """Put a row for each player into every table, and one into those that know no player."""
    async with database.transaction(writes=True) as connection:
        for table in metadata.sorted_tables:
            if table in (diana_schema, stories):
                continue
            once = "player" not in table.c and "chat" not in table.c
            for n, player in enumerate(players[:1] if once else players, start=1):
                row = {
                    column.name: _value(table, column, n, player)
                    for column in table.columns
                    if column.name != "id" or not column.primary_key  # numbered by the database
                }
                await connection.execute(insert(table).values(row))
        await connection.execute(insert(stories).values(story="s", version_id=1))


async def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    async with database.transaction(writes=False) as connection:
        found = {}
        for table in metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key)
            found[table.name] = [dict(row) for row in (await connection.execute(query)).mappings()]
        return found
