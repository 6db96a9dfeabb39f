"""A store that serves players on a disk whose power is cut, and what must be found on it afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

from diana_engine.database.connect import open_database
from diana_engine.database.port import Message, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Look, Reply, Request, Tap
from simulation.books import check_play
from simulation.disk import Image, Recording, recorded
from simulation.killing import CHANNEL, clock, coordinator_on, key
from simulation.story import known, market

__all__ = ["FILE", "found_wrong", "served"]

FILE = "diana.db"
PLAYERS = 6
SESSIONS = 3
STEPS = 12  # of each player in each session


async def served(folder: Path, rng: Random) -> Recording:
    """Serve players in several sessions, one after another, and return what came to the disk meanwhile."""
    async with await open_database(_url(folder)) as database:
        await coordinator_on(database)
    numbers = count(1)
    with recorded(folder, [FILE]) as recording:
        for _ in range(SESSIONS):
            await _session(folder, recording, numbers, rng)
    return recording


async def _session(folder: Path, recording: Recording, numbers: count[int], rng: Random) -> None:
    async with await open_database(_url(folder), create=False) as database:
        coordinator, store = await coordinator_on(database), store_on(database, clock)
        sending = asyncio.create_task(_send(store))
        players = (_play(coordinator, recording, player, numbers, rng) for player in range(PLAYERS))
        await asyncio.gather(*players)
        await store.upkeep.checkpoint()
        await asyncio.gather(
            *(_play(coordinator, recording, player, numbers, rng) for player in range(PLAYERS))
        )
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _play(
    coordinator: Coordinator, recording: Recording, player: int, numbers: count[int], rng: Random
) -> None:
    for _ in range(STEPS // 2):
        shown = await coordinator.handle(Request(key(player), Look()))
        choice = rng.choice((0, 0, 1, 1, 2, 4)) if shown.view and shown.view.choices else None
        button = Tap(shown.story_token, shown.sequence, choice)
        update = UpdateId(next(numbers))
        intent = Begin() if shown.view is None else button
        await coordinator.handle(Request(key(player), intent, update, _say))
        recording.acknowledge(update)


def _say(reply: Reply) -> tuple[Message, ...]:
    return (Message(f"chat {reply.sequence % 5}", reply.sequence),)


async def _send(store: Store) -> None:
    while True:
        for one in await store.outbox.claim(CHANNEL, "me", clock(), lease=30, limit=20):
            await store.outbox.sent(one, None, clock())
        await asyncio.sleep(0)


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / FILE}"


# What is found ------------------------------------------------------------------------------------


async def found_wrong(image: Image, folder: Path) -> list[str]:
    """Return what is not as it must be on the disk after a cut, as the store finds it, and SQLite itself."""
    for name, content in image.files.items():
        (folder / name).write_bytes(content)
    try:
        async with await open_database(_url(folder), create=False) as database:
            wrong = await _books(store_on(database, clock))
        return [*wrong, *_rows(folder / FILE, image)]
    except Exception as error:  # noqa: BLE001 - whatever it is, the disk cannot be read
        return [f"it cannot be opened: {error!r}"]


async def _books(store: Store) -> list[str]:
    wrong: list[str] = []
    for player in range(PLAYERS):
        play = PlayKey(key(player), market().story)
        if await store.players.find(play) is not None:
            wrong += await check_play(store, play, known())
    return wrong


def _rows(file: Path, image: Image) -> Iterator[str]:
    with closing(sqlite3.connect(file)) as connection:
        select = connection.execute
        known = {number for (number,) in select("SELECT update_id FROM inbox")}
        if lost := image.acknowledged - known:
            yield f"updates {sorted(lost)[:5]} were acknowledged and are lost, of {len(lost)}"
        steps = set(select("SELECT player, sequence || ':0', delivery FROM step_log"))
        said = {row[:2] for row in select("SELECT player, key FROM outbox WHERE key NOT LIKE 'u%'")}
        if {step[:2] for step in steps} != said:
            yield "there are steps without their words, or words without their step"
        if half := {int(step[2]) for step in steps} - known:
            yield f"updates {sorted(half)[:5]} made steps and are not known"
        damage = select("PRAGMA integrity_check").fetchone()
        if damage != ("ok",):
            yield f"SQLite finds damage: {damage}"
