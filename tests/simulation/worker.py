"""One process of Diana, which may die at any moment: then none of its calls is made any more, and none comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from diana_engine.adapters.phrases import phrases
from diana_engine.adapters.telegram.api.calls import TEXT
from diana_engine.adapters.telegram.api.outcomes import Outcome
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.receiving.updates import Incoming
from diana_engine.adapters.telegram.sending.delivering import Deliverer
from diana_engine.adapters.telegram.sending.office import Manner, Office
from diana_engine.adapters.telegram.sending.sender import Sender
from diana_engine.adapters.telegram.waking import waken
from diana_engine.database.memory import MemoryStore
from diana_engine.database.memory.tables import Tables
from diana_engine.errors import DianaError
from diana_engine.runtime.bus import feed as feeding
from diana_engine.runtime.bus.bus import Bus
from diana_engine.runtime.bus.subscribers import Event, Subscriber
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.upkeep.sweeping import Sweeper
from diana_engine.runtime.versions.guide import Guide
from diana_engine.runtime.versions.library import Library
from simulation.hours import VirtualLoop
from simulation.publishing import Reading, Shop
from simulation.telegram import Telegram

__all__ = ["CHANNEL", "Killed", "Parts", "Worker"]

CHANNEL = "telegram:42"


class Killed(BaseException):
    """The process is no more. Not an `Exception`: nothing of ours may catch it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What all workers have in common: time, the tables, the stories, Telegram, and chance."""

    loop: VirtualLoop
    tables: Tables
    library: Library
    story: str
    telegram: Telegram
    rng: Random
    clock: Callable[[], int]
    heard: list[int]
    """The positions of the events that the subscriber dealt with, in the order in which it did."""
    shop: Shop | None
    """Where versions are put in force, in a run in which somebody publishes."""
    late: Random
    """Chance that only such runs ask."""


class _Line:
    """The way to Telegram of one process."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def make(self, method: Any, seconds: int = TEXT) -> Outcome:
        worker = self._worker
        worker.check()
        outcome = await worker.parts.telegram.call(method)
        worker.check()
        return outcome


class Worker:
    """A process with everything that serves a story, but for the network."""

    def __init__(self, name: str, parts: Parts) -> None:
        self.name, self.parts, self.dead, self.leaving = name, parts, False, False
        self._begun = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.store = MemoryStore(parts.clock, self.pause, parts.tables)
        shop = None if parts.shop is None else Reading(parts.shop, self.pause, parts.late)
        library = parts.library if shop is None else Library(shop)
        self.coordinator = Coordinator(
            self.store.players, library, parts.story, parts.clock, lambda: parts.rng.randrange(99)
        )  # fmt: skip
        metrics = Metrics()
        line: Any = _Line(self)
        files: Any = None  # the story of the simulation shows none
        deliverer = Deliverer(line, self.store.outbox, files, CHANNEL)
        manner = Manner(lease=60, recall=5.0, chance=parts.rng.random)
        office = Office(self.store.outbox, CHANNEL, name, parts.clock, metrics, manner)
        self.sender = Sender(office, deliverer, line)
        words = phrases("en")
        self.bot = StoryBot(
            self.coordinator, self.store.outbox, self.sender.wake, words, CHANNEL, metrics
        )
        chance = parts.rng.random
        once = f"{name}:{parts.rng.randrange(2**40)}"  # as every process has a name for these that none had before
        self.scheduler = Scheduler(
            self.store, library, waken, once, parts.clock, chance, fired=self.sender.wake
        )
        ear = Subscriber("ear", self.hear, from_the_beginning=True)
        self.bus = Bus(
            self.store.events, (ear,), once, parts.clock, chance, feeding.Manner(glance=3.0)
        )
        self.sweeper = None
        if shop is not None:
            guide = Guide(library, parts.story, parts.clock)
            self.sweeper = Sweeper(self.coordinator, shop, guide)
        self._stop, self._sent = asyncio.Event(), asyncio.Event()

    def start(self) -> None:
        """Begin to send, to fire timers, to tell the subscriber, and to sweep."""
        for work in (
            self.sender.run(self._sent),
            self.scheduler.run(self._stop),
            self.bus.run(self._stop),
            *(() if self.sweeper is None else (self.sweeper.run(self._stop),)),
        ):
            self.tasks.append(asyncio.create_task(work))
        self._begun = len(self.tasks)

    async def stop(self) -> None:
        """End as a process does that is told to: nothing more is taken, and what was begun is finished, within bounds."""
        self.leaving = True
        sending, *waking = self.tasks[: self._begun]
        self._stop.set()
        await asyncio.wait(waking, timeout=4.0)
        for task in waking:
            task.cancel()
        self._sent.set()
        await asyncio.wait((sending, *waking))
        self.dead = True

    def kill(self) -> None:
        """Die without a word."""
        self.dead = True

    def check(self) -> None:
        """Go no further in a process that is dead."""
        if self.dead:
            raise Killed

    async def pause(self) -> None:
        """Take the time that a call to a database takes, before and after it is done; now and then it is not there."""
        self.check()
        await self.parts.loop.passing(self.parts.rng.uniform(0.001, 0.05))
        self.check()
        if self.parts.rng.random() < self.parts.telegram.faults.store:
            raise DianaError("the database broke the connection")

    async def attend(self, incoming: Incoming) -> None:
        """Handle an update to where it may be acknowledged."""
        if self.leaving:
            raise DianaError("the worker stops")
        await self.bot.handle(incoming)
        self.check()

    async def hear(self, event: Event) -> None:
        """Deal with an event as a subscriber does, or do not."""
        await asyncio.sleep(self.parts.rng.uniform(0, 0.2))
        self.check()
        if self.parts.rng.random() < self.parts.telegram.faults.deaf:
            raise RuntimeError("the subscriber cannot")
        self.parts.heard.append(event.position)
