"""The rows of steps written again by the bare driver: what any program pays that keeps them as durably."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["rewrite"]

_BY_STEP = ("step_log", "ledger", "events", "outbox")
_SAVE = """
    INSERT INTO players VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest,
        sequence = excluded.sequence, fragment = excluded.fragment, state = excluded.state, updated_at = excluded.updated_at
"""
_Row = tuple[object, ...]
_Steps = list[tuple[str, dict[str, list[_Row]]]]


def rewrite(
    made: Path, file: Path, together: int, clocks: tuple[Callable[[], float], Callable[[], float]]
) -> tuple[float, float]:
    """Write the steps of the database `made` to a new one, `together` to a commit.

    Returns: what the second of the clocks says was spent, and how long it took by the first.
    """
    source = sqlite3.connect(made)
    steps = list(_steps(source))
    states = {row[0]: row for row in source.execute("SELECT * FROM players")}
    target = sqlite3.connect(file, isolation_level=None)
    for (sql,) in source.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"):
        target.execute(sql)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    wall, cpu = clocks
    start, before = wall(), cpu()
    for first in range(0, len(steps), together):
        target.execute("BEGIN IMMEDIATE")
        for player, rows in steps[first : first + together]:
            _write(target, states[player], rows)
        target.execute("COMMIT")
    spent, took = cpu() - before, wall() - start
    target.close()
    source.close()
    return spent, took


def _steps(source: sqlite3.Connection) -> Iterator[tuple[str, dict[str, list[_Row]]]]:
    """Yield each step's rows by table, in an order in which no player has two steps in a row."""
    rows: dict[tuple[str, int], dict[str, list[_Row]]] = defaultdict(lambda: defaultdict(list))
    for table in _BY_STEP:
        found = source.execute(f"SELECT player, sequence, * FROM {table}")  # noqa: S608 - our own names
        for player, sequence, *row in found:
            rows[player, sequence][table].append(tuple(row))
    for player, update, *row in source.execute("SELECT * FROM inbox"):
        rows[player, update]["inbox"].append(
            (player, update, *row)
        )  # the n-th delivery is the n-th step
    for (player, _), step in sorted(rows.items(), key=lambda one: (one[0][1], one[0][0])):
        yield player, step


def _write(target: sqlite3.Connection, state: _Row, rows: dict[str, list[_Row]]) -> None:
    player, story = state[0], state[1]
    target.execute(
        "SELECT * FROM players WHERE player = ? AND story = ?", (player, story)
    ).fetchone()
    target.execute(
        "SELECT result FROM inbox WHERE player = ? AND update_id = ?", rows["inbox"][0][:2]
    ).fetchone()
    target.execute(_SAVE, state)
    for table, found in rows.items():
        for row in found:
            marks = ", ".join("?" * len(row))
            target.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names
