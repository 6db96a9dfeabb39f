"""The rows of steps written again by bare asyncpg: what any program pays that keeps them as durably in PostgreSQL.

Rows go as arrays, one statement for each table and batch. It is the quickest way that the driver has: `executemany` takes more
of the client's time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, get_type_hints

from diana_engine.database.steps.written import (
    EntryRow,
    EventRow,
    InboxRow,
    LogRow,
    MessageRow,
    PlayerRow,
)

from .bare import Made, Row, Step, in_order

if TYPE_CHECKING:
    import asyncpg

    Connection = asyncpg.Connection[asyncpg.Record]

__all__ = ["opened", "write"]

_SCHEMA = "bare"
_BY_STEP: dict[str, type[Sequence[Any]]] = {"step_log": LogRow, "ledger": EntryRow, "events": EventRow, "outbox": MessageRow}  # fmt: skip
_TABLES = {**_BY_STEP, "inbox": InboxRow}
_PLAYERS = "SELECT * FROM players WHERE player = ANY($1) ORDER BY player FOR NO KEY UPDATE"
_HANDLED = """
    SELECT player, update_id, result FROM inbox JOIN unnest($1::text[], $2::bigint[]) AS one (player, update_id)
    USING (player, update_id)
"""


def _columns(row: type[Sequence[Any]]) -> str:
    return ", ".join(get_type_hints(row))


def _insert(table: str, row: type[Sequence[Any]], conflict: str = "") -> str:
    arrays = ", ".join(
        f"${number}::{'bigint' if hint is int else 'text'}[]"
        for number, hint in enumerate(get_type_hints(row).values(), start=1)
    )
    return f"INSERT INTO {table} ({_columns(row)}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - our own names


_INSERT = {table: _insert(table, row) for table, row in _TABLES.items()}
_SAVE = _insert(
    "players",
    PlayerRow,
    "ON CONFLICT (player, story) DO UPDATE SET digest = excluded.digest, sequence = excluded.sequence, "
    "fragment = excluded.fragment, state = excluded.state, updated_at = excluded.updated_at",
)
_BALANCE = """
    INSERT INTO balances AS one (player, story, points, amount)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    ON CONFLICT (player, story, points) DO UPDATE SET amount = one.amount + excluded.amount
"""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Connection, Made]]:
    """Give the steps of a database, and a connection to tables of the same shape that are empty; they go with the block."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        made = await _made(connection)
        await connection.execute(
            f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}"
        )
        for table in (*_TABLES, "players", "balances"):
            await connection.execute(f"CREATE TABLE {_SCHEMA}.{table} (LIKE {table} INCLUDING ALL)")
        await connection.execute(f"SET search_path = {_SCHEMA}")
        yield connection, made
    finally:
        await connection.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        await connection.close()


async def write(connection: Connection, made: Made, together: int) -> None:
    """Write the steps again, so many to a commit."""
    for first in range(0, len(made.steps), together):
        async with connection.transaction():
            await _write(connection, made.steps[first : first + together])


async def _write(connection: Connection, steps: Sequence[Step]) -> None:
    """Read what the steps of a batch must know, and write their rows."""
    players = [step.state[0] for step in steps]
    await connection.fetch(_PLAYERS, players)
    await connection.fetch(_HANDLED, players, [step.update for step in steps])
    await connection.execute(_SAVE, *_arrays([step.state for step in steps]))
    for table, insert in _INSERT.items():
        rows = [row for step in steps for row in step.rows.get(table, ())]
        if rows:
            await connection.execute(insert, *_arrays(rows))
    changes = [change for step in steps for change in step.changes]
    if changes:
        await connection.execute(_BALANCE, *_arrays(changes))


def _arrays(rows: Sequence[Row]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def _made(connection: Connection) -> Made:
    rows: dict[tuple[str, int], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table, row in _BY_STEP.items():
        sequence = row._fields.index("sequence")  # type: ignore[attr-defined]  # every row is a NamedTuple
        for values in await _rows(connection, row, table):
            rows[values[0], values[sequence]][table].append(values)
    inbox = await _rows(connection, InboxRow, "inbox ORDER BY player, update_id")
    return Made((), in_order(rows, inbox, await _rows(connection, PlayerRow, "players")))


async def _rows(connection: Connection, row: type[Sequence[Any]], table: str) -> list[Row]:
    query = f"SELECT {_columns(row)} FROM {table}"  # noqa: S608 - our own names
    return [tuple(values) for values in await connection.fetch(query)]
