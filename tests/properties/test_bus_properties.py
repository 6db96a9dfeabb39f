"""Whatever fails, dies or takes over: each subscriber hears everything, in order for each player, or it is parked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import NewEvent
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff
from diana_engine.runtime.bus.feed import Feed, Manner
from diana_engine.runtime.bus.parked import replay
from diana_engine.runtime.bus.subscribers import Event, Subscriber
from strategies.steps import Steps

PLAYERS = ("ana", "bea", "cai")


@dataclass
class World:
    """A store that is away now and then, two workers that die now and then, and a subscriber in all kinds of trouble."""

    luck: Random
    now: int = 1_000
    away: bool = False
    down: bool = False
    heard: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.store = MemoryStore(lambda: self.now, self.pause)
        self.calm = False
        self.feeds = [self.worker(name) for name in "ab"]
        self.births = 2

    async def pause(self) -> None:
        if self.away and not self.calm:
            raise DianaError("The database is away.")
        await asyncio.sleep(0)

    def worker(self, name: str) -> Feed:
        fan = Subscriber("fan", self.handle, hands=2, from_the_beginning=True)
        feed = Feed(fan, self.store.events, name, lambda: self.now, lambda: 1.0)
        feed.manner = Manner(batch=4, lease=20, review=5, backoff=Backoff(attempts=4, longest=30))
        return feed

    async def handle(self, event: Event) -> None:
        await asyncio.sleep(0)
        if self.down or (not self.calm and self.luck.random() < 0.25):
            raise ConnectionError
        number = event.payload
        assert isinstance(number, int)
        self.heard[event.player].append(number)

    async def happen(self, who: str) -> None:
        """Let something happen to a player, if the database is there."""
        if not self.away:
            self.told[f"test/{who}"] += 1
            number = self.told[f"test/{who}"]
            await Steps(self.store).make(who=who, events=(NewEvent("bell", number),))

    async def work(self, which: int, *, dies: bool) -> None:
        """Let a worker have its turn, or die in the middle of it, so that another begins."""
        turn = asyncio.ensure_future(self.feeds[which].turn())
        if not dies:
            await turn
            return
        for _ in range(self.luck.randint(0, 12)):
            await asyncio.sleep(0)
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        self.births += 1
        self.feeds[which] = self.worker(f"w{self.births}")

    async def settle(self) -> None:
        """Let all trouble end, and time pass, until everything was told or parked."""
        self.calm, self.away, self.down = True, False, False
        for _ in range(100):
            for feed in self.feeds:
                await feed.turn()
            self.now += 15


DEEDS = {"happen": 45, "work": 25, "die": 8, "pass": 14, "away": 4, "down": 4, "replay": 2}
"""What may come to pass, and how often."""


async def play(world: World, length: int) -> set[str]:
    """Let so much come to pass; return what did."""
    deeds = world.luck.choices(list(DEEDS), weights=list(DEEDS.values()), k=length)
    for deed in deeds:
        match deed:
            case "happen":
                for _ in range(world.luck.randint(1, 3)):
                    await world.happen(world.luck.choice(PLAYERS))
            case "work":
                await world.work(world.luck.randrange(2), dies=False)
            case "die":
                await world.work(world.luck.randrange(2), dies=True)
            case "pass":
                world.now += world.luck.randint(1, 30)
                world.away = world.away and world.luck.random() < 0.5
            case "away":
                world.away = world.luck.random() < 0.4
            case "down":
                world.down = world.luck.random() < 0.5
            case _ if not world.away:
                await replay(world.store.events, "fan", world.now)
    return set(deeds)


def first_times(heard: list[int]) -> list[int]:
    return list(dict.fromkeys(heard))


@pytest.mark.parametrize("seed", range(40))
async def test_everything_is_heard_or_parked_and_each_player_s_events_in_order(seed: int) -> None:
    world = World(Random(seed))
    deeds = await play(world, 80)
    await world.settle()
    events = world.store.events
    parked: dict[str, set[int]] = defaultdict(set)
    for one in await events.parked("fan", 999):
        parked[str(one.event.play.player)].add(int(str(one.event.event.payload)))
    assert world.told
    for player, count in world.told.items():
        heard = first_times(world.heard[player])
        assert set(heard) | parked[player] == set(range(1, count + 1))
        if "replay" not in deeds:  # what is told again comes late
            assert heard == sorted(heard)
    assert not await events.waiting("fan")
    await replay(events, "fan", world.now)
    await world.settle()
    for player, count in world.told.items():
        assert set(world.heard[player]) == set(range(1, count + 1))
