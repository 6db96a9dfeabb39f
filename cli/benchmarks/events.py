"""`diana bench events`: telling subscribers what happened, beside a bare reader of the same rows in the same run."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ..options import figures_option
from ..output import write

if TYPE_CHECKING:
    from diana_engine.database.ports.store import Store
    from diana_engine.runtime.bus.subscribers import Event, Subscriber

__all__ = ["command"]

_FLOOR = 1_000
"""The target: so many events a second, with handlers, and one subscriber that fails beside them."""
_BATCH = 500
_STEP = 10
"""Events of a step."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of processor time a delivery, and events a second by the clock on the wall."""

    cpu: float
    per_second: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What telling costs Diana, to each of so many subscribers; and reading the same rows, once, without her."""

    events: int
    subscribers: int
    diana: Cost
    bare: Cost

    @property
    def ratio(self) -> float:
        """How many times the bare reader's processor time Diana takes for a delivery."""
        return round(self.diana.cpu / self.bare.cpu, 2)


@click.command("events", short_help="Measure telling subscribers what happened.")
@click.option("--events", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--subscribers", type=click.IntRange(min=1), default=3, show_default=True)
@figures_option
def command(events: int, subscribers: int, form: str) -> int:
    """Store events in a new SQLite file, tell them to subscribers beside one that always fails, and read them bare."""
    with TemporaryDirectory() as folder:
        measured = asyncio.run(_measure(Path(folder) / "diana.db", events, subscribers))
    if form == "json":
        write(json.dumps({"format": 1, **asdict(measured), "ratio": measured.ratio}) + "\n")
        return 0
    over = "" if measured.diana.per_second > _FLOOR else "  under"
    write(
        f"{measured.events:,} events to each of {measured.subscribers} subscribers, beside one that fails, SQLite\n"
        f"Diana  {measured.diana.cpu:6.1f} µs CPU a delivery  {measured.diana.per_second:7,} events/s  "
        f"target > {_FLOOR:,}{over}\n"
        f"bare   {measured.bare.cpu:6.1f} µs CPU a row       {measured.bare.per_second:7,} rows/s\n"
        f"ratio  {measured.ratio:6.2f}\n"
    )
    return 0


async def _measure(file: Path, events: int, subscribers: int) -> Measured:
    from diana_engine.database.connect import open_database
    from diana_engine.database.stores import store_on
    from diana_engine.runtime.clock import system_clock

    async with await open_database(str(file)) as database:
        store = store_on(database, system_clock)
        stored = await _happen(store, events)
        diana = await _told(store, stored, subscribers)
    return Measured(stored, subscribers, diana, _bare(file, stored))


async def _happen(store: Store, events: int) -> int:
    """Store events of 500 players; return how many."""
    from diana_engine.database.port import Decision, PlayerKey, PlayKey
    from diana_engine.program.model import StoryId
    from diana_engine.runtime.events.catalogue import PointsAwarded, as_event

    award = as_event(PointsAwarded("coins", 5, 12, "choice:garden.gate.open"), "update:77")
    decision = Decision("told", events=(award,) * _STEP)
    steps = -(-events // _STEP)
    for first in range(0, steps, 250):
        await asyncio.gather(
            *(
                store.players.step(
                    PlayKey(PlayerKey("bench", str(who)), StoryId("tale")), None, lambda _: decision
                )
                for who in range(first % 500, first % 500 + min(250, steps - first))
            )
        )
    return steps * _STEP


async def _told(store: Store, events: int, subscribers: int) -> Cost:
    from diana_engine.runtime.bus.bus import Bus
    from diana_engine.runtime.bus.subscribers import Subscriber
    from diana_engine.runtime.clock import system_clock

    stop, left = asyncio.Event(), [events] * subscribers

    def listener(number: int) -> Subscriber:
        async def handle(_event: Event) -> None:
            left[number] -= 1
            if not any(left):
                stop.set()

        return Subscriber(f"bench{number}", handle, from_the_beginning=True)

    async def fail(_event: Event) -> None:
        raise ConnectionError("this one always fails")

    failing = Subscriber("failing", fail, from_the_beginning=True)
    listeners = (*map(listener, range(subscribers)), failing)
    bus = Bus(store.events, listeners, "bench", system_clock, lambda: 1.0)
    log = logging.getLogger("diana_engine.runtime.bus")
    level = log.level
    log.setLevel(logging.CRITICAL)  # one fails on purpose
    start, before = time.perf_counter(), time.process_time()
    try:
        await bus.run(stop)
    finally:
        log.setLevel(level)
    spent, took = time.process_time() - before, time.perf_counter() - start
    return Cost(round(spent / (events * subscribers) * 1e6, 1), round(events / took))


def _bare(file: Path, events: int) -> Cost:
    """Read the rows in the same batches, read their JSON, and keep a cursor with a synced commit for each batch."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (position INTEGER)")
    start, before = time.perf_counter(), time.process_time()
    position = 0
    while rows := connection.execute(
        "SELECT id, player, story, sequence, key, name, payload, correlation, at FROM events WHERE id > ? ORDER BY id LIMIT ?",
        (position, _BATCH),
    ).fetchall():
        for row in rows:
            json.loads(row[6])
        position = rows[-1][0]
        connection.execute("INSERT INTO bare VALUES (?)", (position,))
    spent, took = time.process_time() - before, time.perf_counter() - start
    connection.close()
    return Cost(round(spent / events * 1e6, 1), round(events / took))
