"""Feeding one subscriber: read on from its cursor, tell it, note what it could not deal with, and move the cursor.

An event that a subscriber could not deal with becomes a delivery of its own, to be tried again, longer and longer, and at
last parked. Meanwhile it holds back that player's later events, so that each player's come in order, and nobody else's.
Whatever dies in between, the cursor has not moved yet, and the subscriber is told again: at least once.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from structlog.contextvars import bound_contextvars

from diana_engine.database.ports.events import Delivered, EventDelivery, Events, StoredEvent
from diana_engine.database.ports.plays import Clock, PlayKey
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff, Chance
from diana_engine.runtime.bus.breaker import Breaker
from diana_engine.runtime.bus.subscribers import EVERYTHING, Event, Subscriber, event_of
from diana_engine.runtime.signals import Signal

__all__ = ["Fate", "Feed", "Manner"]

_log = logging.getLogger(__name__)

Fate = Literal["told", "failed", "parked"]
"""What came of telling an event once."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How subscribers are fed; times in seconds.

    - `batch`: how many events are read at once.
    - `lease`: how long a subscriber is this worker's to feed. Half of it is what one batch may take. For who takes long it is longer.
    - `glance`: how often a feed looks without being woken; `review`: how often for what others did, such as a replay.
    - `stand_by`: how often one looks whose subscriber another worker feeds.
    - `backoff`: how an event is tried again.
    """

    batch: int = 500
    lease: int = 60
    glance: float = 1.0
    review: int = 10
    stand_by: float = 5.0
    backoff: Backoff = field(default_factory=Backoff)


@dataclass
class Feed:
    """Feeds one subscriber, for as long as this worker (`owner`) is the one that does."""

    subscriber: Subscriber
    events: Events
    owner: str
    clock: Clock
    chance: Chance
    manner: Manner = field(default_factory=Manner)
    signal: Signal = field(default_factory=Signal)
    noted: Callable[[Fate], object] = lambda _: None
    _held_until: int = field(default=0, init=False)
    _reviewed: int = field(default=0, init=False)
    _waiting: frozenset[PlayKey] = field(default=frozenset(), init=False)
    _away: int = field(default=0, init=False)
    _stopping: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.chance)

    async def run(self, stop: asyncio.Event) -> None:
        """Feed until `stop` is set; what was begun is finished, and another worker may go on at once."""
        ended = asyncio.ensure_future(stop.wait())
        ended.add_done_callback(lambda _: self._stop())
        self._stopping = stop.is_set()
        try:
            while not stop.is_set():
                await self.signal.wait(await self.turn())
            await self.events.let_go(self.subscriber.name, self.owner)
        except DianaError as error:
            _log.warning("who feeds `%s` cannot be noted: %s", self.subscriber.name, error)
        finally:
            ended.cancel()

    def _stop(self) -> None:
        self._stopping = True
        self.signal.wake()

    async def turn(self) -> float:
        """Tell the subscriber what there is to tell, and return for how many seconds there is nothing to do."""
        try:
            wait = await self._turn()
            self._away = 0
        except DianaError as error:
            self._away += 1
            self._reviewed = 0  # what was noted last may be in the database all the same
            wait = Backoff(longest=60).seconds(self._away, self.chance)
            name = self.subscriber.name
            _log.warning(
                "`%s` is told nothing for %d s, as the database is out of reach: %s",
                name,
                wait,
                error,
            )
        return wait

    async def _turn(self) -> float:
        if not await self._hold():
            return self.manner.stand_by
        wait = await self._any_wait()
        if self.breaker.open:
            return await self._probe(wait)
        again = await self._tell_again(self.manner.batch) if wait else 0
        read = await self._tell_on(self.manner.batch)
        return 0 if again or read == self.manner.batch else self.manner.glance

    async def _probe(self, wait: bool) -> float:
        """Try one event of a subscriber that failed with everything, when the time for that has come."""
        left = self.breaker.left(self.clock())
        if left:
            return min(self.manner.glance, left)
        tried = await (self._tell_again(1) if wait else self._tell_on(1))
        return 0 if tried else self.manner.glance

    # Whose turn it is -----------------------------------------------------------------------------

    @property
    def _lease(self) -> int:
        """How long the subscriber is this worker's: long enough for a batch whose last event takes all the time that it may."""
        return max(self.manner.lease, 4 * math.ceil(self.subscriber.limit))

    async def _hold(self) -> bool:
        """Return whether this worker feeds the subscriber; take it up if nobody does."""
        now, name, lease = self.clock(), self.subscriber.name, self._lease
        if now < self._held_until <= now + lease:
            return True
        if not self._held_until and all(
            one.subscriber != name for one in await self.events.subscriptions()
        ):
            start = 0 if self.subscriber.from_the_beginning else await self.events.end()
            await self.events.subscribe(name, start)
        held = await self.events.hold(name, self.owner, now, lease=lease)
        # Renewed when half of it is over, so that a batch may take the other half.
        self._held_until = now + lease // 2 if held else 0
        self._reviewed = 0
        return held

    async def _any_wait(self) -> bool:
        """Return whether any delivery waits; asked of the database now and then only, for this worker alone makes them."""
        now = self.clock()
        if not self._reviewed <= now < self._reviewed + self.manner.review:
            self._waiting, self._reviewed = await self.events.waiting(self.subscriber.name), now
        return bool(self._waiting)

    # Telling --------------------------------------------------------------------------------------

    async def _tell_again(self, limit: int) -> int:
        """Try what waits and is due; return how much that was."""
        name = self.subscriber.name
        due = await self.events.due(name, self.clock(), self.manner.batch)
        if not due:
            return 0
        # Those tried least often first, so that probes do not use up the attempts of one event.
        due = tuple(sorted(due, key=lambda one: one.attempts))[:limit]
        outcome = await self._tell([[one] for one in due])
        await self.events.advance(name, await self.events.cursor(name), outcome)
        self._reviewed = 0
        return len(due)

    async def _tell_on(self, limit: int) -> int:
        """Tell what happened after the cursor; return how much was read."""
        name = self.subscriber.name
        read = await self.events.read(await self.events.cursor(name), limit)
        if not read:
            return 0
        wanted = [one for one in read if self._wants(one)]
        behind = [self._kept(one) for one in wanted if one.play in self._waiting]
        lines: dict[PlayKey, list[EventDelivery]] = {}
        for one in wanted:
            if one.play not in self._waiting:
                lines.setdefault(one.play, []).append(self._kept(one))
        outcome = await self._tell(lines.values())
        kept = (*behind, *outcome.kept)
        await self.events.advance(name, read[-1].position, Delivered(kept=kept))
        self._waiting |= {one.event.play for one in kept if one.state == "waiting"}
        return len(read)

    def _wants(self, stored: StoredEvent) -> bool:
        wants = self.subscriber.wants
        return wants == EVERYTHING or stored.event.name in wants

    def _kept(self, stored: StoredEvent) -> EventDelivery:
        """Return an event as a delivery that was not tried yet."""
        return EventDelivery(self.subscriber.name, stored, "waiting", 0, self.clock())

    async def _tell(self, lines: Iterable[list[EventDelivery]]) -> Delivered:
        """Tell each line in its order, some of them side by side; what comes behind a failure is kept untold."""
        hands = asyncio.Semaphore(self.subscriber.hands)
        latest = self.clock() + self._lease // 2 - math.ceil(self.subscriber.limit)
        done: list[int] = []
        kept: list[EventDelivery] = []

        async def tell(line: list[EventDelivery]) -> None:
            async with hands:
                for n, one in enumerate(line):
                    if self._rests(latest):
                        kept.extend(line[n:])
                        return
                    failed = await self._try(one)
                    if failed is None:
                        done.append(one.event.position)
                        continue
                    kept.append(failed)
                    if failed.state == "waiting":
                        kept.extend(line[n + 1 :])
                        return

        await asyncio.gather(*map(tell, lines))
        return Delivered(tuple(done), tuple(kept))

    def _rests(self, latest: int) -> bool:
        """Return whether nothing more is to be told for now: at a stop, when time is up, and while the breaker is open."""
        now = self.clock()
        return self._stopping or now > latest or self.breaker.left(now) > 0

    async def _try(self, delivery: EventDelivery) -> EventDelivery | None:
        """Tell one event; return the delivery as it is to be kept, or `None` where it was dealt with."""
        try:
            async with asyncio.timeout(self.subscriber.limit):
                await self._handle(event_of(delivery.event))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what befalls a subscriber is its own affair
            return self._failed(delivery, error)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return self._failed(delivery, error)
        self.noted("told")
        self.breaker.succeeded()
        return None

    async def _handle(self, event: Event) -> None:
        """Hand an event over; whatever is logged meanwhile says what caused it, and for whom."""
        with bound_contextvars(correlation=event.correlation, subscriber=self.subscriber.name):
            await self.subscriber.handle(event)

    def _failed(self, delivery: EventDelivery, error: BaseException) -> EventDelivery:
        self.breaker.failed(delivery.event.play, self.clock())
        attempts, backoff = delivery.attempts + 1, self.manner.backoff
        said = _words(error, self.subscriber.limit)
        # No line of the log may say whose event it is.
        name, what = (
            delivery.subscriber,
            f"event {delivery.event.position}, {delivery.event.event.name}",
        )
        if attempts >= backoff.attempts:
            _log.error("`%s` cannot deal with %s, which is parked: %s", name, what, said)
            self.noted("parked")
            return replace(delivery, state="parked", attempts=attempts, error=said)
        _log.warning("`%s` could not deal with %s: %s", name, what, said)
        self.noted("failed")
        later = self.clock() + backoff.seconds(attempts, self.chance)
        return replace(delivery, attempts=attempts, next_at=later, error=said)


def _words(error: BaseException, limit: float) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"it took longer than {limit:g} s"
    return f"{type(error).__name__}: {error}"[:500]
