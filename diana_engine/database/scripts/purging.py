"""Removing what is old and done with, a little at a time, in SQL."""

from __future__ import annotations

from diana_engine.database.ports.history import Purged
from diana_engine.database.scripts.script import Call, Runner, Script, Sql

__all__ = ["purge"]

_SLICE = 500
"""Rows that one transaction removes: steps wait for it, and this many take a few milliseconds."""

_INBOX = Sql("""
    DELETE FROM inbox WHERE (player, update_id) IN (
        SELECT player, update_id FROM inbox WHERE received_at < :before ORDER BY received_at LIMIT :slice
    ) RETURNING 1
""")
_OUTBOX = Sql("""
    DELETE FROM outbox WHERE (player, id) IN (
        SELECT player, id FROM outbox
        WHERE state NOT IN ('ready', 'sending') AND due_at < :before LIMIT :slice
    ) RETURNING 1
""")
# The last event stays, so that no position is ever given twice.
_EVENTS = """
    DELETE FROM events WHERE (player, id) IN (
        SELECT player, id FROM events AS old
        WHERE old.at < :before
        AND {at} < (SELECT max({every}) FROM events)
        AND {at} <= coalesce((SELECT min(position) FROM subscribers), {at})
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.position = {at})
        LIMIT :slice
    ) RETURNING 1
"""
_OLD_EVENTS = Sql(
    _EVENTS.format(at="old.position", every="position"),
    sqlite=_EVENTS.format(at="old.id", every="id"),
)


async def purge(runner: Runner, *, inbox: int, outbox: int, events: int) -> Purged:
    """Remove what is older than these times and done with."""
    counts = []
    for sql, before in ((_INBOX, inbox), (_OUTBOX, outbox), (_OLD_EVENTS, events)):
        counts.append(await _all_of(runner, sql, before))
    return Purged(*counts)


async def _all_of(runner: Runner, sql: Sql, before: int) -> int:
    total = 0
    while True:
        removed = await runner.write(lambda: _some_of(sql, before))
        total += removed
        if removed < _SLICE:
            return total


def _some_of(sql: Sql, before: int) -> Script[int]:
    rows = yield Call(sql, {"before": before, "slice": _SLICE})
    return len(rows)
