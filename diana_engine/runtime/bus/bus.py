"""All subscribers together: each in a task of its own, so that none can hold up or bring down another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from diana_engine.database.ports.events import Events
from diana_engine.database.ports.plays import Clock
from diana_engine.runtime.backoff import Chance
from diana_engine.runtime.bus.feed import Feed, Manner
from diana_engine.runtime.bus.subscribers import Subscriber, without_twins
from diana_engine.runtime.keeping import kept_going
from diana_engine.runtime.metrics import Metrics

__all__ = ["Bus"]


@dataclass
class Bus:
    """Feeds subscribers from the stored events. `owner` is this worker's name, and no other's."""

    events: Events
    subscribers: tuple[Subscriber, ...]
    owner: str
    clock: Clock
    chance: Chance
    manner: Manner = field(default_factory=Manner)
    metrics: Metrics | None = None

    def __post_init__(self) -> None:
        self.feeds = tuple(self._feed(one) for one in without_twins(self.subscribers))

    def _feed(self, subscriber: Subscriber) -> Feed:
        feed = Feed(subscriber, self.events, self.owner, self.clock, self.chance, self.manner)
        if self.metrics is not None:
            told, name = self.metrics.events_told, subscriber.name
            feed.noted = lambda fate: told.labels(name, fate).inc()
        return feed

    def wake(self) -> None:
        """Tell that something may have happened."""
        for feed in self.feeds:
            feed.signal.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Feed all subscribers until `stop` is set."""
        tasks = (
            kept_going(f"the subscriber `{feed.subscriber.name}`", feed.run, stop)
            for feed in self.feeds
        )
        await asyncio.gather(*tasks)
