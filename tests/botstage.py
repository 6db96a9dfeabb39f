"""A bot that plays a story against the project's own Bot API server, with a clock that a test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from botapi.player import Player
from botapi.server import BotApiServer
from diana_engine.adapters.phrases import phrases
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.media import Files
from diana_engine.adapters.telegram.polling import Pace, Poller
from diana_engine.adapters.telegram.sender import Patience, Sender
from diana_engine.database.connect import open_database
from diana_engine.database.media import SqlMedia
from diana_engine.database.port import PlayerKey, PlayerRecord, PlayerStore, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.database.stories import SqlStories
from diana_engine.program.model import Program
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.library import Library

__all__ = ["Stage", "on_stage"]

QUICK = Patience(attempts=4, first=0.01)
PACE = Pace(poll=10, glance=0.02, drain=5, network=QUICK, poison=QUICK, outage=QUICK)
CHANNEL = "telegram:4242"


@dataclass
class Stage:
    """A bot that runs, its Telegram, and the time as the bot sees it, in seconds."""

    api: BotApiServer
    players: PlayerStore
    program: Program
    media: SqlMedia
    now: int = 1_700_000_000

    async def begin(self, user: int = 1001) -> Player:
        """Return somebody who has pressed start and sees the first scene."""
        player = Player(self.api, user)
        await player.say("/start")
        await player.wait_for_message(1)
        await self.quiet()
        return player

    async def record(self, player: Player) -> PlayerRecord:
        """Return what is stored of a player."""
        key = PlayKey(PlayerKey(CHANNEL, str(player.user.id)), self.program.story)
        record = await self.players.find(key)
        assert record is not None
        return record

    async def quiet(self) -> None:
        """Wait until everything was handled and acknowledged."""
        await until(lambda: not self.api.updates.pending)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that has no bell."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def on_stage(program: Program, folder: Path, *files: bytes) -> AsyncIterator[Stage]:
    """Run a bot for `program`, whose database lies in `folder` and holds `files`."""
    url = f"sqlite:///{folder / 'diana.db'}"
    async with BotApiServer() as api, await open_database(url) as database:
        media = SqlMedia(database)
        for content in files:
            await media.put(content)
        stage = Stage(api, store_on(database, lambda: stage.now).players, program, media)
        library = Library(SqlStories(database, lambda: 0))
        await library.store(program)
        coordinator = Coordinator(
            stage.players, library, program.story, lambda: stage.now, lambda: 1
        )
        async with _bot(stage, coordinator):
            yield stage
        assert api.crashes == []


@asynccontextmanager
async def _bot(stage: Stage, coordinator: Coordinator) -> AsyncIterator[None]:
    server = TelegramAPIServer.from_base(stage.api.url)
    bot = Bot(stage.api.token, AiohttpSession(api=server))
    words = phrases(stage.program.language)
    story = StoryBot(
        coordinator, Sender(bot, QUICK, files=Files(stage.media, CHANNEL)), words, CHANNEL
    )
    poller, stop = Poller(bot, story.handle, PACE), asyncio.Event()
    running = asyncio.create_task(poller.run(stop))
    try:
        yield
        stop.set()
        await running
    finally:
        running.cancel()
        await asyncio.wait([running])
        await bot.session.close()
