"""Where a database is, read from what the operator wrote. Nothing here holds or shows a password but the URL itself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from diana_engine.database.faults import in_words
from diana_engine.errors import DianaError
from diana_engine.settings import database_url

__all__ = ["DRIVERS", "Address", "address_of", "check_file"]

DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}
"""The one driver of each database that Diana is tested with."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is; `place` says so in words, and begins a sentence."""

    url: URL
    backend: str
    place: str
    file: Path | None = None


def address_of(url: str) -> Address:
    """Return where a URL or a bare path leads.

    Raises:
        DianaError: it cannot be understood, or names something that Diana does not use; the message holds no password.
    """
    parsed = _parsed(url)
    backend, _, driver = parsed.drivername.partition("+")
    assert backend in DRIVERS, f"the settings let {backend} pass"
    if driver not in ("", DRIVERS[backend]):
        raise DianaError(
            f"Diana reaches its database through {DRIVERS[backend]}, and this URL names `{parsed.drivername}`. "
            f"Write `{backend}://…`."
        )
    parsed = parsed.set(drivername=f"{backend}+{DRIVERS[backend]}")
    if backend == "postgresql":
        return Address(_with_ssl(parsed), backend, _server(parsed))
    if parsed.query or parsed.host or parsed.database in (None, "", ":memory:"):
        raise DianaError(
            "Diana keeps its SQLite data in a file, and takes no options for it: write a path, or "
            "`sqlite:///diana.db`. What is kept in memory would be lost with the command."
        )
    file = Path(str(parsed.database))
    return Address(parsed, backend, f"The database {file}", file)


def check_file(file: Path, *, create: bool) -> None:
    """Say in good words what SQLite would only call "unable to open".

    Raises:
        DianaError: there is no such file although there must be, or there cannot be one.
    """
    if file.is_dir():
        raise DianaError(f"The database {file} is a folder. Name a file in it.")
    if not file.parent.is_dir():
        raise DianaError(f"The database {file} cannot be made: there is no folder {file.parent}.")
    if not create and not file.exists():
        raise DianaError(
            f"There is no database {file}. `diana compile STORY` makes one, or name another with "
            f"`--database`."
        )
    try:
        # aiosqlite leaves a thread behind when it cannot open a file, and that prints a traceback later.
        sqlite3.connect(file).close()
    except sqlite3.Error as error:
        raise in_words(error, f"The database {file}") or error from error


def _parsed(url: str) -> URL:
    try:
        return make_url(database_url(url))
    except (ArgumentError, ValueError):
        # The cause may quote the URL, and with it a password.
        raise DianaError(
            "The database URL cannot be understood. Write `postgresql://user:password@host/name`, "
            "with every `@`, `:`, `/` and `?` inside the password written as `%40`, `%3A`, `%2F` and `%3F`."
        ) from None


def _with_ssl(url: URL) -> URL:
    """Return the URL with the name that asyncpg has for the option which every hosting service hands out."""
    mode = url.query.get("sslmode")
    if mode is None:
        return url
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _server(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"The PostgreSQL database `{url.database or url.username or ''}` on {host}{port}"
