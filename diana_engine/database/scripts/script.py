"""Work on a database, apart from how one waits for it.

A script is a generator: it yields a statement with its parameters, is given the rows, and returns what it found. SQLite
runs it on its own thread, PostgreSQL awaits each statement, and neither shows in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

__all__ = ["Call", "Result", "Runner", "Script", "Sql", "without_locks"]

Result = TypeVar("Result")

_NAME = re.compile(r"(?<!:):([a-z_]+)")
_LOCKS = re.compile(r"\s+FOR (NO KEY )?UPDATE( OF \w+)?( SKIP LOCKED)?")


def without_locks(text: str) -> str:
    """Return a statement for SQLite, which has no row locks."""
    return _LOCKS.sub("", text)


class Sql:
    """A statement for both databases, with parameters as ``:name``; SQLite has no row locks and leaves them out.

    `sqlite` replaces the whole where the two must differ. What is `slow` may take longer than PostgreSQL gives to a step.
    """

    def __init__(self, text: str, *, sqlite: str | None = None, slow: bool = False) -> None:
        self.slow = slow
        self.sqlite = without_locks(text) if sqlite is None else sqlite
        self.names = tuple(dict.fromkeys(_NAME.findall(text)))
        """The parameters in the order in which PostgreSQL takes them."""
        self.postgresql = _NAME.sub(lambda found: f"${self.names.index(found[1]) + 1}", text)


class Call(NamedTuple):
    """A statement with its parameters."""

    sql: Sql
    values: Mapping[str, Any]


Script = Generator[Call, Sequence[Sequence[Any]], Result]


class Runner(Protocol):
    """Runs scripts, each in a transaction of its own or as good as that.

    A script is made anew for every try, so it is handed over as the function that makes it.

    Raises:
        DianaError: the database cannot be used, in words for the operator.
    """

    async def read(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script that only reads."""

    async def write(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script; once this returns, what it did is durable."""
