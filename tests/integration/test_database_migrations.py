"""Databases that another Diana made are carried up with all that is in them, and down again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from diana_engine.database.connect import Database, open_database
from diana_engine.database.migrations import carry as carrying
from diana_engine.database.migrations.carry import MIGRATED, carry
from diana_engine.database.tables import SCHEMA_VERSION

MADE = Path(__file__).parent / "made"
ROWS = [
    "INSERT INTO diana_schema VALUES (2)",
    "INSERT INTO players VALUES ('telegram:42/7', 'cellar', 'd', 3, 'house.hall', '{\"coins\": 5}', 1000)",
    "INSERT INTO inbox VALUES ('telegram:42/7', 77, 'moved', 1000)",
    "INSERT INTO media_sent VALUES ('telegram:42', 'photo', 'm', 'file-1')",
]


def engine_of(url: str) -> AsyncEngine:
    driver = "sqlite+aiosqlite" if url.startswith("sqlite") else "postgresql+asyncpg"
    return create_async_engine(driver + url[url.index(":") :])


@pytest.fixture
async def old_url(fresh_url: str) -> str:
    """The URL of a database of schema 2, with a row in each table of players."""
    kind = "sqlite" if fresh_url.startswith("sqlite") else "postgresql"
    made = (MADE / f"schema_2.{kind}.sql").read_text(encoding="utf-8")
    engine = engine_of(fresh_url)
    async with engine.begin() as connection:
        for statement in [*made.split(";\n"), *ROWS]:
            if statement.strip():
                await connection.exec_driver_sql(statement)
    await engine.dispose()
    return fresh_url


def shape(connection: Connection) -> dict[str, Any]:
    """Return all that can be seen of the tables."""
    seen = inspect(connection)
    return {
        name: {
            "columns": [
                (one["name"], str(one["type"]), one["nullable"], one["default"])
                for one in seen.get_columns(name)
            ],
            "key": seen.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted(str(one["column_names"]) for one in seen.get_unique_constraints(name)),
            "checks": sorted(one["sqltext"] for one in seen.get_check_constraints(name)),
            "indexes": sorted(
                (one["name"], str(one["column_names"]), _words(one.get("dialect_options", {})))
                for one in seen.get_indexes(name)
            ),
            "foreign": sorted(
                str(one["constrained_columns"]) for one in seen.get_foreign_keys(name)
            ),
        }
        for name in seen.get_table_names()
        if name != MIGRATED
    }


def _words(options: dict[str, Any]) -> str:
    return str({name: str(value) for name, value in options.items()})


async def seen(url: str) -> dict[str, Any]:
    engine = engine_of(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(shape)
    await engine.dispose()
    return found


async def rows(database: Database) -> list[list[Any]]:
    async with database.transaction(writes=False) as connection:
        return [
            [tuple(row) for row in await connection.execute(text(f"SELECT * FROM {table}"))]
            for table in ("players", "inbox", "media_sent", "diana_schema")
        ]


async def moved(database: Database, found: int, wanted: int) -> None:
    async with database.transaction(writes=True) as connection:
        await connection.run_sync(lambda inner: carry(inner, found, wanted))


async def test_an_old_database_is_carried_up_with_its_rows(old_url: str):
    async with await open_database(old_url) as database:
        players, inbox, media, version = await rows(database)
    assert players == [("telegram:42/7", "cellar", "d", 3, "house.hall", '{"coins": 5}', 1000)]
    assert inbox == [("telegram:42/7", 77, "moved", 1000)]
    assert media == [("telegram:42", "photo", "m", "file-1")]
    assert version == [(SCHEMA_VERSION,)]


async def test_a_database_that_was_carried_up_is_like_a_new_one(old_url: str):
    before = await seen(old_url)
    async with await open_database(old_url):
        pass
    carried = await seen(old_url)
    engine = engine_of(old_url)
    async with engine.begin() as connection:
        await connection.run_sync(_drop_all)
    await engine.dispose()
    async with await open_database(old_url):
        assert await seen(old_url) == carried
    assert carried != before


def _drop_all(connection: Connection) -> None:
    for name in inspect(connection).get_table_names():
        cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TABLE {name}{cascade}"))


async def test_going_down_gives_back_what_was_there(old_url: str):
    before = await seen(old_url)
    async with await open_database(old_url) as database:
        kept = await rows(database)
        await moved(database, SCHEMA_VERSION, 2)
        assert await seen(old_url) == before
        assert (await rows(database))[:3] == kept[:3]
        await moved(database, 2, SCHEMA_VERSION)
        assert await rows(database) == kept


async def test_the_oldest_schema_is_carried_up_too(old_url: str):
    engine = engine_of(old_url)
    async with engine.begin() as connection:  # the schema before media
        for statement in (
            "DROP TABLE media",
            "DROP TABLE media_sent",
            "UPDATE diana_schema SET version = 1",
        ):
            await connection.execute(text(statement))
    await engine.dispose()
    async with await open_database(old_url) as database:
        players, inbox, media, version = await rows(database)
    assert (len(players), len(inbox), media, version) == (1, 1, [], [(SCHEMA_VERSION,)])


async def test_who_is_interrupted_half_way_finds_the_database_as_it_was(
    old_url: str, monkeypatch: pytest.MonkeyPatch
):
    before = await seen(old_url)

    def dying(*_arguments: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "update", dying)  # the last thing that is done
        with pytest.raises(ZeroDivisionError):
            await open_database(old_url)
    assert await seen(old_url) == before
    async with await open_database(old_url) as database:
        assert (await rows(database))[3] == [(SCHEMA_VERSION,)]


async def test_several_may_carry_up_one_database_at_once(old_url: str):
    opened = await asyncio.gather(*(open_database(old_url) for _ in range(4)))
    for database in opened:
        assert (await rows(database))[3] == [(SCHEMA_VERSION,)]
        await database.close()


async def test_a_change_of_the_schema_may_take_as_long_as_it_takes(old_url: str):
    """A step may have ten seconds; in a table of many millions of rows an index alone takes minutes."""
    if old_url.startswith("sqlite"):
        return  # where nothing is ever cut short
    engine = engine_of(old_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE limits (words text)"))
        await connection.execute(
            text(
                "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS "
                "'BEGIN INSERT INTO limits VALUES (current_setting(''statement_timeout'')); END'"
            )
        )
        await connection.execute(
            text("CREATE EVENT TRIGGER noted ON ddl_command_start EXECUTE FUNCTION note()")
        )
    async with await open_database(old_url) as database:
        assert (await rows(database))[3] == [(SCHEMA_VERSION,)]
    async with engine.connect() as connection:
        assert set(await connection.scalars(text("SELECT words FROM limits"))) == {"0"}
    await engine.dispose()
