"""Players in the middle of a story of any size, for the audit: a third each on a plain fragment, on choices, on requirements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from diana_engine.database.connect import open_database
from diana_engine.database.port import Message, PlayerKey, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.content import Content, FragmentFilter
from diana_engine.database.stories.repository import SqlStories
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Flag, Points, Program
from diana_engine.runtime.clock import system_clock, system_seed
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Intent, Look, Reply, Request, Tap
from diana_engine.runtime.versions.library import Library

from .building import Story, adds, every, flag, least, sets, some, unset

__all__ = ["Audience", "opened"]

_AT_ONCE = 64
_KINDS = 3


@dataclass(slots=True)
class Audience:
    """Players, numbered from 0, and what they and an operator may ask."""

    coordinator: Coordinator
    store: Store
    content: Content
    story: Program
    players: int
    updates: int = 0
    replies: dict[int, Reply] = field(default_factory=dict)
    of_a_kind: FragmentFilter = field(default_factory=lambda: FragmentFilter(kind="decision"))

    async def look(self, number: int, kind: int) -> Reply:
        """Deliver the scene of a player who stands on a fragment of a kind."""
        return await self._ask(self._at(number, kind), Look())

    async def step(self, number: int) -> None:
        """Let a player take the first choice, or go on."""
        player = number % self.players
        reply = self.replies[player]
        assert reply.view is not None, "the player has begun"
        choice = 0 if reply.view.choices else None
        button = Tap(reply.story_token, reply.sequence, choice)
        self.replies[player] = after = await self._ask(player, button)
        assert after.outcome == "moved", after

    async def find(self, number: int) -> None:
        """Read a player's state."""
        found = await self.store.players.find(
            PlayKey(_key(number % self.players), self.story.story)
        )
        assert found is not None, "the player has begun"

    def fragment(self, number: int) -> FragmentId:
        """Return the id of a fragment."""
        ids = list(self.story.fragments)
        return ids[number % len(ids)]

    def listed(self, number: int) -> tuple[FragmentFilter]:
        """Return what a list is asked for: a kind and a text."""
        return (FragmentFilter(kind="decision" if number % 2 else None, text="here"),)

    def _at(self, number: int, kind: int) -> int:
        return (number * _KINDS) % (self.players - _KINDS) // _KINDS * _KINDS + kind

    async def begin(self, player: int) -> None:
        """Let a player begin, and walk to a fragment of their kind."""
        self.replies[player] = await self._ask(player, Begin())
        for _ in range(player % _KINDS):
            await self.step(player)

    async def _ask(self, player: int, intent: Intent) -> Reply:
        def say(reply: Reply) -> tuple[Message, ...]:
            choices = [] if reply.view is None else [str(one.key) for one in reply.view.choices]
            return (Message(str(player), {"text": "Here. " * 80, "choices": choices}, "scene"),)

        if isinstance(intent, Look):
            return await self.coordinator.handle(Request(_key(player), intent))
        self.updates += 1
        request = Request(_key(player), intent, UpdateId(self.updates), say)
        return await self.coordinator.handle(request)


@asynccontextmanager
async def opened(url: str, fragments: int, players: int) -> AsyncIterator[Audience]:
    """Give an audience on a new database."""
    async with await open_database(url) as database:
        stories = SqlStories(database, system_clock)
        program = _program(fragments)
        added = await Library(stories).store(program)
        store = store_on(database, system_clock)
        library = Library(stories)
        coordinator = Coordinator(store.players, library, program.story, system_clock, system_seed)
        content = Content(database, added.version.id)
        audience = Audience(coordinator, store, content, program, players)
        for first in range(0, players, _AT_ONCE):
            together = range(first, min(first + _AT_ONCE, players))
            await asyncio.gather(*(audience.begin(player) for player in together))
        yield audience


def _key(player: int) -> PlayerKey:
    return PlayerKey("bench", str(player))


def _program(fragments: int) -> Program:
    """Return a circle of fragments: plain, with choices, and with choices that ask for much."""
    story = Story()
    story.variable("coins", Points(maximum=10**9))
    for number in range(8):
        story.variable(f"lamp_{number}", Flag())
    for number in range(fragments):
        name, ahead = f"room_{number}", f"room_{(number + 1) % fragments}"
        match number % _KINDS:
            case 0:
                story.passage(name, (None, ahead), rests=True)
            case 1:
                story.place(name, on_enter=(sets(f"lamp_{number % 8}"), adds("coins", 1)))
                for _ in range(3):
                    story.choice(name, ahead)
            case _:
                story.place(name)
                story.choice(name, ahead, some((least("coins", 1), flag("lamp_1"))))
                for lamp in range(3):
                    asked = every((least("coins", 5), flag(f"lamp_{lamp}"), unset("lamp_7")))
                    story.choice(name, ahead, asked)
    return story.program()
