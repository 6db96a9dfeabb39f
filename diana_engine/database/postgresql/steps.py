"""A batch of steps in PostgreSQL: four round trips, however many steps there are and tables they write to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, get_type_hints

from diana_engine.database.ports.decisions import Delivery
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
    TimerRow,
    Written,
)

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[Any]

__all__ = ["find", "look_up", "number_of", "queue", "write"]


class _Statement:
    """One statement that writes to many tables; each part takes its rows as arrays, one for each column."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.widths: list[int] = []
        self._next = 1

    def add(self, text: str, types: Sequence[str]) -> None:
        """Add a part in which ``{rows}`` are the rows; `types` are those of their columns."""
        numbers = range(self._next, self._next + len(types))
        arrays = [f"${number}::{type_}[]" for number, type_ in zip(numbers, types, strict=True)]
        self.parts.append(text.format(rows=f"unnest({', '.join(arrays)})"))
        self.widths.append(len(types))
        self._next += len(types)

    def insert(self, table: str, row: type[Sequence[object]], conflict: str = "") -> None:
        """Add a part that inserts rows."""
        columns = ", ".join(get_type_hints(row))
        self.add(f"INSERT INTO {table} ({columns}) SELECT * FROM {{rows}} {conflict}", _types(row))

    def text(self) -> str:
        """Return the statement. The first two parts say how many rows they wrote."""
        named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(self.parts))
        return f"WITH {named} SELECT (SELECT count(*) FROM part_0), (SELECT count(*) FROM part_1)"


def _types(row: type[Sequence[object]]) -> list[str]:
    return ["bigint" if hint is int else "text" for hint in get_type_hints(row).values()]


def _writing() -> _Statement:
    made = _Statement()
    made.insert("players", PlayerRow, "ON CONFLICT DO NOTHING RETURNING 1")
    made.add(_SAVE, [*_types(PlayerRow), "bigint"])
    made.insert("inbox", InboxRow)
    made.insert("step_log", LogRow)
    made.insert("ledger", EntryRow)
    made.add(_BALANCES, ["text", "text", "text", "bigint"])
    made.insert("events", EventRow)
    made.insert("outbox", MessageRow)
    made.insert("audit_log", NoteRow)
    made.insert("entitlements", EntitlementRow, _REPLACES)
    made.add(_NO_TIMERS, ["text", "text", "text"])
    made.add(_TIMERS_SET, _types(TimerRow))
    return made


_FIND = "SELECT digest, sequence, updated_at, state FROM players WHERE player = $1 AND story = $2"
# All that a batch may look at, in one statement. The rows are locked though the queue (`queue`) would do: an operator's
# program may write too.
_LOOK_UP = """
    WITH asked AS (
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
            AS one (player, story, update_id, key, sequence, updated_at)
    ), locked AS (
        SELECT one.player, one.story, one.digest, one.sequence, one.updated_at, one.state
        FROM players AS one JOIN asked ON one.player = asked.player AND one.story = asked.story
        ORDER BY one.player, one.story FOR NO KEY UPDATE OF one
    )
    SELECT asked.player, asked.story, locked.digest, locked.sequence, locked.updated_at,
        CASE WHEN (locked.sequence, locked.updated_at) = (asked.sequence, asked.updated_at) THEN NULL ELSE locked.state END,
        inbox.update_id, inbox.result, timers.key, timers.due_at
    FROM asked
    LEFT JOIN locked ON locked.player = asked.player AND locked.story = asked.story
    LEFT JOIN inbox ON inbox.player = asked.player AND inbox.update_id = asked.update_id
    LEFT JOIN timers ON timers.player = asked.player AND timers.story = asked.story AND timers.key = asked.key
"""
_SAVE = """
    UPDATE players AS one SET digest = new.digest, sequence = new.sequence, fragment = new.fragment,
        state = new.state, updated_at = new.updated_at
    FROM {rows} AS new (player, story, digest, sequence, fragment, state, updated_at, old)
    WHERE one.player = new.player AND one.story = new.story AND one.sequence = new.old RETURNING 1
"""
# The new balance and not the change: the table's check looks at what is to be inserted before it looks for what is there.
_BALANCES = """
    INSERT INTO balances (player, story, points, amount)
    SELECT change.player, change.story, change.points, coalesce(one.amount, 0) + change.amount
    FROM {rows} AS change (player, story, points, amount) LEFT JOIN balances AS one
        ON one.player = change.player AND one.story = change.story AND one.points = change.points
    ON CONFLICT (player, story, points) DO UPDATE SET amount = excluded.amount
"""
_NO_TIMERS = """
    DELETE FROM timers AS one USING {rows} AS gone (player, story, key)
    WHERE one.player = gone.player AND one.story = gone.story AND one.key = gone.key
"""
_TIMERS_SET = """
    INSERT INTO timers (player, story, key, kind, due_at, payload, free_at)
    SELECT *, due_at FROM {rows} AS new (player, story, key, kind, due_at, payload)
    ON CONFLICT (player, story, key) DO UPDATE SET kind = excluded.kind, due_at = excluded.due_at,
        payload = excluded.payload, free_at = excluded.free_at, owner = NULL, lease_until = NULL, attempts = 0
"""
_REPLACES = "ON CONFLICT (player, story, kind) DO UPDATE SET until = excluded.until, source = excluded.source"
_WRITING = _writing()
_WRITE, _WIDTHS = _WRITING.text(), tuple(_WRITING.widths)


async def find(connection: Connection, play: PlayKey, known: Remembered) -> PlayerRecord | None:
    """Return a play without locking it."""
    name = (str(play.player), play.story)
    row = await connection.fetchrow(_FIND, *name)
    return None if row is None else known.record(play, name, row, known.get(name))


def queue(orders: Iterable[Order]) -> str:
    """Return the statements that begin a transaction and wait for one's turn with every play of a batch.

    Waiting for the row itself is not fair: who waits for an old version of it must then run after the newer ones, and of
    sixteen workers on one player some waited for ten seconds. All wait in one order, so that two never wait for each other.
    """
    numbers = sorted({number_of(*order.name) for order in orders})
    return "BEGIN; " + "; ".join(f"SELECT pg_advisory_xact_lock({number})" for number in numbers)


def number_of(player: str, story: str) -> int:
    """Return the number of a play's queue. Two plays may share one: then they wait for each other, and no more."""
    name = blake2b(f"{player}\n{story}".encode(), digest_size=8).digest()
    return int.from_bytes(name, "big", signed=True)


async def look_up(connection: Connection, orders: Sequence[Order], known: Remembered) -> Found:
    """Lock the plays of a batch, and read all that it may look at."""
    found = Found()
    plays = {order.name: order.play for order in orders}
    # Held until the answer is there: what is remembered may change meanwhile.
    seen = {name: known.get(name) for name in plays}
    asked = [_asked(order, seen[order.name]) for order in orders]
    for player, story, digest, sequence, updated_at, state, *others in await connection.fetch(
        _LOOK_UP, *_arrays(asked, 6)
    ):
        name = (player, story)
        if sequence is not None:
            row = (digest, sequence, updated_at, state)
            found.records[name] = known.record(plays[name], name, row, seen[name])
        update, result, key, due_at = others
        if update is not None:
            found.handled[player, update] = result
        if key is not None:
            found.timers[player, story, key] = due_at
    return found


def _asked(order: Order, last: PlayerRecord | None) -> tuple[object, ...]:
    """Return what to look for; the state of a play that is as it was need not be sent again."""
    seen = (0, 0) if last is None else (last.sequence, last.updated_at)
    return (*order.name, _update(order.delivery), _key(order.delivery), *seen)


async def write(connection: Connection, written: Written) -> None:
    """Write the rows of a batch.

    Raises:
        OvertakenError: a play is not as it was read, or is there although it was not.
    """
    saved = written.players.values()
    new = [one.row for one in saved if one.old == 0]
    moved = [(*one.row, one.old) for one in saved if one.old > 0]
    parts: tuple[Collection[Iterable[object]], ...] = (
        new,
        moved,
        written.inbox,
        written.log,
        written.entries,
        [(*account, amount) for account, amount in written.balances.items()],
        written.events,
        written.messages,
        written.notes,
        written.entitlements.values(),
        [key for key, timer in written.timers.items() if timer is None],
        [timer for timer in written.timers.values() if timer is not None],
    )
    arrays = [
        array for rows, width in zip(parts, _WIDTHS, strict=True) for array in _arrays(rows, width)
    ]
    done = await connection.fetchrow(_WRITE, *arrays)
    assert done is not None, "counts are always told"
    if (done[0], done[1]) != (len(new), len(moved)):
        raise OvertakenError(f"{len(saved) - done[0] - done[1]} plays are not as they were read")


def _update(delivery: Delivery | None) -> int | None:
    return delivery if isinstance(delivery, int) else None


def _key(delivery: Delivery | None) -> str | None:
    return delivery.key if isinstance(delivery, Fired) else None


def _arrays(rows: Collection[Iterable[object]], width: int) -> list[list[object]]:
    """Turn rows into columns."""
    if not rows:
        return [[] for _ in range(width)]
    return [list(column) for column in zip(*rows, strict=True)]
