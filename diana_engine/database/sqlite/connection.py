"""A connection of the driver's own, with the promises that every one of them keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from diana_engine.database.scripts.script import Call, Result, Script

__all__ = ["connect", "ended", "run"]

_STATEMENTS = 256
"""Compiled statements that a connection keeps: more than there are."""

_LOG_PAGES = 4_000
"""Pages of 4 kB in the write-ahead log from which on they are brought into the database. By SQLite's own 1,000 that happens every few
hundred steps, though most of the pages are written again soon: a tenth of all that a commit takes."""


def connect(file: Path, patience: float, *, writes: bool) -> sqlite3.Connection:
    """Open a database for one thread; `patience` is how many seconds to wait for another program that writes.

    The file is there, with its tables and in write-ahead mode: `open_database` has seen to that.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        file, timeout=patience, isolation_level=None, cached_statements=_STATEMENTS
    )
    pragmas = ["synchronous = FULL", "foreign_keys = ON", "secure_delete = FAST"]
    pragmas.append(f"wal_autocheckpoint = {_LOG_PAGES}" if writes else "query_only = ON")
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def ended(connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
    """Return a connection whose transaction is over, whatever it had done; `None` where only a new one can go on.

    A damaged disk may refuse even that, and the thread must live to say so.
    """
    if connection is None or not connection.in_transaction:
        return connection
    try:
        connection.execute("ROLLBACK")
    except sqlite3.Error:
        connection.close()
        return None
    return connection


def run(script: Script[Result], connection: sqlite3.Connection) -> Result:
    """Run a script to its end."""
    rows: Sequence[Sequence[Any]] | None = None
    try:
        while True:
            call = _next(script, rows)
            rows = connection.execute(call.sql.sqlite, call.values).fetchall()
    except StopIteration as end:
        result: Result = end.value
        return result


def _next(
    script: Generator[Call, Sequence[Sequence[Any]], Any], rows: Sequence[Sequence[Any]] | None
) -> Call:
    return next(script) if rows is None else script.send(rows)
