"""Connections to PostgreSQL, as asyncpg has them, and what they promise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL

from diana_engine.database.faults import LOST, in_words
from diana_engine.database.scripts.script import Result, Script
from diana_engine.errors import DianaError

if TYPE_CHECKING:
    import asyncpg

__all__ = ["SETTINGS", "SILENCE", "Pool", "met_another"]

# Milliseconds. A step takes a few; whoever waits for seconds is better told, and tries again.
SETTINGS = {
    "application_name": "diana",
    "lock_timeout": "5000",
    "statement_timeout": "10000",
    "idle_in_transaction_session_timeout": "10000",
    "synchronous_commit": "on",
}
"""What every connection is told. Rows are locked, so READ COMMITTED is enough, which is PostgreSQL's own default."""

SILENCE = 30.0
"""Seconds after which a server that says nothing is lost: it ends by itself what takes a third of that. Where a network drops
everything, the system would notice after a quarter of an hour."""
_CONNECT = 10.0
_SLOW = 3_600.0
_ROLLBACK = 5.0

_MOST = 16
# The last one is told of a statement that was prepared before a newer Diana changed the schema; the driver prepares it anew then.
_AGAIN = frozenset({"40001", "40P01", "0A000"})
_ARRIVALS = frozenset({"inbox", "players", "step_log"})
_TRIES = 5


class Pool:
    """Connections that are opened when they are first needed, and again after they were lost."""

    def __init__(self, url: URL, place: str) -> None:
        mode = url.query.get("ssl")
        if mode is not None:
            # The name that libpq and asyncpg's own URLs have for it.
            url = url.difference_update_query(["ssl"]).update_query_dict({"sslmode": mode})
        self._url = url.set(drivername="postgresql")
        self._place = place
        self._pool: asyncpg.Pool[Any] | None = None
        self._opening = asyncio.Lock()

    async def read(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script that only reads."""
        return await self._complete(make)

    async def write(self, make: Callable[[], Script[Result]], /) -> Result:
        """Run a script; once this returns, what it did is durable."""
        return await self._complete(make)

    @asynccontextmanager
    async def transaction(
        self, begin: str = "BEGIN"
    ) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy[Any]]:
        """Give a connection in a transaction, which the statements `begin` begin.

        Raises:
            DianaError: the database cannot be used, in words for the operator.
        """
        import asyncpg

        connection: asyncpg.pool.PoolConnectionProxy[Any] | None = None
        try:
            pool = await self._open()
            async with pool.acquire() as connection, _committed(connection, begin):
                yield connection
        except asyncpg.InternalClientError as error:
            # The connection broke in the middle of an exchange, and the driver lost count of it.
            raise DianaError(f"{self._place} {LOST}") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            known = in_words(error, self._place)
            if known is None and isinstance(error, asyncpg.InterfaceError) and _is_lost(connection):
                known = DianaError(f"{self._place} {LOST}")
            if known is None:
                raise
            raise known from error

    async def close(self) -> None:
        """Close every connection once it is free."""
        if self._pool is not None:
            await self._pool.close()

    async def _complete(self, make: Callable[[], Script[Result]]) -> Result:
        # A statement that is cancelled half way may or may not have been done: so it is done, and only waiting is
        # given up.
        return await asyncio.shield(asyncio.ensure_future(self._with_patience(make)))

    async def _with_patience(self, make: Callable[[], Script[Result]]) -> Result:
        for _ in range(_TRIES - 1):
            try:
                return await self._run(make())
            except Exception as error:
                if not met_another(error):
                    raise
        return await self._run(make())

    async def _run(self, script: Script[Result]) -> Result:
        async with self.transaction() as connection:
            return await _run(script, connection)

    async def _open(self) -> asyncpg.Pool[Any]:
        import asyncpg

        async with self._opening:
            if self._pool is None:
                # Every statement is prepared once and takes arrays: planning it anew each time would cost more than
                # running it, and come to the same plan.
                self._pool = await asyncpg.create_pool(
                    self._url.render_as_string(hide_password=False),
                    min_size=1,
                    reset=_keep,
                    max_size=_MOST,
                    timeout=_CONNECT,
                    command_timeout=SILENCE,
                    server_settings={**SETTINGS, "plan_cache_mode": "force_generic_plan"},
                )
            return self._pool


@asynccontextmanager
async def _committed(
    connection: asyncpg.pool.PoolConnectionProxy[Any], begin: str
) -> AsyncIterator[None]:
    try:
        await connection.execute(begin)
        yield
        await connection.execute("COMMIT")
    except BaseException:
        await _roll_back(connection)
        raise


async def _roll_back(connection: asyncpg.pool.PoolConnectionProxy[Any]) -> None:
    if connection.is_closed():
        return
    try:
        await connection.execute("ROLLBACK", timeout=_ROLLBACK)
    except Exception:  # noqa: BLE001 - the first error is the one to tell, and the server rolls back by itself
        connection.terminate()


async def _run(script: Script[Result], connection: asyncpg.pool.PoolConnectionProxy[Any]) -> Result:
    try:
        call = next(script)
        while True:
            values = [call.values[name] for name in call.sql.names]
            if call.sql.slow:
                await connection.execute("SET LOCAL statement_timeout = 0")
            timeout = _SLOW if call.sql.slow else None
            rows = await connection.fetch(call.sql.postgresql, *values, timeout=timeout)
            call = script.send(rows)
    except StopIteration as end:
        result: Result = end.value
        return result


def _is_lost(connection: asyncpg.pool.PoolConnectionProxy[Any] | None) -> bool:
    try:
        return connection is None or connection.is_closed()
    except Exception:  # noqa: BLE001 - a proxy that was given back raises whatever is asked
        return True


async def _keep(_connection: object) -> None:
    """Leave a connection as it is: nothing of ours changes it, and being told to forget costs a round trip."""


def met_another(error: BaseException) -> bool:
    """Return whether an error only says that somebody else was quicker: who tries again finds what they did.

    That is a deadlock, a changed schema, or a delivery or a first step that another worker has just stored.
    """
    state = getattr(error, "sqlstate", None)
    return state in _AGAIN or (state == "23505" and getattr(error, "table_name", None) in _ARRIVALS)
