"""A bot that is told to stop under load ends in good order: nothing is lost, and nothing is done twice.

`DIANA_STOPS` says how often; `make faults` says a hundred times.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from botapi.player import Player
from botapi.server import BotApiServer
from botprocess import LONG, bot
from diana_engine.database.connect import Database, open_database
from diana_engine.database.port import Decision, PlayerKey, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from simulation.books import check_play
from simulation.story import known, market

STOPS = int(os.environ.get("DIANA_STOPS", "3"))
PLAYERS = 8
PATIENCE = 4 * LONG
"""Real seconds: on a busy machine a bot takes a minute to begin."""
TOKEN = "123456789:" + "AAE_x-1" * 5
CHANNEL = "telegram:123456789"
FIND = "square.find"


@dataclass
class Town:
    """A Telegram with players who never rest, and the database of the bot that they play with."""

    api: BotApiServer
    url: str
    rng: Random = field(default_factory=lambda: Random(7))
    updates: dict[int, PlayKey] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def live(self, player: Player) -> None:
        """Press what is there, and again once there is an answer, whoever serves."""
        play = PlayKey(PlayerKey(CHANNEL, str(player.user.id)), market().story)
        said = await player.say("/start")
        while True:
            if said.update_id is not None:
                self.updates[said.update_id] = play
            last = player.messages[-1].id if player.messages else 0
            with suppress(TimeoutError):
                await player.wait_for_message(lambda message, last=last: message.id > last, 3)
            labels = [label for row in player.screen().rows for label in row]
            if labels:
                said = await player.tap(FIND if FIND in labels else labels[0])

    async def served(self, living: list[asyncio.Task[None]] | None = None) -> None:
        """Run a bot until some more has been said, and tell it to stop; where `living` are given, let them rest before."""
        options = ("--database", self.url, "--api-server", self.api.url, "--log-level", "warning")
        before = len(self.api.calls_of("sendMessage"))
        with bot(*options, DIANA_BOT_TOKEN=TOKEN) as process:
            wanted = before + self.rng.randint(PLAYERS, 6 * PLAYERS)
            await self.api.wait_for(
                lambda: len(self.api.calls_of("sendMessage")) > wanted, PATIENCE
            )
            if living is not None:
                await _let_rest(living)
                await self.api.wait_for(lambda: not self.api.updates.pending, PATIENCE)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, told = await asyncio.to_thread(process.communicate, None, LONG)
            self.seconds.append(time.monotonic() - began)
        assert process.returncode == 0, told
        assert "Traceback" not in told

    async def lost(self, store: Store) -> list[int]:
        """Return the updates that nobody knows of."""
        return [
            number
            for number, play in self.updates.items()
            if not (await store.players.step(play, UpdateId(number), _never)).repeated
        ]


def _never(_record: object) -> Decision:
    return Decision("nobody had handled it")


async def prepared(url: str) -> Database:
    database = await open_database(url)
    await SqlStories(database, lambda: 0).add(market())
    return database


async def test_a_bot_that_is_stopped_again_and_again_under_load_loses_and_doubles_nothing(
    tmp_path: Path,
):
    url = f"sqlite:///{tmp_path / 'diana.db'}"
    await (await prepared(url)).close()
    async with BotApiServer(TOKEN) as api:
        town = Town(api, url)
        players = [Player(api, 1_001 + number) for number in range(PLAYERS)]
        living = [asyncio.create_task(town.live(player)) for player in players]
        for _ in range(STOPS):
            await town.served()
            assert not any(one.done() for one in living), "a player gave up"
        await town.served(living)
        assert api.updates.pending == []
        assert api.crashes == []
    print(f"seconds from SIGTERM to the end: {[round(one, 2) for one in sorted(town.seconds)]}")
    async with await open_database(url) as database:
        store = store_on(database, lambda: 0)
        for play in dict.fromkeys(town.updates.values()):
            assert await check_play(store, play, known()) == []
        assert await town.lost(store) == []
    assert len(town.updates) > STOPS * PLAYERS, "players hardly got anywhere"


async def _let_rest(living: list[asyncio.Task[None]]) -> None:
    for one in living:
        one.cancel()
    for one in await asyncio.gather(*living, return_exceptions=True):
        assert isinstance(one, asyncio.CancelledError), one
