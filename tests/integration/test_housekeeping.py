"""Tidying up: what is old goes, what may come again stays, and a database that is away stops nobody."""

from __future__ import annotations

import asyncio

import pytest

from diana_engine.database.port import UpdateId
from diana_engine.database.ports.history import Purged
from diana_engine.database.ports.store import Store
from diana_engine.errors import DianaError
from diana_engine.runtime.upkeep.housekeeping import Habits, tidied, tidy
from strategies.steps import Steps

HOURS = 3_600


async def test_a_delivery_is_known_for_three_days_and_then_forgotten(store: Store, steps: Steps):
    await steps.make(delivery=UpdateId(7))
    assert await tidy(store.upkeep, 1_000 + 72 * HOURS) == Purged()
    assert (await steps.make(delivery=UpdateId(7))).repeated
    assert await tidy(store.upkeep, 1_001 + 72 * HOURS) == Purged(inbox=1)


async def test_it_is_done_beside_something_else_and_ends_with_it(store: Store, steps: Steps):
    await steps.make(delivery=UpdateId(7))
    async with tidied(store.upkeep, lambda: 10**9, Habits(every=3600)):
        while (await steps.make(delivery=UpdateId(7))).repeated:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Away:
    """An upkeep that raises something at first."""

    def __init__(self, stop: asyncio.Event, error: Exception) -> None:
        self.calls = 0
        self._stop = stop
        self._error = error

    async def purge(self, *, inbox: int, outbox: int, events: int) -> Purged:
        self.calls += 1
        if self.calls < 3:
            raise self._error
        self._stop.set()
        return Purged()

    async def checkpoint(self) -> int:
        return 0


@pytest.mark.parametrize("error", [DianaError("away"), ZeroDivisionError()])
async def test_what_goes_wrong_while_tidying_up_is_waited_out(error: Exception):
    stop = asyncio.Event()
    away = Away(stop, error)
    async with asyncio.timeout(5):
        async with tidied(away, lambda: 0, Habits(every=0)):
            await stop.wait()
    assert away.calls >= 3
