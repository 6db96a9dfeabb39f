"""The rows of steps written again by the bare driver: what any program pays that keeps them as durably."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Made", "Row", "Step", "in_order", "made_in", "prepared", "write", "write_step"]

_BY_STEP = ("step_log", "ledger", "events", "outbox")
_FIND = "SELECT digest, sequence, updated_at, state FROM players WHERE player = ? AND story = ?"
_HANDLED = "SELECT result FROM inbox WHERE player = ? AND update_id = ?"
_BALANCE = """
    INSERT INTO balances VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
"""
_SAVE = """
    INSERT INTO players VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest,
        sequence = excluded.sequence, fragment = excluded.fragment, state = excluded.state, updated_at = excluded.updated_at
"""
Row = tuple[Any, ...]
"""The values of a row, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was made: the number of its update, its player's row (as it is in the end), its rows by table.

    `changes` are the points that it brought, as rows of balances.
    """

    update: int
    state: Row
    rows: dict[str, list[Row]]
    changes: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in a database: its schema, and all steps in an order in which no player has two in a row."""

    schema: tuple[str, ...]
    steps: tuple[Step, ...]


def write(target: sqlite3.Connection, made: Made, together: int) -> None:
    """Write the steps again, so many to a commit."""
    for first in range(0, len(made.steps), together):
        target.execute("BEGIN IMMEDIATE")
        for step in made.steps[first : first + together]:
            write_step(target, step)
        target.execute("COMMIT")


def made_in(file: Path) -> Made:
    """Return what stands in a database."""
    source = sqlite3.connect(file)
    schema = source.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    steps = _steps(source)
    source.close()
    return Made(tuple(sql for (sql,) in schema), steps)


def prepared(file: Path, made: Made) -> sqlite3.Connection:
    """Return a connection to a new database with the same tables, in which a commit is on the disk when it is over."""
    target = sqlite3.connect(file, isolation_level=None)
    for sql in made.schema:
        target.execute(sql)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    return target


def write_step(target: sqlite3.Connection, step: Step) -> None:
    """Read what a step must know, and write its rows."""
    player, story = step.state[0], step.state[1]
    target.execute(_FIND, (player, story)).fetchone()
    target.execute(_HANDLED, (player, step.update)).fetchone()
    target.execute(_SAVE, step.state)
    for table, found in step.rows.items():
        for row in found:
            target.execute(_insert(table, len(row)), row)
    for change in step.changes:
        target.execute(_BALANCE, change)


@cache
def _insert(table: str, width: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * width)})"  # noqa: S608 - our own names


def in_order(
    rows: dict[tuple[str, int], dict[str, list[Row]]],
    inbox: Iterable[Row],
    players: Iterable[Row],
) -> tuple[Step, ...]:
    """Return steps, the rows of which are known by player and sequence, in an order in which no player has two in a row."""
    updates: dict[tuple[str, int], int] = {}
    count: dict[str, int] = defaultdict(int)
    for row in inbox:
        player, update = row[:2]
        count[player] += 1
        step = (player, count[player])  # the n-th delivery is the n-th step
        updates[step] = update
        rows[step]["inbox"].append(row)
    states = {row[0]: row for row in players}
    return tuple(
        Step(updates[step], states[step[0]], rows[step], _changes(rows[step]["ledger"]))
        for step in sorted(rows, key=lambda one: (one[1], one[0]))
    )


def _changes(ledger: Iterable[Row]) -> tuple[Row, ...]:
    return tuple((player, story, points, amount) for player, story, _, points, amount, *_ in ledger)


def _steps(source: sqlite3.Connection) -> tuple[Step, ...]:
    rows: dict[tuple[str, int], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table in _BY_STEP:
        found = source.execute(f"SELECT player, sequence, * FROM {table}")  # noqa: S608 - our own names
        for player, sequence, *row in found:
            rows[player, sequence][table].append(tuple(row))
    inbox = source.execute("SELECT * FROM inbox ORDER BY player, update_id").fetchall()
    return in_order(rows, inbox, source.execute("SELECT * FROM players").fetchall())
