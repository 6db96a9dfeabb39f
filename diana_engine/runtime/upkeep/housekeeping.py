"""What a runtime does now and then so that its database stays small, and never while players wait for it.

A handled delivery is kept for as long as its channel may deliver it again; a message that was sent, and an event that
every subscriber has heard, for as long as somebody may want to look at it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from diana_engine.database.port import Clock
from diana_engine.database.ports.history import Purged, Upkeep
from diana_engine.errors import DianaError
from diana_engine.runtime.keeping import kept_beside

__all__ = ["Habits", "tidied", "tidy"]

_log = logging.getLogger(__name__)

_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Habits:
    """How often it is done, and how old what is removed must be, in seconds.

    Telegram delivers an update again for 24 hours at most; three times that is safe from clocks that are wrong.
    """

    every: int = _HOUR
    inbox: int = 72 * _HOUR
    outbox: int = 30 * _DAY
    events: int = 30 * _DAY


async def tidy(upkeep: Upkeep, now: int, habits: Habits = Habits()) -> Purged:
    """Remove what is older than it need be kept. The files are brought in order by who watches them.

    Raises:
        DianaError: the database cannot be used; what was removed so far is gone, and the rest comes next time.
    """
    return await upkeep.purge(
        inbox=now - habits.inbox, outbox=now - habits.outbox, events=now - habits.events
    )


@asynccontextmanager
async def tidied(upkeep: Upkeep, clock: Clock, habits: Habits = Habits()) -> AsyncIterator[None]:
    """Tidy up beside what is done in the block, and end with it."""
    keeping = partial(_keep_house, upkeep, clock, habits=habits)
    async with kept_beside("tidying up", keeping, pause=habits.every):
        yield


async def _keep_house(upkeep: Upkeep, clock: Clock, stop: asyncio.Event, habits: Habits) -> None:
    """Tidy up at once, and then again and again until `stop` is set. A database that is away is waited for."""
    while not stop.is_set():
        try:
            purged = await tidy(upkeep, clock(), habits)
        except DianaError as error:
            _log.warning("tidying up is put off: %s", error)
        else:
            _log.log(
                logging.INFO if purged != Purged(0, 0, 0) else logging.DEBUG,
                "removed %d deliveries, %d messages and %d events that were old",
                purged.inbox, purged.outbox, purged.events,
            )  # fmt: skip
        try:
            async with asyncio.timeout(habits.every):
                await stop.wait()
        except TimeoutError:
            continue
