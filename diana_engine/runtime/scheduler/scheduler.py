"""Who fires the timers: claims what is due, one worker alone each, and hands it in as the delivery of a step.

What protects a timer: it ends in the transaction of the step that it causes, so it fires once, however often it is tried.
A claim is a lease, so what a worker held that died is claimed by another. A timer that raises is put off, longer and
longer, and given up at last with its error noted; the others go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diana_engine.database.port import Clock, Decision, PlayerRecord
from diana_engine.database.ports.store import Store
from diana_engine.database.ports.timers import Due
from diana_engine.errors import DianaError
from diana_engine.play.carrying import Passage
from diana_engine.play.state import Moment
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.backoff import Backoff, Chance
from diana_engine.runtime.failures import failure
from diana_engine.runtime.scheduler.firing import Announce, Scene, fire
from diana_engine.runtime.scheduler.timing import REMIND, WAIT
from diana_engine.runtime.signals import Signal
from diana_engine.runtime.versions.following import Followed, InForce, followed
from diana_engine.runtime.versions.guide import Guide
from diana_engine.runtime.versions.library import Library

__all__ = ["Rhythm", "Scheduler"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a scheduler works; times in seconds.

    - `batch`: how many timers are claimed at once, `hands`: how many of them are fired at once.
    - `lease`: how long a claimed timer is this worker's.
    - `glance`: how long it sleeps at most, so that neither a clock that was put forward nor another worker's timer is missed.
    """

    batch: int = 200
    hands: int = 32
    lease: int = 60
    glance: float = 1.0
    backoff: Backoff = field(default_factory=lambda: Backoff(first=2, longest=600, attempts=8))


@dataclass
class Scheduler:
    """Fires the timers of all plays in a store, whichever their story.

    `owner` is this worker's name, and no other's. `chance` spreads what is tried again.
    """

    store: Store
    library: Library
    announce: Announce
    owner: str
    clock: Clock
    chance: Chance
    rhythm: Rhythm = field(default_factory=Rhythm)
    signal: Signal = field(default_factory=Signal)
    fired: Callable[[], object] = lambda: None
    _failures: int = field(default=0, init=False)
    _guides: dict[StoryId, Guide] = field(default_factory=dict, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Fire timers until `stop` is set; what was begun is finished."""
        ended = asyncio.ensure_future(stop.wait())
        ended.add_done_callback(lambda _: self.signal.wake())
        try:
            while not stop.is_set():
                await self.signal.wait(await self.turn())
        finally:
            ended.cancel()

    async def turn(self) -> float:
        """Fire what is due, and return for how many seconds there is nothing to do."""
        try:
            due = await self._claim()
            await self._fire_all(due)
            self._failures = 0
            if len(due) == self.rhythm.batch:
                return 0
            following = await self.store.timers.next_due()
        except DianaError as error:
            self._failures += 1
            wait = Backoff(longest=60).seconds(self._failures, self.chance)
            _log.warning("timers rest for %d s, as the database is out of reach: %s", wait, error)
            return wait
        if following is None:
            return self.rhythm.glance
        return max(0.0, min(self.rhythm.glance, following - self.clock()))

    async def _claim(self) -> tuple[Due, ...]:
        rhythm = self.rhythm
        return await self.store.timers.claim(
            self.owner, self.clock(), lease=rhythm.lease, limit=rhythm.batch
        )

    async def _fire_all(self, due: tuple[Due, ...]) -> None:
        """Fire timers side by side, but those of one play one after another, in the order in which they were due."""
        lines: dict[object, list[Due]] = {}
        for one in due:
            lines.setdefault(one.play, []).append(one)
        hands = asyncio.Semaphore(self.rhythm.hands)

        async def in_line(line: list[Due]) -> None:
            async with hands:
                for one in line:
                    await self._fire(one)

        results = await asyncio.gather(*map(in_line, lines.values()), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _fire(self, due: Due) -> None:
        try:
            await self._step(due)
        except DianaError as error:
            # The version that is played may be gone, or the database away; then this release fails like all else.
            _log.warning("the timer %s of a player is put off: %s", due.timer.key, error)
            await self.store.timers.release(due, self._later(due))
        except Exception as error:  # noqa: BLE001 - one player's trouble must not be another's
            await self._put_off(due, error)
        else:
            self.fired()

    def _later(self, due: Due) -> int:
        return self.clock() + self.rhythm.backoff.seconds(due.attempts, self.chance)

    async def _step(self, due: Due) -> None:
        at_hand: dict[str, Program] = {}

        def decide(record: PlayerRecord | None) -> Decision:
            if record is None:
                return Decision("void")
            program = at_hand.get(record.digest)
            if program is None:
                raise _NotAtHandError(record.digest)
            now = self.clock()
            return fire(
                Scene(program, record, now, words.of(record, now)), due.timer, self.announce
            )

        record = await self.store.players.find(due.play)
        digest = None if record is None else record.digest
        words = await self._words(due, digest)
        while True:
            if digest is not None:
                at_hand[digest] = await self.library.program(due.play.story, digest)
            try:
                await self.store.players.step(due.play, due.delivery, decide)
            except _NotAtHandError as other:  # the player was carried to another version meanwhile
                digest = other.digest
            else:
                return

    async def _words(self, due: Due, digest: str | None) -> _Words:
        """Find out in which version's words to speak to a player who is on a version."""
        story = due.play.story
        guide = self._guides.setdefault(story, Guide(self.library, story, self.clock))
        in_force = await guide.in_force() if due.timer.kind in (WAIT, REMIND) else None
        if in_force is None or digest in (None, in_force.digest) or in_force.policy == "pin":
            return _Words()
        assert digest is not None
        way = guide.ways(in_force).get(digest) or await guide.find_way(digest, in_force)
        return _Words(in_force, {digest: way})

    async def _put_off(self, due: Due, error: Exception) -> None:
        """Have a timer tried again later, or give it up."""
        failed = failure(due.delivery, f"{type(error).__name__}: {error}")
        after = self.rhythm.backoff.attempts
        given_up = await self.store.players.park(due.play, failed, after=after)
        if not given_up:
            _log.warning("a timer failed and is tried again: %s", due.timer, exc_info=error)
            await self.store.timers.release(due, self._later(due))
            return
        _log.error("a timer failed too often and is given up: %s", due.timer, exc_info=error)


@dataclass(frozen=True, slots=True)
class _Words:
    """What is in force, and ways there from the versions that a player may be on."""

    in_force: InForce | None = None
    ways: Mapping[str, Passage] = field(default_factory=dict)

    def of(self, record: PlayerRecord, now: int) -> Followed | None:
        """Return a player as carried over, if there is a way from the version that they are on."""
        if self.in_force is None or record.digest not in self.ways:
            return None
        return followed(record, self.in_force, self.ways, Moment(now))


class _NotAtHandError(Exception):
    """A player's program is not in memory. Reading it is waiting, which a decision must not do."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest
