"""Copies of a database, made while it is in use, and put back.

A backup is always one SQLite file, whatever the database is: SQLite makes a copy of itself, and a PostgreSQL is read
in one snapshot. So there is one thing to keep and to test, and a backup put back into the other kind of database is how
one moves there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from errno import ENOSPC
from pathlib import Path

from diana_engine.database.address import Address, address_of, check_file
from diana_engine.database.connect import Database, open_database
from diana_engine.database.faults import in_words
from diana_engine.database.upkeep.copying import copy_rows, count_rows, is_empty, settle_positions
from diana_engine.database.upkeep.erasing import erase_again, erasures
from diana_engine.database.upkeep.files import beside, check_new, folded, synced
from diana_engine.errors import DianaError

__all__ = ["Copied", "back_up", "restore"]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: rows in all, its bytes where it is a file, and how many players it was made to forget."""

    place: str
    rows: int
    bytes: int | None = None
    forgotten: int = 0


async def back_up(url: str, target: Path) -> Copied:
    """Copy the database at `url` into a new file, as it is at one moment; whoever uses it goes on meanwhile.

    The file is there whole and verified, or not at all.

    Raises:
        DianaError: the database cannot be read, or the file cannot be written or is there already.
    """
    address = address_of(url)
    check_new(target)
    with beside(target) as part:
        if address.file is not None:
            check_file(address.file, create=False)
            await asyncio.to_thread(_copy_file, address, part)
            rows = _verified(part)
        else:
            async with await open_database(url, create=False) as source:
                await _copy_server(source, part, target)
            rows = _verified(part)
        size = synced(part)
        part.replace(target)
    return Copied(f"the file {target}", rows, size)


async def restore(backup: Path, url: str, erased_in: str | None = None) -> Copied:
    """Put a backup into a new or empty database.

    `erased_in` is a database that knows which players have been erased since the backup was made: they are erased again
    before anybody can see the database.

    Raises:
        DianaError: the backup is none or is damaged, or the database cannot be written or is in use already.
    """
    address = address_of(url)
    _check_there(backup)
    gone = frozenset[str]() if erased_in is None else await _erasures(erased_in)
    if address.file is not None:
        check_new(address.file)
        with beside(address.file) as part:
            copied = await _staged(backup, part, gone)
            part.replace(address.file)
        return replace(copied, place=address.place)
    with beside(backup) as part:
        copied = await _staged(backup, part, gone)
        async with (
            await open_database(str(part), create=False) as source,
            await open_database(url) as target,
        ):
            await _check_empty(target)
            await copy_rows(source, target)
    return replace(copied, place=address.place, bytes=None)


# Making one ---------------------------------------------------------------------------------------


def _copy_file(address: Address, part: Path) -> None:
    """Let SQLite write a compact copy of what it holds at this moment: whoever writes is not held up."""
    try:
        assert address.file is not None, "only files are copied by SQLite"
        connection = sqlite3.connect(address.file, isolation_level=None, timeout=5.0)
        try:
            connection.execute("VACUUM INTO ?", (str(part),))
        finally:
            connection.close()
    except sqlite3.Error as error:
        # The database is only read, so what is full is the copy's disk.
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise OSError(ENOSPC, os.strerror(ENOSPC)) from error
        raise in_words(error, address.place) or error from error


async def _copy_server(source: Database, part: Path, target: Path) -> None:
    with _said_of(part, f"The file {target}"):
        async with await open_database(str(part)) as copy:
            await copy_rows(source, copy)
    folded(part)


def _verified(part: Path) -> int:
    """Read the whole copy; return how many rows it has."""
    try:
        connection = sqlite3.connect(f"{part.resolve().as_uri()}?mode=ro", uri=True)
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise DianaError(f"The copy is damaged ({found}). Nothing was kept.")
            return count_rows(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise DianaError(
            "This is no backup of Diana's: it cannot be read as a database."
        ) from error


# Putting one back ---------------------------------------------------------------------------------


async def _staged(backup: Path, part: Path, gone: frozenset[str]) -> Copied:
    """Make a database of a backup that is ready for use: of this Diana's schema, and without who was erased."""
    shutil.copyfile(backup, part)
    _verified(part)
    async with await _opened(part, backup) as database:
        await settle_positions(database)
        forgotten = await erase_again(database, gone)
    folded(part)
    rows = _verified(part)
    return Copied(f"the file {part}", rows, synced(part), forgotten)


async def _opened(part: Path, backup: Path) -> Database:
    with _said_of(part, f"The backup {backup}"):
        return await open_database(str(part), create=False)


@contextmanager
def _said_of(part: Path, place: str) -> Iterator[None]:
    """Let what is wrong with a file in the making be said of what the operator has named: they never see that file."""
    try:
        yield
    except DianaError as error:
        raise DianaError(str(error).replace(address_of(str(part)).place, place)) from error


def _check_there(backup: Path) -> None:
    if not backup.is_file():
        raise DianaError(f"There is no backup {backup}.")


async def _erasures(url: str) -> frozenset[str]:
    async with await open_database(url, create=False) as database:
        return await erasures(database)


async def _check_empty(target: Database) -> None:
    if not await is_empty(target):
        raise DianaError(
            f"{target.place} is in use already. Name an empty one: nothing is ever overwritten."
        )
