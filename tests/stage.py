"""A runtime without a channel, on any store, with a clock that a test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from diana_engine.database.port import (
    Added,
    PlayerKey,
    PlayerRecord,
    PlayKey,
    StoryVersion,
    UpdateId,
)
from diana_engine.database.ports.store import Store
from diana_engine.program.codec import digest
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.library import Library
from diana_engine.runtime.requests import Begin, Intent, Reply, Request, Tap

__all__ = ["DAWN", "Shelf", "Stage"]

DAWN = 1_700_000_000


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

    async def stories(self) -> tuple[StoryVersion, ...]:
        return tuple(self._versions)

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        return tuple(one for one in self._versions if one.story == story)


@dataclass
class Stage:
    """A story that players play through a coordinator. `now` is what everybody takes for the time."""

    store: Store
    program: Program
    now: int = DAWN
    library: Library = field(default_factory=lambda: Library(Shelf()))
    updates: count[int] = field(default_factory=lambda: count(1))

    def clock(self) -> int:
        return self.now

    async def open(self) -> Stage:
        """Put the story on the shelf."""
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

    async def record(self, who: str = "ana") -> PlayerRecord:
        record = await self.store.players.find(self.play(who))
        assert record is not None
        return record
