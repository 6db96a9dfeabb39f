"""What a worker does beside its players' steps: firing timers, and telling subscribers what happened."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex

from diana_engine.database.port import Clock
from diana_engine.database.ports.store import Store
from diana_engine.runtime.bus.bus import Bus
from diana_engine.runtime.bus.subscribers import Subscriber
from diana_engine.runtime.keeping import kept_going
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.scheduler.firing import Announce
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.versions.library import Library

__all__ = ["Background"]


@dataclass(frozen=True, slots=True)
class Background:
    """A worker's scheduler and bus.

    `announce` renders what is said to who is woken, and `said` is called when there may be something to send because of it.
    """

    store: Store
    library: Library
    clock: Clock
    announce: Announce
    said: Callable[[], object]
    metrics: Metrics
    subscribers: tuple[Subscriber, ...] = ()
    scheduler: Scheduler = field(init=False)
    bus: Bus = field(init=False)

    def __post_init__(self) -> None:
        # A name that no other process has, nor had: what was held under it dies with it, and its lease ends.
        owner = f"worker:{token_hex(8)}"
        chance = random.random
        scheduler = Scheduler(
            self.store, self.library, self.announce, owner, self.clock, chance, fired=self._fired
        )
        bus = Bus(
            self.store.events, self.subscribers, owner, self.clock, chance, metrics=self.metrics
        )
        object.__setattr__(self, "scheduler", scheduler)
        object.__setattr__(self, "bus", bus)

    def wake(self) -> None:
        """Tell that a step was made, in which something may have happened.

        Timers are looked at every second: nobody can set one that is due at once, and a look for each step would cost
        more than the step's own commit.
        """
        self.bus.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Fire timers and tell subscribers until `stop` is set; what was begun is finished."""
        timers = kept_going("the scheduler", self.scheduler.run, stop)
        await asyncio.gather(timers, self.bus.run(stop))

    def _fired(self) -> None:
        self.metrics.timers_fired.inc()
        self.said()
        self.bus.wake()
