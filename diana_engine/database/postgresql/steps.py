"""A batch of steps in PostgreSQL: one statement for each table, however many steps there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, get_type_hints

from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.remembered import OvertakenError, Remembered
from diana_engine.database.settle import Found, Order
from diana_engine.database.written import (
    EntitlementRow,
    EntryRow,
    EventRow,
    InboxRow,
    LogRow,
    MessageRow,
    NoteRow,
    PlayerRow,
    Written,
    from_json,
    play_of,
)
from diana_engine.play.saved import decode_state

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[Any]

__all__ = ["find", "look_up", "write"]


def _unnest(row: type[Sequence[object]]) -> str:
    """Return the columns of a row, each as a parameter that is an array."""
    hints = get_type_hints(row).values()
    types = ["bigint" if hint is int else "text" for hint in hints]
    return ", ".join(f"${number}::{type_}[]" for number, type_ in enumerate(types, start=1))


def _insert(table: str, row: type[Sequence[object]], conflict: str = "") -> str:
    columns = ", ".join(get_type_hints(row))
    return f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({_unnest(row)}) {conflict}"


_FIND = "SELECT digest, sequence, updated_at, state FROM players WHERE player = $1 AND story = $2"
# In one order for everybody, so that two batches never wait for each other.
_LOCK = """
    SELECT one.player, one.story, one.digest, one.sequence, one.updated_at, one.state
    FROM players AS one JOIN unnest($1::text[], $2::text[]) AS asked (player, story)
        ON one.player = asked.player AND one.story = asked.story
    ORDER BY one.player, one.story FOR NO KEY UPDATE OF one
"""
_HANDLED = """
    SELECT one.player, one.update_id, one.result
    FROM inbox AS one JOIN unnest($1::text[], $2::bigint[]) AS asked (player, update_id)
        ON one.player = asked.player AND one.update_id = asked.update_id
"""
_TIMERS = """
    SELECT one.player, one.story, one.key, one.due_at
    FROM timers AS one JOIN unnest($1::text[], $2::text[], $3::text[]) AS asked (player, story, key)
        ON one.player = asked.player AND one.story = asked.story AND one.key = asked.key
    ORDER BY one.player, one.story, one.key FOR UPDATE OF one
"""
_NEW = _insert("players", PlayerRow, "ON CONFLICT DO NOTHING RETURNING 1")
_SAVE = f"""
    UPDATE players AS one SET digest = new.digest, sequence = new.sequence, fragment = new.fragment,
        state = new.state, updated_at = new.updated_at
    FROM unnest({_unnest(PlayerRow)}, ${len(PlayerRow._fields) + 1}::bigint[])
        AS new (player, story, digest, sequence, fragment, state, updated_at, old)
    WHERE one.player = new.player AND one.story = new.story AND one.sequence = new.old RETURNING 1
"""
_INBOX = _insert("inbox", InboxRow)
_LOG = _insert("step_log", LogRow)
_LEDGER = _insert("ledger", EntryRow)
_OPEN_ACCOUNTS = """
    INSERT INTO balances (player, story, points, amount)
    SELECT *, 0 FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING
"""
_BALANCES = """
    UPDATE balances AS one SET amount = one.amount + change.amount
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS change (player, story, points, amount)
    WHERE one.player = change.player AND one.story = change.story AND one.points = change.points
"""
_EVENTS = _insert("events", EventRow)
_MESSAGES = _insert("outbox", MessageRow)
_NO_TIMERS = """
    DELETE FROM timers AS one USING unnest($1::text[], $2::text[], $3::text[]) AS gone (player, story, key)
    WHERE one.player = gone.player AND one.story = gone.story AND one.key = gone.key
"""
_TIMERS_SET = """
    INSERT INTO timers (player, story, key, kind, due_at, payload, free_at)
    SELECT *, due_at FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
        AS new (player, story, key, kind, due_at, payload)
    ON CONFLICT (player, story, key) DO UPDATE SET kind = excluded.kind, due_at = excluded.due_at,
        payload = excluded.payload, free_at = excluded.free_at, owner = NULL, lease_until = NULL, attempts = 0
"""
_ENTITLE = _insert(
    "entitlements",
    EntitlementRow,
    "ON CONFLICT (player, story, kind) DO UPDATE SET until = excluded.until, source = excluded.source",
)
_NOTES = _insert("audit_log", NoteRow)


async def find(connection: Connection, play: PlayKey, known: Remembered) -> PlayerRecord | None:
    """Return a play without locking it."""
    row = await connection.fetchrow(_FIND, str(play.player), play.story)
    return None if row is None else _record(play, row, known)


async def look_up(connection: Connection, orders: Sequence[Order], known: Remembered) -> Found:
    """Lock the plays of a batch, and read all that it may look at."""
    found = Found()
    updates = [
        (order.player, order.delivery) for order in orders if isinstance(order.delivery, int)
    ]
    # Before the plays: whoever finds a delivery handled must find the play as that step left it. What another worker
    # stores after this look is refused by the inbox's key, and found on the next try.
    if updates:
        for row in await connection.fetch(_HANDLED, *_arrays(updates)):
            found.handled[row[0], row[1]] = row[2]
    players = [order.player for order in orders]
    for row in await connection.fetch(_LOCK, players, [order.play.story for order in orders]):
        play = play_of(row[0], row[1])
        found.records[play] = _record(play, row[2:], known)
    fired = [
        (order.player, order.play.story, order.delivery.key)
        for order in orders
        if isinstance(order.delivery, Fired)
    ]
    if fired:
        for row in await connection.fetch(_TIMERS, *_arrays(fired)):
            found.timers[play_of(row[0], row[1]), row[2]] = row[3]
    return found


async def write(connection: Connection, written: Written) -> None:
    """Write the rows of a batch, table by table.

    Raises:
        OvertakenError: a play is not as it was read, or is there although it was not.
    """
    await _save(connection, written)
    for statement, rows in (
        (_INBOX, written.inbox),
        (_LOG, written.log),
        (_LEDGER, written.entries),
        (_EVENTS, written.events),
        (_MESSAGES, written.messages),
        (_NOTES, written.notes),
        (_ENTITLE, list(written.entitlements.values())),
        (_NO_TIMERS, sorted(key for key, timer in written.timers.items() if timer is None)),
        (_TIMERS_SET, sorted(timer for timer in written.timers.values() if timer is not None)),
        (_OPEN_ACCOUNTS, sorted(written.balances)),
        (_BALANCES, [(*account, amount) for account, amount in sorted(written.balances.items())]),
    ):
        if rows:
            await connection.fetch(statement, *_arrays(rows))


async def _save(connection: Connection, written: Written) -> None:
    saved = sorted(written.players.values(), key=lambda one: one.row[:2])
    new = [one.row for one in saved if one.old == 0]
    moved = [(*one.row, one.old) for one in saved if one.old > 0]
    for statement, rows in ((_NEW, new), (_SAVE, moved)):
        if rows:
            done = await connection.fetch(statement, *_arrays(rows))
            if len(done) != len(rows):
                raise OvertakenError(f"{len(rows) - len(done)} plays are not as they were read")


def _arrays(rows: Collection[Iterable[object]]) -> list[list[object]]:
    """Turn rows into columns."""
    return [list(column) for column in zip(*rows, strict=True)]


def _record(play: PlayKey, row: Sequence[Any], known: Remembered) -> PlayerRecord:
    digest, sequence, updated_at, state = row
    record = known.get(play, sequence)
    if record is None:
        record = PlayerRecord(play, digest, sequence, decode_state(from_json(state)), updated_at)
        known.put(record)
    return record
