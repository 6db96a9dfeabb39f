"""Forgetting a player: every row of theirs goes, and only a trace without their name says that it happened.

The trace is a digest of the player's key. It tells a backup that is put back whom it must not bring back, and tells
nobody who that was who does not know the key already.
"""

from __future__ import annotations

from hashlib import blake2b

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import fetched
from diana_engine.database.live_tables import (
    audit_log,
    events,
    outbox,
    paused_chats,
    subscribers,
)
from diana_engine.database.ports.plays import PlayerKey
from diana_engine.database.tables import metadata, players
from diana_engine.database.upkeep.turns import in_turn_with_all

__all__ = ["ERASED", "erase", "erase_again", "erasures", "theirs", "trace"]

ERASED = "player erased"
"""The action by which the audit log knows an erasure."""


def trace(player: str) -> str:
    """Return what stays of a player who is forgotten."""
    return blake2b(player.encode(), digest_size=16, person=b"diana erased").hexdigest()


async def erase(database: Database, player: PlayerKey, now: int, actor: str) -> int:
    """Remove every row of a player; return how many rows that were.

    In SQLite their bytes are written over, but copies are left in the write-ahead log: `files.emptied` it afterwards.
    """
    name = str(player)

    async def work(connection: AsyncConnection) -> int:
        removed = await _remove(connection, name)
        note = {
            "at": now,
            "actor": actor,
            "action": ERASED,
            "subject": trace(name),
            "detail": "null",
        }
        await connection.execute(insert(audit_log).values(note))
        return removed

    return await database.write(work)


async def erase_again(database: Database, gone: frozenset[str]) -> int:
    """Remove the players whose traces are given; return how many of them were there."""

    async def work(connection: AsyncConnection) -> int:
        names = (await connection.scalars(select(players.c.player).distinct())).all()
        found = [name for name in names if trace(name) in gone]
        for name in found:
            await _remove(connection, name)
        return len(found)

    return await database.write(work) if gone else 0


async def erasures(database: Database) -> frozenset[str]:
    """Return the traces of all players who were erased."""
    query = select(audit_log.c.subject).where(audit_log.c.action == ERASED)
    found = await database.read(lambda connection: fetched(connection, query))
    return frozenset(row[0] for row in found)


async def _remove(connection: AsyncConnection, name: str) -> int:
    if connection.dialect.name == "sqlite":
        # Otherwise it would only forget where the rows were.
        await connection.execute(text("PRAGMA secure_delete = ON"))
    # A step under way would leave rows in tables that were emptied before it committed, and they would be in the way of those
    # that the player makes who begins again.
    await in_turn_with_all(connection, name)
    removed = 0
    for table in reversed(metadata.sorted_tables):
        rows = theirs(table, name)
        if rows is not None:
            removed += (await connection.execute(delete(table).where(rows))).rowcount
    await _step_back(connection)
    spoken_of = update(audit_log).where(audit_log.c.subject == name)
    await connection.execute(spoken_of.values(subject=trace(name), detail="null"))
    return removed


async def _step_back(connection: AsyncConnection) -> None:
    """Let no subscriber be past the last event that is left: the next one is numbered behind that."""
    at = events.c.position if connection.dialect.name == "postgresql" else events.c.id
    last = select(func.coalesce(func.max(at), 0)).scalar_subquery()
    behind = update(subscribers).where(subscribers.c.position > last)
    await connection.execute(behind.values(position=last))


def theirs(table: Table, name: str) -> ColumnElement[bool] | None:
    """Return which rows of a table are a player's."""
    key = PlayerKey.read(name)
    if table is paused_chats:
        # A private chat has its player's own number.
        return (paused_chats.c.channel == key.channel) & (paused_chats.c.chat == key.user)
    if table is outbox:
        to_them = (outbox.c.channel == key.channel) & (outbox.c.chat == key.user)
        return or_(outbox.c.player == name, to_them)
    return table.c.player == name if "player" in table.c else None
