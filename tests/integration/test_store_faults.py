"""What goes wrong around a store: poison, a full disk, a lock, a lost server. Nothing that was acknowledged is lost.

`DIANA_HOT_STEPS` says how many steps one player makes at once; `make faults` says ten thousand.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database import connect
from diana_engine.database.connect import open_database
from diana_engine.database.port import Entry, LedgerError, Message, SetTimer, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.postgresql import pool
from diana_engine.database.postgresql.store import PostgresqlStore
from diana_engine.database.scripts import events, outbox, purging
from diana_engine.database.scripts.script import Call, Script, Sql
from diana_engine.database.sqlite.store import SqliteStore
from diana_engine.database.sqlite.worker import BATCH, Job, Worker
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.errors import DianaError
from diana_engine.program.model import StoryId
from strategies.steps import Steps, play

ANA = play("ana")
HOT = int(os.environ.get("DIANA_HOT_STEPS", "192"))


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A SQLite file with its tables."""
    file = tmp_path / "diana.db"
    await (await open_database(str(file))).close()
    return file


# On every store -----------------------------------------------------------------------------------


async def test_a_poison_step_takes_no_other_with_it(store: Store, steps: Steps):
    def poison(_record: object):
        raise ZeroDivisionError

    def one(n: int):
        who, update = f"p{n}", UpdateId(n)
        match n:
            case 7:
                return store.players.step(play(who), update, poison)
            case 13:
                return steps.make(who=who, delivery=update, entries=(Entry("coins", -1, "debt"),))
            case 19:
                return steps.make(who=who, delivery=update, messages=(Message("a", object()),))
            case _:
                return steps.make(who=who, delivery=update)

    results = await asyncio.gather(*map(one, range(30)), return_exceptions=True)
    failed = {n: type(one) for n, one in enumerate(results) if isinstance(one, Exception)}
    assert failed == {7: ZeroDivisionError, 13: LedgerError, 19: TypeError}
    for n in range(30):
        record = await store.players.find(play(f"p{n}"))
        assert (record is None) == (n in failed)
        assert (await steps.make(who=f"p{n}", delivery=UpdateId(n))).repeated == (n not in failed)


async def test_one_hot_player_of_sixteen_workers_loses_no_step(fresh_url: str):
    async with await open_database(fresh_url) as database:
        workers = [Steps(store_on(database, lambda: 0)) for _ in range(16)]
        # SQLite's lock is not fair, and a file has one writer: there only that workers meet at all is tried.
        each = (HOT if fresh_url.startswith("postgresql") else 192) // len(workers)
        results = await asyncio.gather(*(one.make() for one in workers for _ in range(each)))
        assert sorted(one.record.sequence for one in results) == list(range(1, 16 * each + 1))
        record = await store_on(database, lambda: 0).players.find(ANA)
        assert (record.sequence, record.state.seed) == (16 * each, 16 * each)


async def test_a_store_that_was_closed_says_so_and_what_waited_was_done(fresh_url: str):
    database = await open_database(fresh_url)
    store = store_on(database, lambda: 0)
    steps = Steps(store)
    waiting = [asyncio.create_task(steps.make(who=f"p{n}")) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()
    assert [one.record.sequence for one in await asyncio.gather(*waiting)] == [1] * 20
    with pytest.raises(DianaError, match="closed"):
        await steps.make()


async def test_what_no_database_takes_is_refused_before_it_comes_there(store: Store, steps: Steps):
    with pytest.raises(UnicodeEncodeError):
        await steps.make(delivery=UpdateId(1), messages=(Message("a", "half a pair: \ud800"),))
    assert not (await steps.make(delivery=UpdateId(1))).repeated


# SQLite -------------------------------------------------------------------------------------------


def limited(pages: int) -> Script[None]:
    yield Call(Sql(f"PRAGMA max_page_count = {pages}"), {})


async def test_a_full_disk_is_told_reads_go_on_and_space_mends_it_without_a_restart(file: Path):
    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        assert isinstance(store, SqliteStore)
        steps = Steps(store)
        await store._writer.write(lambda: limited(120))
        acknowledged, update = 0, 1
        big = (Message("a", "x" * 4_000),)
        told = ""
        while not told:
            try:
                await steps.make(delivery=UpdateId(update), messages=big)
            except DianaError as error:
                told = str(error)
            else:
                acknowledged, update = update, update + 1
        assert "the disk is full" in told
        assert acknowledged > 5
        assert (await store.players.find(ANA)).sequence == acknowledged
        many = [steps.make(who=f"p{n}", messages=(Message("a", "x" * 9_000),)) for n in range(20)]
        results = await asyncio.gather(*many, return_exceptions=True)
        assert {type(one) for one in results} == {DianaError}
        await store._writer.write(lambda: limited(1_000_000))
        again = await steps.make(delivery=UpdateId(update))
        assert (again.repeated, again.record.sequence) == (False, acknowledged + 1)
        assert (await store.outbox.counts("test")).ready == acknowledged
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_file_that_another_program_locks_is_told_and_serves_again_afterwards(file: Path):
    async with await open_database(str(file), patience=0.05) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        await steps.make()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DianaError, match="locked by another program"):
            await steps.make(delivery=UpdateId(7))
        assert (await store.players.find(ANA)).sequence == 1
        other.execute("ROLLBACK")
        other.close()
        assert not (await steps.make(delivery=UpdateId(7))).repeated


async def test_a_file_that_is_damaged_is_told_and_nobody_waits_for_ever(file: Path):
    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        await asyncio.gather(*(steps.make(who=f"p{n}") for n in range(50)))
        await store.upkeep.checkpoint()
        whole = file.read_bytes()  # noqa: ASYNC240
        file.write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))  # noqa: ASYNC240
        async with asyncio.timeout(60):
            for _ in range(3):
                with pytest.raises(DianaError, match="is damaged"):
                    await store.players.find(ANA)
        file.write_bytes(whole)  # noqa: ASYNC240


async def test_a_thread_that_fails_as_a_whole_tells_all_who_wait_and_goes_on():
    def run(jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.result = job.work
            assert job.work != "poison"

    worker = Worker("diana-test", run, lambda: None)
    with pytest.raises(AssertionError):
        await worker.do("poison")
    assert await worker.do("bread") == "bread"
    await worker.close()


async def test_a_thread_goes_on_when_those_who_asked_are_gone_with_their_loop():
    asked, go = threading.Event(), threading.Event()

    def run(jobs: Sequence[Job]) -> None:
        asked.set()
        go.wait(10)
        for job in jobs:
            job.result = job.work

    async def ask_and_leave() -> None:
        asking = asyncio.ensure_future(worker.do("nobody waits"))
        await asyncio.to_thread(asked.wait, 10)
        asking.cancel()

    worker = Worker("diana-test", run, lambda: None)
    await asyncio.to_thread(asyncio.run, ask_and_leave())
    go.set()
    async with asyncio.timeout(10):
        assert await worker.do("bread") == "bread"
    await worker.close()


async def test_a_script_that_fails_half_way_leaves_nothing(file: Path):
    def half() -> Script[None]:
        pause = "INSERT INTO paused_chats (channel, chat, reason) VALUES ('test', 'a', 'half')"
        yield Call(Sql(pause), {})
        raise ZeroDivisionError

    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        said = Steps(store).say(Message("a", 1))
        failed, _ = await asyncio.gather(store._writer.write(half), said, return_exceptions=True)
        assert isinstance(failed, ZeroDivisionError)
        assert len(await store.outbox.claim("test", "me", 1_000, lease=30, limit=9)) == 1


async def test_the_jobs_of_one_key_are_done_one_to_a_batch_in_the_order_in_which_they_came():
    batches: list[list[str]] = []
    go = threading.Event()

    def run(jobs: Sequence[Job]) -> None:
        go.wait(10)
        batches.append([job.work for job in jobs])

    worker = Worker("diana-test", run, lambda: None)
    first = asyncio.create_task(worker.do("first"))
    await asyncio.sleep(0)
    keys = ["ana", "ana", "ana", *(f"p{n}" for n in range(BATCH)), "ana"]
    rest = [asyncio.create_task(worker.do(f"{key} {n}", key)) for n, key in enumerate(keys)]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(first, *rest)
    await worker.close()
    anas = [[work for work in batch if work.startswith("ana")] for batch in batches]
    assert max(map(len, anas)) == 1
    assert [work for batch in anas for work in batch] == [
        "ana 0",
        "ana 1",
        "ana 2",
        f"ana {BATCH + 3}",
    ]


async def test_the_write_ahead_log_is_emptied_on_request_and_at_the_end(file: Path):
    log = file.with_name(f"{file.name}-wal")
    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        await asyncio.gather(*(steps.make(who=f"p{n}") for n in range(50)))
        assert log.stat().st_size > 0
        assert await store.upkeep.checkpoint() == 0
        await steps.make()
    assert not log.exists()
    assert not file.with_name(f"{file.name}-shm").exists()


async def test_a_reader_that_is_left_open_holds_up_no_writer(file: Path):
    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        reader = sqlite3.connect(file, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM players").fetchone()
        await asyncio.gather(*(steps.make(who=f"p{n}") for n in range(50)))
        assert await store.upkeep.checkpoint() > 0
        assert reader.execute("SELECT count(*) FROM players").fetchone() == (0,)
        reader.close()
        assert await store.upkeep.checkpoint() == 0


async def test_the_threads_of_a_store_keep_the_promises_too(file: Path):
    async with await open_database(str(file)) as database:
        store = store_on(database, lambda: 1_000)
        assert isinstance(store, SqliteStore)

        def pragmas() -> Script[list[object]]:
            found = []
            for name in ("journal_mode", "synchronous", "secure_delete", "query_only"):
                rows = yield Call(Sql(f"PRAGMA {name}"), {})
                found.append(rows[0][0])
            return found

        assert await store._writer.write(pragmas) == ["wal", 2, 2, 0]
        assert await store._reader.read(pragmas) == ["wal", 2, 2, 1]


@pytest.mark.parametrize(
    "name", ["_CLAIM", "_RECOVER", "_PUT_BACK", "_GIVE_UP", "_BACKLOG", "_LAST", "_LAG"]
)
async def test_what_a_sender_asks_for_looks_at_nothing_that_is_done(file: Path, name: str):
    """SQLite leaves an index aside without a word where its condition is not repeated, and looks at every row."""
    sql = getattr(outbox, name, None) or getattr(events, name)
    with closing(sqlite3.connect(file)) as connection:
        asked = f"EXPLAIN QUERY PLAN {sql.sqlite}"
        plan = [row[3] for row in connection.execute(asked, dict.fromkeys(sql.names, 1))]
    looked = [one for one in plan if re.search(r"(SCAN|SEARCH) (one|other|outbox|events)", one)]
    assert looked
    assert [one for one in looked if "USING" not in one or one.startswith("SCAN events")] == []


@pytest.mark.parametrize("table", ["outbox", "events"])
async def test_tidying_up_looks_at_few_rows_while_everybody_waits(file: Path, table: str):
    with closing(sqlite3.connect(file)) as connection:
        for name in (f"_{table.upper()}_STRETCH", f"_{table.upper()}_WITHIN"):
            sql = getattr(purging, name)
            asked = f"EXPLAIN QUERY PLAN {sql.sqlite}"
            plan = [row[3] for row in connection.execute(asked, dict.fromkeys(sql.names, 1))]
            looked = [one for one in plan if re.search(rf"(SCAN|SEARCH) (old|{table})", one)]
            assert looked
            assert [one for one in looked if "SCAN" in one] == []


# PostgreSQL ---------------------------------------------------------------------------------------


async def test_a_server_that_breaks_every_connection_loses_and_doubles_nothing(emptied_url: str):
    async with await open_database(emptied_url) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        broken = 0

        async def insist(who: str) -> None:
            nonlocal broken
            for update in range(1, 31):
                while True:
                    try:
                        await steps.make(who=who, delivery=UpdateId(update))
                    except DianaError:
                        broken += 1
                        await asyncio.sleep(0.01)
                    else:
                        break

        async def break_connections() -> None:
            # A few times only: on a slow machine a connection takes longer to come back than the next break to come.
            async with await open_database(emptied_url) as other:
                for _ in range(5):
                    async with other.transaction(writes=False) as connection:
                        await connection.execute(
                            text(
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                                "current_database() AND pid <> pg_backend_pid()"
                            )
                        )
                    await asyncio.sleep(0.1)

        await asyncio.gather(*(insist(f"p{n}") for n in range(8)), break_connections())
        assert broken, "no connection was broken"
        for n in range(8):
            record = await store.players.find(play(f"p{n}"))
            assert (record.sequence, record.state.seed) == (30, 30)


class Line:
    """A line to a server that may go dead: connections stay, and nothing comes through any more."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._open = asyncio.Event()
        self._open.set()
        self._ends: list[asyncio.StreamWriter] = []

    def __str__(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        url = self._url.set(host="127.0.0.1", port=port).difference_update_query(["host", "port"])
        return url.render_as_string(hide_password=False)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.revive()
        self._server.close()

    def die(self) -> None:
        self._open.clear()

    def revive(self) -> None:
        """Let new connections through; those that were cut never come back."""
        for end in self._ends:
            end.close()
        self._ends.clear()
        self._open.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder = self._url.query.get("host")
        if folder is None:
            far = await asyncio.open_connection(self._url.host, self._url.port or 5432)
        else:
            far = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{self._url.port or 5432}")
        self._ends += [writer, far[1]]
        with contextlib.suppress(OSError):
            await asyncio.gather(self._carry(reader, far[1]), self._carry(far[0], writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._open.wait()
            if writer.is_closing():
                return
            writer.write(data)
        writer.close()


async def test_a_batch_whose_connection_broke_is_tried_by_nobody_but_who_asked(postgresql_url: str):
    """Nobody knows whether it was stored, and only who asked can ask again with the update's number."""
    async with await open_database(postgresql_url) as database:
        store = store_on(database, lambda: 1_000)
        await asyncio.gather(*(Steps(store).make(who=f"p{n}") for n in range(3)))
        breaks = """
            CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM nextval('tries'), pg_terminate_backend(pg_backend_pid());
                RETURN NULL;
            END $$
        """
        on = "CREATE TRIGGER break AFTER INSERT ON step_log EXECUTE FUNCTION break()"
        async with database.transaction(writes=True) as connection:
            for statement in ("CREATE SEQUENCE tries", breaks, on):
                await connection.execute(text(statement))
        broken = await asyncio.gather(
            *(Steps(store).make(who=f"p{n}") for n in range(3)), return_exceptions=True
        )
        assert [type(one) for one in broken] == [DianaError] * 3
        async with database.transaction(writes=False) as connection:
            tries = (await connection.execute(text("SELECT last_value FROM tries"))).scalar_one()
        # The first to ask sets out alone, and the others go together.
        assert tries <= 2


async def test_a_server_that_falls_silent_is_told_as_lost_and_served_from_again(
    emptied_url: str, monkeypatch: pytest.MonkeyPatch
):
    for name, seconds in (("SILENCE", 1.0), ("_CONNECT", 2.0), ("_ROLLBACK", 0.1)):
        monkeypatch.setattr(pool, name, seconds)
    async with (
        Line(make_url(emptied_url)) as line,
        await open_database(emptied_url) as database,
    ):
        store = PostgresqlStore(make_url(str(line)), "the server", lambda: 1_000)
        steps = Steps(store)
        assert not (await steps.make(delivery=UpdateId(1))).repeated
        line.die()
        silenced = [
            steps.make(delivery=UpdateId(2)),
            store.players.find(ANA),
            store.outbox.backlog("test"),
        ]
        async with asyncio.timeout(60):
            told = await asyncio.gather(*silenced, return_exceptions=True)
        assert [type(one) for one in told] == [DianaError] * 3, told
        line.revive()
        assert not (await steps.make(delivery=UpdateId(2))).repeated
        assert (await store.players.find(ANA)).sequence == 2
        await store.close()
        assert (await store_on(database, lambda: 1_000).players.find(ANA)).sequence == 2


async def test_what_is_in_force_is_not_waited_for_from_a_server_that_falls_silent(
    emptied_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "SILENCE", 1.0)
    async with (
        Line(make_url(emptied_url)) as line,
        await open_database(str(line)) as database,
    ):
        stories = SqlStories(database, lambda: 1_000)
        assert await stories.active(StoryId("tale")) is None
        line.die()
        async with asyncio.timeout(60):
            with pytest.raises(DianaError, match="cannot be reached"):
                await stories.active(StoryId("tale"))
        line.revive()
        assert await stories.active(StoryId("tale")) is None


async def test_what_is_slow_may_take_longer_than_a_server_may_be_silent(
    emptied_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "SILENCE", 1.0)
    async with await open_database(emptied_url) as database:

        async def work(connection: AsyncConnection) -> str:
            await connection.execute(text("SELECT pg_sleep(2)"))
            return str(await connection.scalar(text("SHOW statement_timeout")))

        with pytest.raises(DianaError, match="cannot be reached"):
            await database.read(work)
        assert await database.read(work, slow=True) == "0"


async def test_a_worker_goes_on_when_another_changes_the_schema(postgresql_url: str):
    """What was prepared before gives other types now, and the server refuses it once on each connection."""
    async with await open_database(postgresql_url) as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        await steps.make(timers=(SetTimer("wait", "wait", 1),))
        assert len(await store.timers.claim("me", 1, lease=1, limit=9)) == 1
        async with database.transaction(writes=True) as connection:
            for column in ("inbox ALTER result", "timers ALTER kind"):
                await connection.execute(text(f"ALTER TABLE {column} TYPE varchar(99)"))
        assert (await steps.make(delivery=UpdateId(1))).record.sequence == 2
        assert len(await store.timers.claim("me", 9, lease=1, limit=9)) == 1


async def test_a_step_that_is_asked_for_as_the_last_batch_ends_is_made(emptied_url: str):
    async with await open_database(emptied_url) as database:
        steps = Steps(store_on(database, lambda: 1_000))

        async def again_and_again(who: str) -> None:
            for _ in range(60):
                await steps.make(who=who)

        async with asyncio.timeout(60):
            await asyncio.gather(*(again_and_again(who) for who in ("ana", "bea")))


async def test_two_workers_on_one_server_are_one_store(emptied_url: str):
    async with (
        await open_database(emptied_url) as one,
        await open_database(emptied_url) as two,
    ):
        workers = [Steps(store_on(database, lambda: 1_000)) for database in (one, two)]
        results = await asyncio.gather(
            *(
                worker.make(
                    who=f"p{n % 5}", delivery=UpdateId(n), entries=(Entry("coins", 1, "x"),)
                )
                for n in range(40)
                for worker in workers
            )
        )
        assert sum(not one.repeated for one in results) == 40
        store = store_on(one, lambda: 1_000)
        for n in range(5):
            assert await store.history.balances(play(f"p{n}")) == {"coins": 8}
            assert len(await store.history.steps(play(f"p{n}"))) == 8
