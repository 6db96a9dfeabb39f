"""Publishing while players play: versions of the story put in force and taken back, and workers that notice late."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from diana_engine.database.memory.tables import Tables
from diana_engine.database.port import Added, Publication, StoryVersion
from diana_engine.database.ports.plays import Clock, PlayerKey, PlayerRecord
from diana_engine.database.ports.publications import Guard, Occupancy, Order, Watched
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Program, StoryId
from diana_engine.program.systems import Policy
from diana_engine.runtime.versions.publishing import NotPublished, Publisher, Wish
from simulation.story import versions
from stage import Shelf

__all__ = ["Press", "Reading", "Shop"]

POLICIES: tuple[Policy | None, ...] = (None, None, "migrate", "pin", "restart_fragment")

Found = TypeVar("Found")
Pause = Callable[[], Awaitable[None]]


class Shop(Shelf):
    """A shelf of which versions are put in force."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        super().__init__()
        self.tables, self.clock = tables, clock
        self.published: list[Publication] = []

    async def active(self, story: StoryId) -> Publication | None:
        return self.published[-1] if self.published else None

    async def history(self, story: StoryId) -> tuple[Publication, ...]:
        return tuple(self.published)

    async def publish(self, order: Order, watched: Watched, guard: Guard) -> Publication:
        version = next(
            one for one in await self.versions(order.story) if one.digest == order.digest
        )
        last = self.published[-1] if self.published else None
        if last is not None and (last.version, last.policy) == (version, order.policy):
            return last
        occupied = {
            name: {
                place: count for place, count in places.items() if place in watched.get(name, ())
            }
            for name, places in (await self.occupancy(order.story)).items()
        }
        guard(occupied)
        number = len(self.published) + 1
        made = Publication(number, version, order.policy, self.clock(), order.by)
        self.published.append(made)
        return made

    async def occupancy(self, story: StoryId) -> Occupancy:
        found: dict[str, Counter[FragmentId]] = defaultdict(Counter)
        for record in self.tables.records.values():
            found[record.digest][record.state.fragment] += 1
        return found

    async def players(
        self, story: StoryId, digest: str, after: PlayerKey | None, limit: int
    ) -> tuple[PlayerRecord, ...]:
        first = "" if after is None else str(after)
        there = sorted(self.tables.records.values(), key=lambda one: str(one.play.player))
        page = [one for one in there if one.digest == digest and str(one.play.player) > first]
        return tuple(page[:limit])


class Reading:
    """The shop as one process sees it, through calls that take time: what is in force may be out of date when it arrives."""

    def __init__(self, shop: Shop, pause: Pause, rng: Random) -> None:
        self._shop, self._pause, self._rng = shop, pause, rng
        self.place = shop.place

    async def _called(self, ask: Callable[[], Awaitable[Found]]) -> Found:
        await self._pause()
        found = await ask()
        await self._pause()
        return found

    async def add(self, program: Program) -> Added:
        return await self._called(lambda: self._shop.add(program))

    async def program(self, story: StoryId, digest: str) -> Program | None:
        return await self._called(lambda: self._shop.program(story, digest))

    async def latest(self, story: StoryId) -> StoryVersion | None:
        return await self._called(lambda: self._shop.latest(story))

    async def stories(self) -> tuple[StoryVersion, ...]:
        return await self._called(self._shop.stories)

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        return await self._called(lambda: self._shop.versions(story))

    async def active(self, story: StoryId) -> Publication | None:
        found = await self._called(lambda: self._shop.active(story))
        if self._rng.random() < 0.3:
            await asyncio.sleep(self._rng.uniform(0, 4))
        return found

    async def history(self, story: StoryId) -> tuple[Publication, ...]:
        return await self._called(lambda: self._shop.history(story))

    async def publish(self, order: Order, watched: Watched, guard: Guard) -> Publication:
        return await self._called(lambda: self._shop.publish(order, watched, guard))

    async def occupancy(self, story: StoryId) -> Occupancy:
        return await self._called(lambda: self._shop.occupancy(story))

    async def players(
        self, story: StoryId, digest: str, after: PlayerKey | None, limit: int
    ) -> tuple[PlayerRecord, ...]:
        return await self._called(lambda: self._shop.players(story, digest, after, limit))


class Press:
    """Somebody who publishes now and then, drawing what and how from chance of its own, so that no run without it changes."""

    def __init__(self, shop: Shop, rng: Random, then: Pause) -> None:
        self.shop, self.rng, self.then, self.refused = shop, rng, then, 0
        there = Reading(shop, self._pause, rng)
        self._publisher = Publisher(there, there, shop.clock)

    async def _pause(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.001, 0.05))

    async def work(self, over: Callable[[], bool]) -> None:
        """Publish until all is over."""
        wait = self.rng.choice((20, 60, 120))
        while not over():
            await asyncio.sleep(self.rng.uniform(5, wait))
            try:
                await self._publish()
                await self.then()
            except NotPublished:
                self.refused += 1

    async def _publish(self) -> None:
        program, story = self.rng.choice(versions()), versions()[0].story
        policy = self.rng.choice(POLICIES)
        if self.shop.published and self.rng.random() < 0.2:
            version = await self._publisher.before(story)
        else:
            version = (await self._publisher.stories.add(program)).version
        await self._publisher.publish(Wish(version, "ana", policy, losses=True))
