"""Who presses and writes faster than anybody reads gets each step made, and is told once what came of all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.adapters.telegram import calm
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.receiving.updates import Incoming, Reach, Said, Tappable, Tapped
from diana_engine.database.connect import open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.stories.repository import SqlStories
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.versions.library import Library, story_token
from strategies.stories import cellar

ANA = 1001


@dataclass
class Chat:
    """A chat with a bot whose messages wait to be sent."""

    store: MemoryStore
    bot: StoryBot
    token: str
    updates: count[int] = field(default_factory=lambda: count(1))

    async def say(self, command: str | None, text: str | None = None) -> int:
        return await self._does(Said(next(self.updates), ANA, command, text))

    async def tap(self, sequence: int) -> int:
        """Press the first button of a scene; return how many messages wait because of it."""
        data = f"p.{self.token}.{sequence}.0"
        return await self._does(Tapped(next(self.updates), ANA, "q", data, Tappable(sequence + 1)))

    async def _does(self, incoming: Incoming) -> int:
        before = await self.waiting()
        await self.bot.handle(incoming)
        return await self.waiting() - before

    async def waiting(self) -> int:
        return (await self.store.outbox.backlog("test")).messages


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """A chat in which the story has begun; its time stands still."""
    monkeypatch.setattr(calm, "_now", lambda: 5.0)
    async with await open_database(f"sqlite:///{tmp_path / 'diana.db'}") as database:
        library = Library(SqlStories(database, lambda: 0))
        added = await library.store(cellar())
        store = MemoryStore(lambda: 0)
        coordinator = Coordinator(store.players, library, cellar().story, lambda: 0, lambda: 1)
        bot = StoryBot(coordinator, store.outbox, lambda: None, LANGUAGES["en"], "test", Metrics())
        chat = Chat(store, bot, story_token(added.version.digest))
        await chat.say("start")
        yield chat


async def test_of_fifty_taps_in_a_moment_one_moves_and_the_rest_are_told_once(chat: Chat) -> None:
    told = [await chat.tap(1) for _ in range(50)]
    assert all(told[:2])
    assert told[2:] == [0] * 48


async def test_fifty_commands_and_words_in_a_moment_are_answered_once_each_kind(chat: Chat) -> None:
    for kind in ({"command": "start"}, {"command": "help"}, {"command": None, "text": "hola"}):
        told = [await chat.say(**kind) for _ in range(50)]
        assert told[0] > 0
        assert told[1:] == [0] * 49


async def test_who_goes_on_meanwhile_is_told_anew_where_they_are(chat: Chat) -> None:
    assert await chat.say("start") > 0
    assert await chat.tap(1) > 0
    assert await chat.say("start") > 0


async def test_who_comes_back_is_told_again_what_may_not_have_reached_them(chat: Chat) -> None:
    assert await chat.say("start") > 0
    await chat.bot.handle(Reach(next(chat.updates), ANA, reachable=False))
    assert await chat.say("start") > 0
