"""What the parts of a sender share: where messages wait, whose they are, the limits, and how it works."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from diana_engine.adapters.telegram.sending.pacing import Breaker, Limits, Pacer
from diana_engine.database.ports.outbox import Allowance, Outbox
from diana_engine.database.ports.plays import Clock
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff, Chance
from diana_engine.runtime.metrics import Metrics

__all__ = ["Manner", "Office"]

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sender works; times in seconds.

    - `lease`: how long a claimed message is this worker's; longer than two calls. Files take longer, so their claim is renewed.
    - `hands`: how many messages are in the air at once.
    - `glance`: how often it looks for what others left.
    - `short`: how long a message may wait in hand; `courtesy`: how long decoration may hold back a story.
    - `unknowns`, `refusals`: after so many a message is given up.
    - `recall`: how often expired claims of others are taken over.
    - `drain`: how long a stop waits.
    - `away`, `chance`: how long a message waits that could not be sent.
    """

    lease: int = 45
    hands: int = 100
    glance: float = 1.0
    short: float = 5.0
    courtesy: float = 3.0
    unknowns: int = 8
    refusals: int = 3
    recall: float = 5.0
    drain: float = 4.0
    limits: Limits = field(default_factory=Limits)
    away: Backoff = field(default_factory=lambda: Backoff(longest=60.0, least=0.5))
    chance: Chance = random.random


@dataclass(slots=True)
class Office:
    """One worker's share in sending a channel's messages.

    `owner` is the worker's name: what it had claimed under that name is taken up again at once when it starts. `clock` is
    the outbox's, in seconds since 1970 in UTC; the limits follow the event loop's.
    """

    outbox: Outbox
    channel: str
    owner: str
    clock: Clock
    metrics: Metrics
    manner: Manner = field(default_factory=Manner)
    breaker: Breaker = field(init=False)
    pacer: Pacer = field(init=False)
    _closed: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.pacer = Pacer(self.manner.limits)
        self.breaker = Breaker(self.manner.away, self.manner.chance)

    def now(self) -> float:
        """Return the time by which the limits go."""
        return asyncio.get_running_loop().time()

    def allowance(self) -> Allowance:
        """Return what may go of what nobody has just asked for, over all workers, at this time."""
        bulk = self.manner.limits.bulk
        return Allowance(math.ceil(bulk.seconds * 1e6), bulk.burst, round(self.now() * 1e6))

    async def close(self, seconds: float) -> None:
        """Rest, and have all other workers rest, as Telegram has asked the whole bot to."""
        self.pacer.close(seconds, self.now())
        if self._closed >= self.now() + seconds - 1:
            return  # of the calls that were in the air together, the first one has told it
        self._closed, now = self.now() + seconds, self.clock()
        try:
            await self.outbox.close(self.channel, now, now + math.ceil(seconds))
        except DianaError as error:
            _log.warning(
                "other workers cannot be told to rest, and will be told by Telegram: %s", error
            )

    async def tell(self, report: Callable[[], Awaitable[Answer]]) -> Answer:
        """Report to the outbox, for as long as the claim lasts: what was sent must not be sent again for want of a note.

        Raises:
            DianaError: the outbox stayed out of reach.
        """
        for _ in range(self.manner.lease):
            try:
                return await report()
            except DianaError as error:
                _log.warning("the outbox is out of reach, trying again: %s", error)
                await asyncio.sleep(1)
        return await report()
