"""A runtime without a channel, on any store, with a clock that a test turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from diana_engine.database.port import (
    Added,
    Clock,
    Json,
    Message,
    PlayerKey,
    PlayerRecord,
    PlayKey,
    Publication,
    StoryVersion,
    UpdateId,
)
from diana_engine.database.ports.store import Store
from diana_engine.expressions.text import plain
from diana_engine.program.codec import digest
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Intent, Reply, Request, Tap
from diana_engine.runtime.scheduler.firing import Announce, Wakeup
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.versions.library import Library

__all__ = ["DAWN", "Make", "Shelf", "Stage", "say"]

DAWN = 1_700_000_000

Make = Callable[[Clock], Store]
"""Makes a store that goes by a clock."""


class Shelf:
    """Stories in memory: a `StoryStore` of as many as a test needs."""

    place = "the shelf"

    def __init__(self) -> None:
        self._programs: dict[str, Program] = {}
        self._versions: list[StoryVersion] = []

    async def add(self, program: Program) -> Added:
        name = digest(program)
        known = [one for one in self._versions if one.digest == name]
        if known:
            return Added(known[0], new=False)
        version = StoryVersion(
            len(self._versions) + 1, program.story, name, program.version, program.title,
            program.language, 0,
        )  # fmt: skip
        self._versions.append(version)
        self._programs[name] = program
        return Added(version, new=True)

    async def program(self, story: StoryId, digest: str) -> Program | None:
        return self._programs.get(digest)

    async def latest(self, story: StoryId) -> StoryVersion | None:
        return next((one for one in reversed(self._versions) if one.story == story), None)

    async def active(self, story: StoryId) -> Publication | None:
        return None

    async def stories(self) -> tuple[StoryVersion, ...]:
        return tuple(self._versions)

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        return tuple(one for one in self._versions if one.story == story)


def say(wakeup: Wakeup) -> tuple[Message, ...]:
    """Say where a player is and whether it goes on there, or what there is to be reminded of."""
    view = wakeup.reply.view
    assert view is not None
    words = (
        plain(wakeup.reminder) or f"{view.fragment} {'goes on' if view.can_continue else 'rests'}"
    )
    return (Message(wakeup.player.user, words),)


@dataclass
class Stage:
    """A story that players play through a coordinator. `now` is what everybody takes for the time, the store too."""

    make: Make
    program: Program
    now: int = DAWN
    library: Library = field(default_factory=lambda: Library(Shelf()))
    updates: count[int] = field(default_factory=lambda: count(1))
    fired: list[int] = field(default_factory=list)

    def clock(self) -> int:
        return self.now

    async def open(self) -> Stage:
        """Put the story on the shelf."""
        self.store = self.make(self.clock)
        await self.library.store(self.program)
        self.coordinator = Coordinator(
            self.store.players, self.library, self.program.story, self.clock, lambda: 7
        )
        return self

    def play(self, who: str = "ana") -> PlayKey:
        return PlayKey(PlayerKey("test", who), self.program.story)

    async def ask(self, intent: Intent, who: str = "ana") -> Reply:
        """Hand in one new update."""
        update = UpdateId(next(self.updates))
        return await self.coordinator.handle(Request(self.play(who).player, intent, update))

    async def begin(self, who: str = "ana") -> Reply:
        return await self.ask(Begin(), who)

    async def tap(self, reply: Reply, choice: int | None, who: str = "ana") -> Reply:
        """Press a button of a reply."""
        return await self.ask(Tap(reply.story_token, reply.sequence, choice), who)

    def scheduler(self, announce: Announce | None = None, owner: str = "me") -> Scheduler:
        """A worker that fires timers; without `announce` it says which scene it shows or what it reminds of."""
        return Scheduler(
            self.store, self.library, announce or say, owner, self.clock, lambda: 1.0,
            fired=lambda: self.fired.append(self.now),
        )  # fmt: skip

    async def said(self) -> list[Json]:
        """Send what waits to be sent, and return what it was."""
        words: list[Json] = []
        while claimed := await self.store.outbox.claim("test", "me", self.now, lease=9, limit=99):
            for one in claimed:
                await self.store.outbox.sent(one, None, self.now)
                words.append(one.message.payload)
        return words

    async def told(self, *names: str) -> list[str]:
        """Return the names of the events so far; only these, where any are named."""
        events = await self.store.events.read(0, 10_000)
        return [one.event.name for one in events if not names or one.event.name in names]

    async def record(self, who: str = "ana") -> PlayerRecord:
        record = await self.store.players.find(self.play(who))
        assert record is not None
        return record
