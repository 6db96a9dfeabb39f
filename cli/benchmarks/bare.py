"""The rows of steps written again by the bare driver: what any program pays that keeps them as durably."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Made", "Step", "made_in", "prepared", "rewrite", "write_step"]

_BY_STEP = ("step_log", "ledger", "events", "outbox")
_SAVE = """
    INSERT INTO players VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest,
        sequence = excluded.sequence, fragment = excluded.fragment, state = excluded.state, updated_at = excluded.updated_at
"""
_Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was made: the number of its update, its rows by table, and its player's row (as it is in the end)."""

    update: int
    state: _Row
    rows: dict[str, list[_Row]]


@dataclass(frozen=True, slots=True)
class Made:
    """What stands in a database: its schema, and all steps in an order in which no player has two in a row."""

    schema: tuple[str, ...]
    steps: tuple[Step, ...]


def rewrite(
    made: Path, file: Path, together: int, clocks: tuple[Callable[[], float], Callable[[], float]]
) -> tuple[float, float]:
    """Write the steps of the database `made` to a new one, `together` to a commit.

    Returns: what the second of the clocks says was spent, and how long it took by the first.
    """
    found = made_in(made)
    target = prepared(file, found)
    wall, cpu = clocks
    start, before = wall(), cpu()
    for first in range(0, len(found.steps), together):
        target.execute("BEGIN IMMEDIATE")
        for step in found.steps[first : first + together]:
            write_step(target, step)
        target.execute("COMMIT")
    spent, took = cpu() - before, wall() - start
    target.close()
    return spent, took


def made_in(file: Path) -> Made:
    """Return what stands in a database."""
    source = sqlite3.connect(file)
    schema = source.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    steps = tuple(_steps(source))
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
    target.execute(
        "SELECT * FROM players WHERE player = ? AND story = ?", (player, story)
    ).fetchone()
    target.execute(
        "SELECT result FROM inbox WHERE player = ? AND update_id = ?", (player, step.update)
    ).fetchone()
    target.execute(_SAVE, step.state)
    for table, found in step.rows.items():
        for row in found:
            marks = ", ".join("?" * len(row))
            target.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names


def _steps(source: sqlite3.Connection) -> Iterator[Step]:
    rows: dict[tuple[str, int], dict[str, list[_Row]]] = defaultdict(lambda: defaultdict(list))
    for table in _BY_STEP:
        found = source.execute(f"SELECT player, sequence, * FROM {table}")  # noqa: S608 - our own names
        for player, sequence, *row in found:
            rows[player, sequence][table].append(tuple(row))
    updates: dict[tuple[str, int], int] = {}
    count: dict[str, int] = defaultdict(int)
    for row in source.execute("SELECT * FROM inbox ORDER BY player, update_id"):
        player, update = row[:2]
        count[player] += 1
        step = (player, count[player])  # the n-th delivery is the n-th step
        updates[step] = update
        rows[step]["inbox"].append(row)
    states = {row[0]: row for row in source.execute("SELECT * FROM players")}
    for step in sorted(rows, key=lambda one: (one[1], one[0])):
        yield Step(updates[step], states[step[0]], rows[step])
