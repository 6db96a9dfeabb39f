"""A bot that more and more players come to, and the memory that its process takes meanwhile.

Run as a program, in a process of its own: all that handles and sends is the bot's, on a SQLite file, and Telegram takes
whatever it is sent. Each player starts, presses two buttons, and never comes again.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a program, no pytest has done so
from diana_engine.adapters.phrases import phrases
from diana_engine.adapters.telegram.api.outcomes import Delivered, Outcome
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.receiving.updates import Said, Tappable, Tapped
from diana_engine.adapters.telegram.sending.delivering import Deliverer
from diana_engine.adapters.telegram.sending.office import Office
from diana_engine.adapters.telegram.sending.sender import Sender
from diana_engine.adapters.telegram.showing.callback import Press, encode
from diana_engine.adapters.telegram.waking import waken
from diana_engine.database.connect import open_database
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.program.codec import digest
from diana_engine.runtime.clock import system_clock
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.versions.library import Library, story_token
from simulation.story import market

CHANNEL = "telegram:42"
AT_ONCE = 64


class _Taker:
    """A Telegram that takes everything and keeps nothing."""

    def __init__(self) -> None:
        self._numbers = count(1)

    async def make(self, method: Any, seconds: int = 0) -> Outcome:
        return Delivered({"message_id": next(self._numbers)})


class _House:
    """The parts of a bot that serve players, on one store."""

    def __init__(self, store: Store, library: Library) -> None:
        self.store, self.updates = store, count(1)
        self.token = story_token(digest(market()))
        metrics, line = Metrics(), _Taker()
        calls: Any = line
        files: Any = None  # the story shows none
        coordinator = Coordinator(
            store.players, library, market().story, system_clock, lambda: random.getrandbits(40)
        )
        office = Office(store.outbox, CHANNEL, "me", system_clock, metrics)
        self.sender = Sender(office, Deliverer(calls, store.outbox, files, CHANNEL), calls)
        self.bot = StoryBot(
            coordinator, store.outbox, self.sender.wake, phrases("en"), CHANNEL, metrics
        )
        self.scheduler = Scheduler(store, library, waken, "me", system_clock, random.random)

    async def visit(self, player: int) -> None:
        """Let somebody start, and press two buttons."""
        await self.bot.handle(Said(next(self.updates), player, "start"))
        for sequence in (1, 2):
            number = next(self.updates)
            data = encode(Press(self.token, sequence, 0))
            shown = Tappable(number, "Here.", pressed="find")
            await self.bot.handle(Tapped(number, player, f"query{number}", data, shown))

    async def welcome(self, players: range) -> None:
        """Let players come, so many at once, and wait until all is sent."""
        coming = iter(players)

        async def queue() -> None:
            for player in coming:
                await self.visit(player)

        await asyncio.gather(*(queue() for _ in range(AT_ONCE)))
        while (await self.store.outbox.backlog(CHANNEL)).messages:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def resident() -> int:
    """Return the bytes of memory that the process takes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def series(url: str, steps: int, each: int) -> list[int]:
    """Return the memory after each of so many steps, in which so many new players come."""
    async with await open_database(url) as database:
        library = Library(SqlStories(database, system_clock))
        await library.store(market())
        house, never = _House(store_on(database, system_clock), library), asyncio.Event()
        working = [asyncio.create_task(one.run(never)) for one in (house.sender, house.scheduler)]
        taken = []
        for number in range(steps):
            await house.welcome(range(1 + number * each, 1 + (number + 1) * each))
            taken.append(resident())
            print(f"{(number + 1) * each:,} players: {taken[-1] / 2**20:.1f} MiB", file=sys.stderr)
        for one in working:
            one.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        return taken


if __name__ == "__main__":
    print(json.dumps(asyncio.run(series(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
