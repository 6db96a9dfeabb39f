"""A file system that is really full, and a limit on the size of files: told, survived, and over without a restart."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from diana_engine.database.connect import open_database
from diana_engine.database.port import Message, UpdateId
from diana_engine.database.stores import store_on
from diana_engine.database.upkeep.backups import back_up
from diana_engine.errors import DianaError
from strategies.steps import Steps, play

SIZE = 6 * 2**20
BIG = (Message("a", "x" * 4_000),)


@dataclass(frozen=True)
class Narrow:
    """A folder in which little has room, and what gives it more."""

    folder: Path
    relieve: Callable[[], object]
    said: str


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Narrow]:
    """A file system of six mebibytes, a third of which something else takes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    ballast = place / "ballast"
    ballast.write_bytes(bytes(SIZE // 3))
    yield Narrow(place, ballast.unlink, "the disk is full")
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def small_files(tmp_path: Path) -> Iterator[Narrow]:
    """A process whose files may not grow beyond four mebibytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def give_back() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * SIZE // 3, before[1]))
    yield Narrow(tmp_path, give_back, "the disk reports an error|the disk is full")
    give_back()


@pytest.fixture(params=["small_disk", "small_files"])
def narrow(request: pytest.FixtureRequest) -> Narrow:
    place: Narrow = request.getfixturevalue(request.param)
    return place


async def filled(steps: Steps) -> tuple[int, str]:
    """Make steps until one is refused, and return the last that was made, and what was said of the next."""
    for number in count(1):
        try:
            await steps.make(delivery=UpdateId(number), messages=BIG)
        except DianaError as error:
            return number - 1, str(error)
    raise AssertionError("a disk has an end")


async def test_no_room_is_told_reads_go_on_and_room_mends_it_without_a_restart(narrow: Narrow):
    file = narrow.folder / "diana.db"
    async with await open_database(f"sqlite:///{file}") as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        last, said = await filled(steps)
        assert re.search(narrow.said, said)
        assert last > 20, "it was full before anybody played"
        for _ in range(20):
            with pytest.raises(DianaError, match=narrow.said):
                await steps.make(delivery=UpdateId(last + 1), messages=BIG)
        found = await store.players.find(play("ana"))
        assert found is not None
        assert found.sequence == last
        narrow.relieve()
        again = await steps.make(delivery=UpdateId(last + 1), messages=BIG)
        assert (again.repeated, again.record.sequence) == (False, last + 1)
        for number in range(1, last + 1):
            assert (await steps.make(delivery=UpdateId(number))).repeated
        assert (await store.outbox.counts("test")).ready == last + 1
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_disk_that_fills_up_with_batches_on_their_way_loses_and_halves_no_step(
    narrow: Narrow,
):
    """Of many at once some are made and some refused; whoever was told so is right, also after coming again."""
    file, players = narrow.folder / "diana.db", [f"p{n}" for n in range(32)]
    async with await open_database(f"sqlite:///{file}") as database:
        store = store_on(database, lambda: 1_000)
        steps = Steps(store)
        made, said = dict.fromkeys(players, 0), dict[str, str]()

        async def insist(who: str) -> None:
            """Make one step after another until one is refused."""
            try:
                while True:
                    update = UpdateId(made[who] + 1)
                    await steps.make(who=who, delivery=update, messages=BIG)
                    made[who] += 1
            except DianaError as error:
                said[who] = str(error)

        async with asyncio.timeout(120):
            await asyncio.gather(*map(insist, players))
        assert [who for who in players if not re.search(narrow.said, said[who])] == []
        assert sum(made.values()) > 20, "it was full before anybody played"
        for who, number in made.items():
            found = await store.players.find(play(who))
            assert (0 if found is None else found.sequence) == number, (
                "what was refused is not there"
            )
        narrow.relieve()
        for who, number in made.items():
            for update in range(1, number + 2):
                again = await steps.make(who=who, delivery=UpdateId(update), messages=BIG)
                assert again.repeated == (update <= number)
            assert again.record.sequence == number + 1
        ready = (await store.outbox.counts("test")).ready
        assert ready == sum(made.values()) + len(players)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_backup_that_has_no_room_is_said_of_the_backup(small_disk: Narrow, tmp_path: Path):
    file = tmp_path / "diana.db"
    async with await open_database(f"sqlite:///{file}") as database:
        steps = Steps(store_on(database, lambda: 1_000))
        many = (Message("a", "x" * SIZE),)
        await steps.make(delivery=UpdateId(1), messages=many)
    copy = small_disk.folder / "copy"
    with pytest.raises(DianaError, match=f"{copy} cannot be written: No space left"):
        await back_up(str(file), copy)
    assert [one.name for one in small_disk.folder.iterdir()] == ["ballast"]
