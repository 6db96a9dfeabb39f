"""Backups: made under writes, verified, put back into either kind of database."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from diana_engine.database.connect import Database, open_database
from diana_engine.database.live_tables import audit_log, events
from diana_engine.database.port import Decision, Message, NewEvent, UpdateId
from diana_engine.database.ports.plays import PlayerKey, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.database.upkeep.backups import back_up, restore
from diana_engine.database.upkeep.erasing import erase
from diana_engine.errors import DianaError
from diana_engine.program.model import StoryId
from strategies.rows import OTHER, SOMEBODY, contents, fill
from strategies.steps import Steps, play


@pytest.fixture(params=["sqlite", "postgresql"])
def second_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of another new database, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "second.db")
    return request.getfixturevalue("other_postgresql_url")


async def test_every_row_comes_back_from_a_backup_into_either_kind_of_database(
    fresh_url: str, second_url: str, tmp_path: Path
):
    async with await open_database(fresh_url) as database:
        await fill(database)
        before = await contents(database)
    made = await back_up(fresh_url, tmp_path / "backup")
    put = await restore(tmp_path / "backup", second_url)
    async with await open_database(second_url, create=False) as database:
        after = await contents(database)
        for row in after["events"]:
            row["position"] = None  # each kind has its own way to tell the order
        assert after == before
        row = {"at": 1, "actor": "a", "action": "b", "subject": "c", "detail": "null"}
        async with database.transaction(writes=True) as connection:
            await connection.execute(insert(audit_log).values(row))  # numbering goes on
    assert made.rows == put.rows == sum(len(rows) for rows in before.values())


async def test_a_backup_under_writes_is_of_one_moment(fresh_url: str, tmp_path: Path):
    """Two tables are written together; a copy of two moments would have them differ."""
    async with await open_database(fresh_url) as database:
        writing = asyncio.create_task(_write_pairs(database))
        try:
            for number in range(3):
                await asyncio.sleep(0.05)
                await back_up(fresh_url, tmp_path / f"backup{number}")
                assert not writing.done()
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
    for number in range(3):
        copy = sqlite3.connect(tmp_path / f"backup{number}")
        counts = [
            copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("audit_log", "subscribers")
        ]
        copy.close()
        assert counts[0] == counts[1] > 0


async def _write_pairs(database: Database) -> None:
    from diana_engine.database.live_tables import subscribers

    note = {"at": 1, "actor": "a", "action": "b", "subject": "c", "detail": "null"}
    number = 0
    while True:
        number += 1
        async with database.transaction(writes=True) as connection:
            await connection.execute(insert(audit_log).values(note))
            row = {"subscriber": f"s{number}", "position": number}
            await connection.execute(insert(subscribers).values(row))
        await asyncio.sleep(0)


async def test_a_backup_of_a_server_for_which_the_disk_has_no_room_is_told_of_by_its_own_name(
    postgresql_url: str, tmp_path: Path
):
    async with await open_database(postgresql_url) as database:
        await fill(database)
        store = store_on(database, lambda: 1)
        large = Decision("told", events=(NewEvent("large", "x" * 1_000_000),))
        play = PlayKey(PlayerKey("test", "new"), StoryId("s"))
        await store.players.step(play, None, lambda _: large)
    target = tmp_path / "folder" / "backup"
    target.parent.mkdir()
    # Every file that this process writes may be so long, as if its disk ended there.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
    try:
        with pytest.raises(DianaError, match=r"the disk (is full|reports)") as told:
            await back_up(postgresql_url, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(target) in str(told.value)
    assert ".part" not in str(told.value)
    assert list(target.parent.iterdir()) == []


async def test_steps_are_made_while_a_hundred_megabytes_are_copied(tmp_path: Path):
    """The copy is whole and holds all that was acknowledged before it began; a lock that lasts would be told at once."""
    url, copy = str(tmp_path / "diana.db"), tmp_path / "backup"
    async with await open_database(url, patience=0.05) as database:
        steps = Steps(store_on(database, lambda: 1_000))
        for number in range(100):
            large = (Message("a", f"{number}" + "x" * 2**20),)
            await steps.make(who="ana", delivery=UpdateId(number), messages=large)
        began = time.monotonic()
        copying = asyncio.create_task(back_up(url, copy))
        meanwhile = 0
        while not copying.done():
            await steps.make(who="bea")
            meanwhile += 1
        copied = await copying
        print(
            f"{copied.bytes} bytes in {time.monotonic() - began:.2f} s, {meanwhile} steps meanwhile"
        )
        assert meanwhile > 1
    assert copied.bytes is not None
    assert copied.bytes > 100 * 2**20
    await restore(copy, str(tmp_path / "second.db"))
    async with await open_database(str(tmp_path / "second.db"), create=False) as database:
        store = store_on(database, lambda: 1_000)
        for number in range(100):
            assert (await Steps(store).make(delivery=UpdateId(number))).repeated
        assert (await store.outbox.counts("test")).ready == 100
        bea = await store.players.find(play("bea"))
        made = 0 if bea is None else bea.sequence
        assert made <= meanwhile
        assert len(await store.history.steps(play("bea"))) == made, "the copy is of one moment"


async def test_events_that_are_read_in_one_order_are_read_in_it_after_moving(
    postgresql_url: str, tmp_path: Path
):
    async with await open_database(postgresql_url) as database:
        await fill(database, (SOMEBODY, OTHER, "telegram:42/9"))
        async with database.transaction(writes=True) as connection:
            ids = (await connection.scalars(select(events.c.id).order_by(events.c.id))).all()
            for id, position in zip(ids, (20, 10, None), strict=True):
                change = events.update().where(events.c.id == id).values(position=position)
                await connection.execute(change)
    await back_up(postgresql_url, tmp_path / "backup")
    await restore(tmp_path / "backup", str(tmp_path / "second.db"))
    async with await open_database(str(tmp_path / "second.db"), create=False) as database:
        rows = (await contents(database))["events"]
    assert [(row["id"], row["player"]) for row in rows] == [
        (10, OTHER), (20, SOMEBODY), (21, "telegram:42/9"),
    ]  # fmt: skip


async def test_who_was_erased_since_is_not_brought_back(fresh_url: str, tmp_path: Path):
    async with await open_database(fresh_url) as database:
        await fill(database)
    await back_up(fresh_url, tmp_path / "backup")
    async with await open_database(fresh_url) as database:
        await erase(database, PlayerKey.read(SOMEBODY), 1, "test")
    put = await restore(tmp_path / "backup", str(tmp_path / "second.db"), fresh_url)
    assert put.forgotten == 1
    async with await open_database(str(tmp_path / "second.db"), create=False) as database:
        assert {row["player"] for row in (await contents(database))["players"]} == {OTHER}


async def test_nothing_is_overwritten(fresh_url: str, tmp_path: Path):
    async with await open_database(fresh_url) as database:
        await fill(database)
    await back_up(fresh_url, tmp_path / "backup")
    with pytest.raises(DianaError, match="is there already"):
        await back_up(fresh_url, tmp_path / "backup")
    with pytest.raises(DianaError, match="already"):
        await restore(tmp_path / "backup", fresh_url)


@pytest.mark.parametrize("damage", ["cut", "text", "foreign"])
async def test_a_backup_that_is_none_is_refused_and_leaves_nothing(damage: str, tmp_path: Path):
    bad = tmp_path / "bad"
    match damage:
        case "text":
            bad.write_text("This is a letter.\n" * 100)
        case "foreign":
            sqlite3.connect(bad).execute("CREATE TABLE other (x)").connection.close()
        case _:
            async with await open_database(str(tmp_path / "whole.db")) as database:
                await fill(database)
            await back_up(str(tmp_path / "whole.db"), bad)
            bad.write_bytes(bad.read_bytes()[:-8192])
    with pytest.raises(DianaError) as caught:
        await restore(bad, str(tmp_path / "second.db"))
    assert ".part" not in str(caught.value), "who restores knows the backup's name and no other"
    assert not (tmp_path / "second.db").exists()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".diana-")]  # noqa: PTH208 - in an async test


async def test_subscribers_hear_what_happens_after_they_have_moved(
    tmp_path: Path, postgresql_url: str
):
    async with await open_database(str(tmp_path / "first.db")) as database:
        await fill(database)
        await _heard_all(database)
    await back_up(str(tmp_path / "first.db"), tmp_path / "backup")
    await restore(tmp_path / "backup", postgresql_url)
    async with await open_database(postgresql_url, create=False) as database:
        assert await _hears_what_is_new(database)


async def test_subscribers_hear_what_happens_after_the_last_event_was_erased(fresh_url: str):
    async with await open_database(fresh_url) as database:
        await fill(database)
        await _heard_all(database)
        await erase(database, PlayerKey.read(OTHER), 1, "test")
        await erase(database, PlayerKey.read(SOMEBODY), 1, "test")
        assert await _hears_what_is_new(database)


async def _heard_all(database: Database) -> None:
    events = store_on(database, lambda: 1).events
    read = await events.read(0, 10)
    await events.advance("reader", read[-1].position)
    assert not await events.read(await events.cursor("reader"), 10)


async def _hears_what_is_new(database: Database) -> bool:
    store = store_on(database, lambda: 1)
    play = PlayKey(PlayerKey("test", "new"), StoryId("s"))
    await store.players.step(play, None, lambda _: Decision("told", events=(NewEvent("new"),)))
    heard = await store.events.read(await store.events.cursor("reader"), 10)
    return [one.event.name for one in heard] == ["new"]
