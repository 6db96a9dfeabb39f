"""Taking one's turn with a play: whoever changes its rows outside of a step waits for the step under way, and it for them."""

from __future__ import annotations

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.postgresql.steps import number_of
from diana_engine.database.tables import players, stories

__all__ = ["in_turn", "in_turn_with_all"]


async def in_turn(connection: AsyncConnection, player: str, *stories: str) -> None:
    """Wait, until this transaction ends, in the queue of a player's plays in these stories. SQLite has one writer anyway."""
    if connection.dialect.name != "postgresql":
        return
    # In the order of steps, so that two never wait for each other.
    for number in sorted({number_of(player, story) for story in stories}):
        await connection.execute(select(func.pg_advisory_xact_lock(number)))


async def in_turn_with_all(connection: AsyncConnection, player: str) -> None:
    """Wait in the queues of all stories that a player plays, or may begin meanwhile."""
    played = select(players.c.story).where(players.c.player == player)
    known = (await connection.execute(union(select(stories.c.story), played))).all()
    await in_turn(connection, player, *(row[0] for row in known))
