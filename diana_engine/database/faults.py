"""What a database's error means for the person who runs Diana, where it means anything to them.

Only what an operator can mend is put into words here; anything else is a mistake of ours and goes on as it is. The
words never come from the driver, whose own may quote what was sent, and never hold a URL.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from diana_engine.errors import DianaError

__all__ = ["FAULTS", "LOST", "in_words"]

FAULTS = (SQLAlchemyError, sqlite3.Error, OSError)
"""What a database raises: through SQLAlchemy, from a pragma, or from the network."""

_TRY_AGAIN = "Nothing was changed; try again once it is free."

# By the beginning of `sqlite_errorname`.
_SQLITE = {
    "SQLITE_BUSY": f"is locked by another program. {_TRY_AGAIN}",
    "SQLITE_LOCKED": f"is locked by another program. {_TRY_AGAIN}",
    "SQLITE_FULL": "cannot grow: the disk is full. Nothing was lost; free some space and go on.",
    "SQLITE_READONLY": "cannot be written. Check the permissions of the file and of its folder.",
    "SQLITE_CANTOPEN": "cannot be opened. Check that its folder exists and can be written.",
    "SQLITE_PERM": "cannot be opened. Check the permissions of the file and of its folder.",
    "SQLITE_NOTADB": "is not a SQLite database. Name another file, or move this one away.",
    "SQLITE_CORRUPT": "is damaged. Put a backup in its place.",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error.",
    "SQLITE_PROTOCOL": f"is locked by another program. {_TRY_AGAIN}",
}

# By the beginning of the SQLSTATE.
_POSTGRESQL = {
    "08": "broke the connection. Check that the server runs.",
    "25006": "is read-only at present.",
    "28": "refused the login. Check the user and the password in the URL.",
    "3D000": "does not exist on its server. Create it first, for example with `createdb`.",
    "42501": "does not let this user do that. Grant it the right to create and write tables.",
    "53100": "cannot grow: the server's disk is full. Nothing was lost; free some space and go on.",
    "53300": "takes no more connections. Raise `max_connections`, or run fewer workers.",
    "53": "has run out of resources.",
    "55P03": f"is locked by another program. {_TRY_AGAIN}",
    "57014": f"took too long and was stopped. {_TRY_AGAIN}",
    "57P": "broke the connection: the server is starting, stopping or restarting.",
    "58": "reports an error of its own system.",
}

LOST = "cannot be reached. Check the address, and that the server runs."
"""What is said of a server that does not answer, after its name."""


def in_words(error: BaseException, place: str) -> DianaError | None:
    """Return what an operator can do about an error, or `None` if it is nothing of theirs.

    `place` names the database in words, and begins the sentence.
    """
    meaning = _meaning(error)
    return None if meaning is None else DianaError(f"{place} {meaning}")


def _meaning(error: BaseException) -> str | None:
    match error:
        case PoolTimeoutError():
            return "is too busy: every connection has been in use for half a minute."
        case DBAPIError(orig=BaseException() as cause):
            return _meaning(cause) or (LOST if error.connection_invalidated else None)
        case sqlite3.Error():
            return _by_prefix(_SQLITE, getattr(error, "sqlite_errorname", None))
        case OSError():
            return LOST
        case _:
            return _by_prefix(_POSTGRESQL, getattr(error, "sqlstate", None))


def _by_prefix(meanings: dict[str, str], code: str | None) -> str | None:
    if code is None:
        return None
    return next((words for prefix, words in meanings.items() if code.startswith(prefix)), None)
