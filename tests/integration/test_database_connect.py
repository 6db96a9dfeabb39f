"""Opening a database: what works, and what an operator is told when it does not."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, insert, inspect, make_url, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from diana_engine.database import tables
from diana_engine.database.connect import Database, keep_promises, open_database
from diana_engine.errors import DianaError

SECRET = "hunter2secret"


def written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


async def table_names(database: Database) -> set[str]:
    async with database.transaction(writes=False) as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


# What works ---------------------------------------------------------------------------------------


async def test_a_new_database_gets_its_tables_and_its_schema_version(database: Database):
    assert await table_names(database) == set(tables.metadata.tables)
    async with database.transaction(writes=False) as connection:
        versions = (await connection.execute(select(tables.diana_schema.c.version))).scalars().all()
    assert versions == [tables.SCHEMA_VERSION]


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite+aiosqlite:///{}"])
async def test_a_sqlite_file_may_be_named_in_three_ways(tmp_path: Path, form: str):
    file = tmp_path / "a b" / "diana.db"
    file.parent.mkdir()
    async with await open_database(form.format(file)):
        pass
    assert file.exists()


async def test_a_postgresql_url_may_name_its_driver_and_its_ssl_mode(postgresql_url: str):
    url = make_url(postgresql_url).set(drivername="postgresql+asyncpg")
    async with await open_database(
        written(url.update_query_dict({"sslmode": "prefer"}))
    ) as database:
        assert await table_names(database)


async def test_every_sqlite_connection_keeps_the_promises(tmp_path: Path):
    async with await open_database(str(tmp_path / "diana.db")) as database:

        async def pragmas() -> list[object]:
            async with database.transaction(writes=False) as connection:
                await asyncio.sleep(0.05)  # so that each has a connection of its own
                return [
                    (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
                    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
                ]

        for found in await asyncio.gather(*(pragmas() for _ in range(4))):
            assert found == ["wal", 2, 1, 5000]


async def test_postgresql_commits_are_durable_and_nobody_waits_for_ever(postgresql_url: str):
    async with (
        await open_database(postgresql_url) as database,
        database.transaction(writes=True) as connection,
    ):
        for name, value in [
            ("synchronous_commit", "on"),
            ("lock_timeout", "5s"),
            ("transaction_isolation", "read committed"),
            ("idle_in_transaction_session_timeout", "10s"),
        ]:
            assert (await connection.execute(text(f"SHOW {name}"))).scalar_one() == value


async def test_a_new_database_may_be_opened_by_many_at_once(fresh_url: str):
    opened = await asyncio.gather(*(open_database(fresh_url) for _ in range(8)))
    for database in opened:
        assert "players" in await table_names(database)
        await database.close()


async def test_many_who_open_new_files_at_once_never_find_them_locked(tmp_path: Path):
    for turn in range(20):  # two of eight met in about one turn of twenty
        file = str(tmp_path / f"{turn}.db")
        for database in await asyncio.gather(*(open_database(file) for _ in range(8))):
            await database.close()


def test_a_new_file_may_be_opened_by_many_processes_at_once(tmp_path: Path):
    program = (
        "import asyncio, sys\n"
        "from diana_engine.database.connect import open_database\n"
        "async def main():\n"
        "    async with await open_database(sys.argv[1]): pass\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "diana.db")]
    running = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for _ in range(6)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


async def test_a_transaction_that_fails_leaves_nothing(database: Database):
    row = {"player": "x", "update_id": 1, "result": "", "received_at": 0}

    async def fail() -> None:
        async with database.transaction(writes=True) as connection:
            await connection.execute(insert(tables.inbox), row)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction(writes=False) as connection:
        assert (await connection.execute(select(tables.inbox))).all() == []


# What does not ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "memory"),
        ("sqlite:///:memory:", "memory"),
        ("sqlite:///x.db?mode=ro", "no options"),
        ("sqlite+pysqlite:///x.db", "through aiosqlite"),
        ("postgresql+psycopg://u:hunter2secret@host/x", "through asyncpg"),
        ("mysql://u:hunter2secret@host/x", "SQLite or PostgreSQL"),
        ("postgresql://u:hunter2secret/@host:port/x", "cannot be understood"),
        ("postgresql://u:hunter2secret@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql://u:hunter2secret@no-such-host.invalid/x", "cannot be reached"),
        ("no/such/folder/x.db", "no folder no/such/folder"),
        (".", "is a folder"),
        ("/proc/x.db", "cannot be opened"),
    ],
)
async def test_a_database_that_cannot_be_used_is_named_and_no_password_is(url: str, words: str):
    with pytest.raises(DianaError) as caught:
        await open_database(url)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


async def test_a_login_that_is_refused_is_told_without_the_password(postgresql_url: str):
    right = make_url(postgresql_url)
    for url, words in [
        (right.set(username="nobody", password=SECRET), "refused the login"),
        (right.set(database="missing"), "does not exist"),
        (right.update_query_dict({"application_name": SECRET}), "`application_name`"),
    ]:
        with pytest.raises(DianaError) as caught:
            await open_database(written(url))
        assert words in str(caught.value)
        assert SECRET not in str(caught.value)


async def test_a_missing_driver_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(DianaError, match=r"pip install 'diana-engine\[postgresql\]'"):
        await open_database("postgresql://u@127.0.0.1:1/x")


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path):
    file = tmp_path / "diary.txt"
    file.write_text("Dear diary, " * 100)
    with pytest.raises(DianaError, match="is not a SQLite database"):
        await open_database(str(file))
    assert file.read_text() == "Dear diary, " * 100


async def test_a_file_that_must_be_there_is_not_made(tmp_path: Path):
    file = tmp_path / "diana.db"
    with pytest.raises(DianaError, match=r"There is no database .*diana compile"):
        await open_database(str(file), create=False)
    assert not file.exists()


async def test_another_program_s_tables_are_left_alone(fresh_url: str):
    driver = "sqlite+aiosqlite" if fresh_url.startswith("sqlite") else "postgresql+asyncpg"
    engine = create_async_engine(driver + fresh_url[fresh_url.index(":") :])
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE players (name TEXT)"))
    await engine.dispose()
    with pytest.raises(DianaError, match=r"tables of another program \(players\)"):
        await open_database(fresh_url)


async def test_who_only_looks_leaves_no_table_in_another_program_s_database(fresh_url: str):
    driver = "sqlite+aiosqlite" if fresh_url.startswith("sqlite") else "postgresql+asyncpg"
    engine = create_async_engine(driver + fresh_url[fresh_url.index(":") :])
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(DianaError, match=r"holds nothing of Diana's, and was left as it is"):
        await open_database(fresh_url, create=False)
    async with engine.begin() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    assert names == ["recipes"]


async def test_a_file_of_another_program_is_not_made_diana_s(tmp_path: Path):
    file = tmp_path / "recipes.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(DianaError, match=r"tables of another program \(recipes\)"):
        await open_database(str(file))


@pytest.mark.parametrize(("version", "age"), [(99, "a newer"), (0, "an older")])
async def test_a_database_of_another_schema_is_refused(fresh_url: str, version: int, age: str):
    async with (
        await open_database(fresh_url) as database,
        database.transaction(writes=True) as connection,
    ):
        await connection.execute(update(tables.diana_schema).values(version=version))
    with pytest.raises(DianaError, match=f"{age} version of Diana \\(schema {version}"):
        await open_database(fresh_url)


def test_a_drive_without_a_write_ahead_log_is_told():
    engine = create_engine("sqlite://")  # memory has none either
    keep_promises(engine, "The database x")
    with pytest.raises(DianaError, match="cannot keep a write-ahead log"):
        engine.connect()
    engine.dispose()


async def test_a_locked_file_is_said_to_be_locked_and_serves_again_afterwards(tmp_path: Path):
    file = tmp_path / "diana.db"
    async with await open_database(str(file), patience=0.05) as database:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DianaError, match="is locked by another program"):
            async with database.transaction(writes=True):
                pass
        async with database.transaction(writes=False) as connection:  # readers do not mind
            await connection.execute(select(tables.players))
        other.execute("ROLLBACK")
        other.close()
        async with database.transaction(writes=True) as connection:
            await connection.execute(select(tables.players))


async def test_a_full_disk_is_told_reads_go_on_and_space_mends_it(tmp_path: Path):
    async with await open_database(str(tmp_path / "diana.db")) as database:
        row = {"player": "x", "update_id": 1, "result": "x" * 1_000_000, "received_at": 0}

        async def grow(pages: int) -> None:
            async with database.transaction(writes=True) as connection:
                await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
                await connection.execute(insert(tables.inbox), row)

        with pytest.raises(DianaError, match="the disk is full"):
            await grow(40)
        async with database.transaction(writes=False) as connection:
            assert (await connection.execute(select(tables.inbox))).all() == []
        await grow(100_000)


async def test_a_database_that_became_read_only_is_told(tmp_path: Path):
    async with await open_database(str(tmp_path / "diana.db")) as database:

        async def write() -> None:
            async with database.transaction(writes=True) as connection:
                await connection.exec_driver_sql("PRAGMA query_only = ON")
                await connection.execute(insert(tables.diana_schema), {"version": 7})

        with pytest.raises(DianaError, match="cannot be written"):
            await write()


@pytest.mark.skipif(os.geteuid() == 0, reason="to root nothing is read-only; /proc stands in above")
async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(DianaError, match="cannot be opened"):
        await open_database(str(folder / "diana.db"))


async def test_a_lost_server_connection_is_told_and_the_next_one_works(postgresql_url: str):
    async with await open_database(postgresql_url) as database:
        with pytest.raises(DianaError, match="broke the connection"):
            async with database.transaction(writes=False) as connection:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        async with database.transaction(writes=False) as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


async def test_a_mistake_of_ours_is_not_dressed_as_the_operator_s(database: Database):
    with pytest.raises(Exception, match=r"(?i)nowhere") as caught:
        async with database.transaction(writes=False) as connection:
            await connection.execute(text("SELECT * FROM nowhere"))
    assert not isinstance(caught.value, DianaError)
