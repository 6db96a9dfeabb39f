"""Carrying over who does not come by: a slow walk through the players after a publication.

Nobody is waiting for it, so it goes one player at a time and rests in between. Whoever stands before a scene that plays as
before is left to their next touch: the buttons before them still hold, and carrying them over sooner would make them old.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

from diana_engine.database.port import PlayerKey
from diana_engine.database.ports.publications import Publications
from diana_engine.errors import DianaError
from diana_engine.play.carrying import Carried, carry
from diana_engine.play.state import Moment
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.keeping import kept_beside
from diana_engine.runtime.requests import Look, Request
from diana_engine.runtime.versions.following import InForce
from diana_engine.runtime.versions.guide import Guide

__all__ = ["PACE", "Pace", "Sweeper"]

_PAGE = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to rest, in seconds: between two players, and between two looks at what is in force."""

    player: float = 0.02
    look: float = 5.0


PACE = Pace()
"""Fifty players a second at most, and a publication is noticed within five."""


class Sweeper:
    """Walks through the players of one story after each publication."""

    def __init__(
        self, coordinator: Coordinator, publications: Publications, guide: Guide, pace: Pace = PACE
    ) -> None:
        self._coordinator = coordinator
        self._publications = publications
        self._guide = guide
        self._pace = pace
        self._told: int | None = None
        self._done: int | None = None

    def beside(self) -> AbstractAsyncContextManager[None]:
        """Sweep beside what is done in a block, and end with it."""
        return kept_beside("carrying players over", self.run, pause=self._pace.look)

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep after each publication until `stop` is set; what fails is tried again."""
        while not stop.is_set():
            try:
                await self.sweep(stop)
            except DianaError as error:
                _log.warning("players could not be carried over, and will be later: %s", error)
            await _rest(self._pace.look, stop)

    async def sweep(self, stop: asyncio.Event) -> int:
        """Carry over who stands before another scene now; return how many. A publication is swept through once.

        Raises:
            DianaError: the database is not there.
        """
        in_force = await self._guide.asked()
        if in_force is None or in_force.publication == self._done:
            return 0
        if in_force.publication != self._told:
            self._told = in_force.publication
            program = in_force.program
            _log.info(
                "%s %s (%s) is in force", program.story, program.version, in_force.digest[:12]
            )
        if in_force.policy == "pin":
            return 0
        carried = 0
        async for player in self._moving(in_force):
            if stop.is_set():
                return carried
            await self._coordinator.handle(Request(player, Look(shown=False)))
            carried += 1
            await _rest(self._pace.player, stop)
        self._done = in_force.publication
        if carried:
            _log.info("%d players who stood before another scene were carried over", carried)
        return carried

    async def _moving(self, in_force: InForce) -> AsyncIterator[PlayerKey]:
        """Yield the players whose scene is another one in what is in force."""
        for digest in await self._publications.occupancy(self._guide.story):
            if digest == in_force.digest:
                continue
            way = await self._guide.find_way(digest, in_force)
            after: PlayerKey | None = None
            while page := await self._publications.players(self._guide.story, digest, after, _PAGE):
                moment = Moment(self._guide.clock())
                for record in page:
                    there = carry(way, record.state, moment)
                    if isinstance(there, Carried) and not way.keeps(record.state, there.state):
                        yield record.play.player
                after = page[-1].play.player


async def _rest(seconds: float, stop: asyncio.Event) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
