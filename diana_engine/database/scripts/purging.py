"""Removing what is old and done with, a little at a time, in SQL.

In SQLite everybody waits for whoever writes, so tables without an index by time are walked through in the order of their numbers, a
few rows to a transaction. PostgreSQL's readers and writers do not wait for a search, however long it takes.
"""

from __future__ import annotations

from functools import partial

from diana_engine.database.ports.history import Purged
from diana_engine.database.scripts.outbox import IS_PAUSED
from diana_engine.database.scripts.script import Call, Runner, Script, Sql

__all__ = ["purge", "purge_by_number"]

_SLICE = 500
"""Rows that one transaction removes, or looks at: steps wait for it, and this many take a few milliseconds."""

_INBOX = Sql("""
    DELETE FROM inbox WHERE (player, update_id) IN (
        SELECT player, update_id FROM inbox WHERE received_at < :before ORDER BY received_at LIMIT :slice
    ) RETURNING 1
""")
# What waited this long for a chat that is paused has nothing more to say to whoever comes back.
_DONE = f"""
    due_at < :before AND (
        state NOT IN ('ready', 'sending') OR state = 'ready' AND {IS_PAUSED.format(of="outbox")}
    )
"""
_OUTBOX = Sql(
    f"""
    DELETE FROM outbox WHERE (player, id) IN (
        SELECT player, id FROM outbox WHERE {_DONE} LIMIT :slice
    ) RETURNING 1
    """,
    slow=True,
)
# The last event stays, so that no position is ever given twice.
_HEARD = """
    old.at < :before
    AND {at} < (SELECT max({every}) FROM events)
    AND {at} <= coalesce((SELECT min(position) FROM subscribers), {at})
"""
# An event gets its position when somebody reads; where nobody listens, none has any.
_EVENTS = Sql(
    f"""
    DELETE FROM events WHERE (player, id) IN (
        SELECT player, id FROM events AS old
        WHERE ({_HEARD.format(at="old.position", every="position")}
            AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.position = old.position))
        OR (old.at < :before AND old.position IS NULL AND NOT EXISTS (SELECT 1 FROM subscribers))
        LIMIT :slice
    ) RETURNING 1
    """,
    slow=True,
)

_STRETCH = "SELECT max(id) FROM (SELECT id FROM {table} WHERE id > :after ORDER BY id LIMIT :slice)"
_WITHIN = "id > :after AND id <= :upto"
_OUTBOX_STRETCH = Sql(_STRETCH.format(table="outbox"))
_OUTBOX_WITHIN = Sql(f"DELETE FROM outbox WHERE {_WITHIN} AND {_DONE} RETURNING 1")
_EVENTS_STRETCH = Sql(_STRETCH.format(table="events"))
_EVENTS_WITHIN = Sql(f"""
    DELETE FROM events AS old WHERE {_WITHIN} AND {_HEARD.format(at="old.id", every="id")}
    AND id NOT IN (SELECT position FROM deliveries WHERE position > :after AND position <= :upto)
    RETURNING 1
""")


async def purge(runner: Runner, *, inbox: int, outbox: int, events: int) -> Purged:
    """Remove what is older than these times and done with."""
    return Purged(
        await _all_of(runner, _INBOX, inbox),
        await _all_of(runner, _OUTBOX, outbox),
        await _all_of(runner, _EVENTS, events),
    )


async def purge_by_number(runner: Runner, *, inbox: int, outbox: int, events: int) -> Purged:
    """Do the same in SQLite, whose numbers are in the order of time but for clocks that were set."""
    return Purged(
        await _all_of(runner, _INBOX, inbox),
        await _walk(runner, _OUTBOX_STRETCH, _OUTBOX_WITHIN, outbox),
        await _walk(runner, _EVENTS_STRETCH, _EVENTS_WITHIN, events),
    )


async def _all_of(runner: Runner, sql: Sql, before: int) -> int:
    total = 0
    while True:
        removed = await runner.write(partial(_some_of, sql, before))
        total += removed
        if removed < _SLICE:
            return total


def _some_of(sql: Sql, before: int) -> Script[int]:
    rows = yield Call(sql, {"before": before, "slice": _SLICE})
    return len(rows)


async def _walk(runner: Runner, stretch: Sql, within: Sql, before: int) -> int:
    total, at = 0, 0
    while True:
        upto, removed = await runner.write(partial(_within, stretch, within, before, at))
        total += removed
        if upto is None:
            return total
        at = upto


def _within(stretch: Sql, within: Sql, before: int, after: int) -> Script[tuple[int | None, int]]:
    """Remove what is old of the rows that follow a number; return the last one's, and how many were removed."""
    ((upto,),) = yield Call(stretch, {"after": after, "slice": _SLICE})
    if upto is None:
        return None, 0
    rows = yield Call(within, {"after": after, "upto": upto, "before": before})
    return upto, len(rows)
