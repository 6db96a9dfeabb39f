"""What is in force of a story, and the ways there from older versions: read and worked out once, and kept.

A publication by any process is noticed within a second. A player is only ever carried over by what was read after their
version was seen, so that a worker which has not noticed yet can carry nobody back.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

from diana_engine.database.port import Clock
from diana_engine.play.carrying import Passage, passage
from diana_engine.program.model import StoryId
from diana_engine.runtime.versions.following import InForce
from diana_engine.runtime.versions.library import Library

__all__ = ["Guide"]

_KEPT = 16
"""Ways that are kept: as many older versions as players may be on at one time, in a story that is published often."""


class Guide:
    """Leads the players of one story to what is in force."""

    def __init__(self, library: Library, story: StoryId, clock: Clock) -> None:
        self._library = library
        self.story = story
        self.clock = clock
        self._known: InForce | None = None
        self._asked_at: int | None = None
        self._asking = asyncio.Lock()
        self._ways: OrderedDict[str, Passage] = OrderedDict()

    async def in_force(self) -> InForce | None:
        """Return what is in force, as it was at most a second ago; `None` where nothing was ever published.

        Raises:
            DianaError: the database is not there.
        """
        now = self.clock()
        if self._asked_at is None or (now != self._asked_at and not self._asking.locked()):
            return await self.asked()
        return self._known

    async def asked(self) -> InForce | None:
        """Return what is in force at this moment. Raises as `in_force` does."""
        async with self._asking:
            now = self.clock()
            active = await self._library.active(self.story)
            known = self._known
            if active is None:
                self._known = None
            elif known is None or known.publication != active.id:
                digest = active.version.digest
                program = await self._library.program(self.story, digest)
                self._ways.clear()
                self._known = InForce(active.id, digest, program, active.policy)
            self._asked_at = now
            return self._known

    def ways(self, in_force: InForce) -> Mapping[str, Passage]:
        """Return the ways that are at hand to what is in force, by the digest of the version that they lead from."""
        return self._ways if in_force is self._known else {}

    async def find_way(self, digest: str, in_force: InForce) -> Passage:
        """Return the way from a version; it is at hand from then on.

        Raises:
            DianaError: the version is not stored any more.
        """
        old = await self._library.program(self.story, digest)
        # Two great versions take a second to be compared; others are served meanwhile.
        way = await asyncio.to_thread(passage, old, in_force.program, in_force.policy)
        if in_force is self._known:
            self._ways[digest] = way
            while len(self._ways) > _KEPT:
                self._ways.popitem(last=False)
        return way
