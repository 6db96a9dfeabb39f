"""What a channel says to a reply is stored with the step that it is said to, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from diana_engine.database.connect import open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import Message, PlayerKey, PlayKey, UpdateId
from diana_engine.database.stories.repository import SqlStories
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Intent, Look, Reply, Request, Tap
from diana_engine.runtime.versions.library import Library
from strategies.stories import cellar

ANA = PlayerKey("test", "ana")


def say(reply: Reply) -> tuple[Message, ...]:
    """Say what the reply is and where it stands, in two messages."""
    where = [reply.outcome, reply.sequence, reply.story_token]
    return (Message("ana", where), Message("ana", "and more"))


@dataclass
class House:
    store: MemoryStore
    coordinator: Coordinator

    async def ask(self, intent: Intent, update: int | None = None) -> Reply:
        number = None if update is None else UpdateId(update)
        return await self.coordinator.handle(Request(ANA, intent, number, say))

    async def said(self) -> list[object]:
        """Take all that waits to be said."""
        found: list[object] = []
        while claims := await self.store.outbox.claim("test", "me", 0, lease=9, limit=9):
            for one in claims:
                found.append(one.message.payload)
                await self.store.outbox.sent(one, 1, 0)
        return found


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with await open_database(f"sqlite:///{tmp_path / 'diana.db'}") as database:
        library = Library(SqlStories(database, lambda: 0))
        await library.store(cellar())
        store = MemoryStore(lambda: 0)
        yield House(store, Coordinator(store.players, library, cellar().story, lambda: 0, lambda: 1))  # fmt: skip


async def test_what_is_said_knows_the_moment_that_its_own_step_makes(house: House) -> None:
    first = await house.ask(Begin(), 1)
    moved = await house.ask(Tap(first.story_token, first.sequence, 0), 2)
    assert await house.said() == [
        ["started", 1, first.story_token], "and more", ["moved", 2, moved.story_token], "and more",
    ]  # fmt: skip


async def test_a_repeated_delivery_says_nothing_more(house: House) -> None:
    await house.ask(Begin(), 1)
    await house.said()
    assert (await house.ask(Begin(), 1)).outcome == "repeated"
    assert await house.said() == []


async def test_a_look_says_something_too_and_is_a_delivery_like_any_other(house: House) -> None:
    first = await house.ask(Begin(), 1)
    await house.said()
    for _ in range(2):
        await house.ask(Look(), 2)
    assert await house.said() == [["shown", 1, first.story_token], "and more"]


async def test_whoever_has_no_play_can_be_spoken_to(house: House) -> None:
    await house.ask(Look(), 1)
    assert await house.said() == [["unknown player", 0, ""], "and more"]


async def test_a_beginning_that_belongs_to_a_moment_is_stale_at_any_other(house: House) -> None:
    first = await house.ask(Begin(), 1)
    here = (first.story_token, first.sequence)
    assert (await house.ask(Begin(anew=True, only_at=here), 2)).outcome == "started"
    assert (await house.ask(Begin(anew=True, only_at=here), 3)).outcome == "stale"
    record = await house.store.players.find(PlayKey(ANA, cellar().story))
    assert record is not None
    assert record.sequence == 2


async def test_a_delivery_that_fails_is_given_up_at_the_last_of_its_times(house: House) -> None:
    await house.ask(Begin(), 1)
    poison = Request(ANA, Look(), UpdateId(5), say)
    park = house.coordinator.park
    assert [await park(poison, "ValueError", after=3) for _ in range(3)] == [False, False, True]
    assert (await house.ask(Look(), 5)).outcome == "repeated"
