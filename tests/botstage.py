"""A bot that plays a story against the project's own Bot API server, with a clock that a test turns."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botapi.player import Player
from botapi.server import BotApiServer
from diana_engine.adapters.telegram.door import Address
from diana_engine.adapters.telegram.health import Check
from diana_engine.adapters.telegram.receiving.polling import Pace
from diana_engine.adapters.telegram.sending.office import Manner
from diana_engine.adapters.telegram.service import Access, Hook, Parts, Service, serve
from diana_engine.database.connect import open_database
from diana_engine.database.port import PlayerKey, PlayerRecord, PlayKey
from diana_engine.database.ports.decisions import Decide, Delivery, Failure, PlayerStore, Stored
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.media import SqlMedia
from diana_engine.database.stories.repository import SqlStories
from diana_engine.program.model import Program
from diana_engine.runtime.backoff import Backoff
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.versions.library import Library

__all__ = [
    "CHANNEL",
    "SECRET",
    "Players",
    "Stage",
    "before_curtain",
    "free_port",
    "on_stage",
    "until",
]

QUICK = Backoff(0.01, 30.0, attempts=4, least=0.5)
PACE = Pace(poll=10, glance=0.02, network=QUICK, outage=QUICK)
MANNER = Manner(glance=0.1, recall=0.5)
CHANNEL = "telegram:4242"
SECRET = "a-secret-that-nobody-guesses"


class Players:
    """The real plays, with a door that a test may close, and trouble that it may order."""

    def __init__(self, players: PlayerStore) -> None:
        self._players = players
        self.open = asyncio.Event()
        self.open.set()
        self.trouble: Callable[[PlayKey], Exception | None] = lambda _: None

    async def step(self, play: PlayKey, delivery: Delivery | None, decide: Decide, /) -> Stored:
        await self.open.wait()
        error = self.trouble(play)
        if error is not None:
            raise error
        return await self._players.step(play, delivery, decide)

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        return await self._players.find(play)

    async def park(self, play: PlayKey, failure: Failure, /, *, after: int) -> bool:
        return await self._players.park(play, failure, after=after)


@dataclass
class Stage:
    """A story, its players' Telegram, and the time as the bot sees it, in seconds."""

    api: BotApiServer
    store: Store
    players: Players
    program: Program
    media: SqlMedia
    library: Library
    now: int = 1_700_000_000
    metrics: Metrics = field(default_factory=Metrics)
    checks: dict[str, Check] = field(default_factory=dict)
    stops: list[asyncio.Event] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def coordinator(self) -> Coordinator:
        return self._coordinator

    def clock(self) -> int:
        """The time as those see it who send and who fire timers: it goes on by itself."""
        return self.now + int(time.monotonic() - self.began)

    def __post_init__(self) -> None:
        self._coordinator = Coordinator(
            self.players, self.library, self.program.story, lambda: self.now, lambda: 1
        )

    @asynccontextmanager
    async def bot(self, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
        """Run a bot, `more` of a `Service` than one that polls; an error of its own comes out at the end."""
        access = Access(self.api.token, self.api.url)
        service = Service(access, **{"pace": PACE, "manner": MANNER, "poison": QUICK, **more})
        parts = Parts(
            self.coordinator, self.library, self.store, self.media, self.clock, self.program.language, self.metrics, self.checks
        )  # fmt: skip
        stop = asyncio.Event()
        self.stops.append(stop)
        running = asyncio.create_task(serve(service, parts, lambda _: None, stop))
        try:
            yield running
            stop.set()
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])

    @asynccontextmanager
    async def worker(
        self, name: str = "one", url: str | None = None, **more: Any
    ) -> AsyncIterator[str]:
        """Run a bot that takes updates by webhook, and give its own address once it listens there."""
        address = Address("127.0.0.1", free_port())
        own = f"http://127.0.0.1:{address.port}"
        hook = Hook(f"{url or own}/hook", SECRET)
        async with self.bot(hook=hook, listen=address, worker=name, **more):
            await self.api.wait_for(lambda: self.api.webhook is not None, 20)
            yield own

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

    async def sequence(self, player: Player) -> int:
        """How many steps the player's play has made."""
        key = PlayKey(PlayerKey(CHANNEL, str(player.user.id)), self.program.story)
        record = await self.players.find(key)
        return 0 if record is None else record.sequence

    async def quiet(self) -> None:
        """Wait until everything was handled, acknowledged and sent."""
        await until(lambda: not self.api.updates.pending)
        async with asyncio.timeout(20):
            while await self._busy():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _busy(self) -> bool:
        counts = await self.store.outbox.counts(CHANNEL)
        return counts.ready + counts.sending > 0


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that has no bell."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def before_curtain(
    program: Program, folder: Path, *files: bytes, url: str | None = None
) -> AsyncIterator[Stage]:
    """Prepare a stage for `program` on which no bot runs yet.

    The database at `url`, or else in `folder`, holds `files`.
    """
    url = url or f"sqlite:///{folder / 'diana.db'}"
    async with BotApiServer() as api, await open_database(url) as database:
        media = SqlMedia(database)
        for content in files:
            await media.put(content)
        library = Library(SqlStories(database, lambda: 0))
        await library.store(program)
        store = store_on(database, lambda: stage.now)
        stage = Stage(api, store, Players(store.players), program, media, library)
        yield stage
        assert api.crashes == []


@asynccontextmanager
async def on_stage(program: Program, folder: Path, *files: bytes) -> AsyncIterator[Stage]:
    """Run a bot for `program`, whose database lies in `folder` and holds `files`."""
    async with before_curtain(program, folder, *files) as stage, stage.bot():
        yield stage
