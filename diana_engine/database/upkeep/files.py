"""Files of SQLite databases: in the making, finished, and without what a write-ahead log still holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from diana_engine.errors import DianaError

__all__ = ["FileHealth", "beside", "check_new", "emptied", "file_health", "folded", "synced"]

_TRIES = 20
_MOMENT = 0.1
"""Seconds between two tries to empty a log that somebody is reading: readers are quick."""


def check_new(file: Path) -> None:
    """Refuse a file that is there, or cannot be.

    Raises:
        DianaError: in words for the operator.
    """
    if file.exists():
        raise DianaError(f"{file} is there already. Name a new file: nothing is ever overwritten.")
    if not file.parent.is_dir():
        raise DianaError(f"{file} cannot be made: there is no folder {file.parent}.")


@dataclass(frozen=True, slots=True)
class FileHealth:
    """What SQLite says of its file, empty if it is sound; the bytes of the write-ahead log, and those free on the disk."""

    damage: str
    log: int
    free: int


def file_health(file: Path) -> FileHealth:
    """Read a whole file, and look around it.

    Raises:
        sqlite3.Error: it cannot be read at all.
    """
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    finally:
        connection.close()
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    damage = "" if found == ["ok"] else "; ".join(found)
    return FileHealth(damage, size, shutil.disk_usage(file.parent).free)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a name for a file beside `target` that is in the making, and take away what is left of it.

    Raises:
        DianaError: the file system refuses.
    """
    part = target.with_name(f".diana-{token_hex(8)}.part")
    try:
        yield part
    except OSError as error:
        raise DianaError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def folded(part: Path) -> None:
    """Bring everything into the one file, and let it need no other beside it."""
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()


def synced(part: Path) -> int:
    """Have the file on the disk before it gets its name; return how many bytes it has."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END)


def emptied(file: Path) -> bool:
    """Bring a write-ahead log into its file and cut it to nothing; false if somebody kept reading from it."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        for _ in range(_TRIES):
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(_MOMENT)
        return False
    finally:
        connection.close()
