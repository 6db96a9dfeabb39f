"""A batch of steps in SQLite: what is read for it, and how its rows are written."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.steps.remembered import OvertakenError, Remembered
from diana_engine.database.steps.settle import Found, Order
from diana_engine.database.steps.written import (
    EntitlementRow,
    EntryRow,
    EventRow,
    InboxRow,
    LogRow,
    MessageRow,
    NoteRow,
    PlayerRow,
    SavedPlayer,
    Written,
)

__all__ = ["find", "look_up", "write"]


def _insert(table: str, row: type[Sequence[object]], conflict: str = "") -> str:
    names: tuple[str, ...] = row._fields  # type: ignore[attr-defined]  # every row is a NamedTuple
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) {conflict}"


_FIND = "SELECT digest, sequence, updated_at, state FROM players WHERE player = ? AND story = ?"
# A play, and what came of an update, whether they are there or not. The state of a play that is as it was seen is not read.
_LOOK_UP = """
    SELECT one.digest, one.sequence, one.updated_at,
        CASE WHEN one.sequence = ?4 AND one.updated_at = ?5 THEN NULL ELSE one.state END,
        (SELECT result FROM inbox WHERE player = ?1 AND update_id = ?3)
    FROM (SELECT 1) LEFT JOIN players AS one ON one.player = ?1 AND one.story = ?2
"""
_TIMER = "SELECT due_at FROM timers WHERE player = ? AND story = ? AND key = ?"
_NEW = _insert("players", PlayerRow)
_SAVE = """
    UPDATE players SET digest = ?, sequence = ?, fragment = ?, state = ?, updated_at = ?
    WHERE player = ? AND story = ? AND sequence = ?
"""
_INBOX = _insert("inbox", InboxRow)
_LOG = _insert("step_log", LogRow)
_LEDGER = _insert("ledger", EntryRow)
# SQLite checks a row that is to be inserted before it finds the one that is there: so what is taken needs an account to take it from.
_GAIN = """
    INSERT INTO balances (player, story, points, amount) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
"""
_OPEN_ACCOUNT = """
    INSERT INTO balances (player, story, points, amount) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING
"""
_TAKE = "UPDATE balances SET amount = amount + ? WHERE player = ? AND story = ? AND points = ?"
_EVENT = _insert("events", EventRow)
_MESSAGE = _insert("outbox", MessageRow)
_NO_TIMER = "DELETE FROM timers WHERE player = ? AND story = ? AND key = ?"
_TIMER_SET = """
    INSERT INTO timers (player, story, key, kind, due_at, payload, free_at)
    VALUES (?, ?, ?, ?, ?, ?, ?5)
    ON CONFLICT DO UPDATE SET kind = excluded.kind, due_at = excluded.due_at, payload = excluded.payload,
        free_at = excluded.free_at, owner = NULL, lease_until = NULL, attempts = 0
"""
_ENTITLE = _insert(
    "entitlements",
    EntitlementRow,
    "ON CONFLICT DO UPDATE SET until = excluded.until, source = excluded.source",
)
_NOTE = _insert("audit_log", NoteRow)


def find(connection: sqlite3.Connection, play: PlayKey, known: Remembered) -> PlayerRecord | None:
    """Return a play."""
    name = (str(play.player), play.story)
    row = connection.execute(_FIND, name).fetchone()
    return None if row is None else known.record(play, name, row, known.get(name))


def look_up(connection: sqlite3.Connection, orders: Iterable[Order], known: Remembered) -> Found:
    """Read all that a batch may look at."""
    found = Found()
    for order in orders:
        name, delivery = order.name, order.delivery
        update = delivery if isinstance(delivery, int) else None
        seen = known.get(name)
        sequence, updated_at = (0, 0) if seen is None else (seen.sequence, seen.updated_at)
        asked = (*name, update, sequence, updated_at)
        *row, handled = connection.execute(_LOOK_UP, asked).fetchone()
        if row[1] is not None:
            found.records[name] = known.record(order.play, name, row, seen)
        if update is not None and handled is not None:
            found.handled[order.player, update] = handled
        if isinstance(delivery, Fired):
            _look_up_timer(connection, (*name, delivery.key), found)
    return found


def _look_up_timer(
    connection: sqlite3.Connection, timer: tuple[str, str, str], found: Found
) -> None:
    row = connection.execute(_TIMER, timer).fetchone()
    if row is not None:
        found.timers[timer] = row[0]


def write(connection: sqlite3.Connection, written: Written) -> None:
    """Write the rows of a batch, table by table.

    Raises:
        sqlite3.IntegrityError: a key is there already, or points would fall below 0.
        OvertakenError: a play is not as it was read.
    """
    _save(connection, written.players.values())
    many = connection.executemany
    for statement, rows in (
        (_INBOX, written.inbox),
        (_LOG, written.log),
        (_LEDGER, written.entries),
        (_EVENT, written.events),
        (_MESSAGE, written.messages),
        (_NOTE, written.notes),
    ):
        if rows:
            many(statement, rows)
    _keep_accounts(connection, written.balances)
    if written.timers:
        many(_NO_TIMER, [key for key, timer in written.timers.items() if timer is None])
        many(_TIMER_SET, [timer for timer in written.timers.values() if timer is not None])
    if written.entitlements:
        many(_ENTITLE, written.entitlements.values())


def _keep_accounts(
    connection: sqlite3.Connection, changes: Mapping[tuple[str, str, str], int]
) -> None:
    gained = [(*account, amount) for account, amount in changes.items() if amount >= 0]
    taken = [(amount, *account) for account, amount in changes.items() if amount < 0]
    if gained:
        connection.executemany(_GAIN, gained)
    if taken:
        connection.executemany(_OPEN_ACCOUNT, [account for _, *account in taken])
        connection.executemany(_TAKE, taken)


def _save(connection: sqlite3.Connection, plays: Collection[SavedPlayer]) -> None:
    new = [row for old, row in plays if old == 0]
    moved = [(*row[2:], row.player, row.story, old) for old, row in plays if old > 0]
    if new:
        connection.executemany(_NEW, new)
    if moved and (done := connection.executemany(_SAVE, moved).rowcount) != len(moved):
        raise OvertakenError(f"{len(moved) - done} plays are not as they were read")
