"""All that is stored of one player: for who asks what happened, and for the player who asks what is known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import at_one_moment
from diana_engine.database.live_tables import events, outbox, step_log, timers
from diana_engine.database.ports.plays import PlayerKey
from diana_engine.database.tables import metadata, players
from diana_engine.database.upkeep.erasing import theirs

__all__ = ["Known", "known_of", "named"]

_JSON = frozenset(
    {players.c.state, events.c.payload, outbox.c.payload, timers.c.payload, step_log.c.action}
)
"""Columns that hold JSON as text."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Every row that is a player's, by table; tables without one are left out. Columns that hold JSON are read."""

    player: PlayerKey
    tables: Mapping[str, tuple[Row, ...]]

    def rows(self, table: Table) -> tuple[Row, ...]:
        """Return the rows of one table."""
        return self.tables.get(table.name, ())


async def named(database: Database, name: str) -> tuple[PlayerKey, ...]:
    """Return the players that a name may mean: a whole key such as ``telegram:42/7``, or what follows its slash."""
    query = select(players.c.player).distinct().order_by(players.c.player)
    if "/" in name:
        query = query.where(players.c.player == name)
    else:
        query = query.where(players.c.player.endswith(f"/{name}", autoescape=True))
    async with database.transaction(writes=False) as connection:
        found = (await connection.scalars(query)).all()
    return tuple(PlayerKey.read(one) for one in found)


async def known_of(database: Database, player: PlayerKey) -> Known:
    """Return every row of a player, as it is at one moment."""

    async def work(connection: AsyncConnection) -> dict[str, tuple[Row, ...]]:
        await at_one_moment(connection)
        found = {}
        for table in metadata.sorted_tables:
            rows = await _rows(table, player, connection)
            if rows:
                found[table.name] = rows
        return found

    return Known(player, await database.read(work))


async def _rows(table: Table, player: PlayerKey, connection: AsyncConnection) -> tuple[Row, ...]:
    condition = theirs(table, str(player))
    if condition is None:
        return ()
    query: Select[Any] = select(table).where(condition).order_by(*table.primary_key)
    return tuple(_read(table, row) for row in (await connection.execute(query)).mappings())


def _read(table: Table, row: Mapping[str, Any]) -> Row:
    return {
        name: json.loads(value) if table.c[name] in _JSON else value for name, value in row.items()
    }
