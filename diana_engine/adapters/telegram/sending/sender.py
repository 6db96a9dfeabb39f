"""The worker that empties the outbox: it claims what is due and has it carried, as one of any number of workers.

Everything that must survive this process is in the outbox; what is remembered here (rates, floods, groups that moved) is
learnt again at the price of a refusal. Replies are claimed first, and what nobody asked for only as far as the bulk
limit has room, so that it never stands in their way. That limit is the bot's and not the worker's: the outbox keeps count of
it, and what is kept here only tells when to ask again.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import suppress

from diana_engine.adapters.telegram.api.calls import Calls
from diana_engine.adapters.telegram.api.methods import GetMe
from diana_engine.adapters.telegram.api.outcomes import Flooded, Unknown, Unsent
from diana_engine.adapters.telegram.sending.carrier import Carrier
from diana_engine.adapters.telegram.sending.delivering import Deliverer
from diana_engine.adapters.telegram.sending.office import Office
from diana_engine.database.ports.outbox import Allowance, Claimed, Priority
from diana_engine.errors import DianaError

__all__ = ["Sender"]

_log = logging.getLogger(__name__)


class Sender:
    """Sends one channel's messages.

    Args:
        office: where they wait, and how to work.
        deliverer: makes the calls of a message.
        calls: makes the harmless call that finds out whether Telegram is back.
    """

    def __init__(self, office: Office, deliverer: Deliverer, calls: Calls) -> None:
        self._office = office
        self._carrier = Carrier(office, deliverer)
        self._calls = calls
        self._tasks: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._recalled = -math.inf

    def wake(self) -> None:
        """Say that there may be something to be sent; costs nothing."""
        self._bell.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then what is due still, within bounds; what is left is given back."""
        working = asyncio.create_task(self._work(stop))
        stopping = asyncio.create_task(self._ring(stop))
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
            # A claim is not cut short: nobody would know of what it took.
            await self._within_bounds(working)
        finally:
            for task in (working, stopping, *self._tasks):
                task.cancel()
            await asyncio.gather(working, stopping, *self._tasks, return_exceptions=True)
            with suppress(DianaError):
                await self._office.outbox.put_back(self._office.owner)
        if not working.cancelled():
            working.result()

    async def _ring(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._bell.set()

    async def _within_bounds(self, working: asyncio.Task[None]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._office.manner.drain):
                await asyncio.wait((working,))
                await self._flush()

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._bell.clear()
            try:
                await self._recall()
                if self._office.breaker.closed:
                    await self._probe(stop)
                    continue
                taken = await self._take()
            except DianaError as error:
                _log.warning("the outbox is out of reach, trying again: %s", error)
                await self._wait(stop, self._office.manner.glance)
                continue
            if not taken and not stop.is_set():
                await self._rest()

    async def _wait(self, stop: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()

    async def _take(self, *, bulk: bool = True) -> int:
        """Claim what may go now, and have it carried; return how much."""
        office, now = self._office, self._office.now()
        free = office.manner.hands - len(self._tasks)
        if free <= 0 or office.pacer.open_at(now) > now:
            return 0
        rows = await self._claim("reply", free)
        room = min(free - len(rows), office.pacer.bulk_room(now))
        if bulk and room > 0:
            rows += await self._claim("broadcast", room, office.allowance())
        for row in rows:
            if row.message.priority != "reply":
                office.pacer.take_bulk(now)
            task = asyncio.create_task(self._carrier.carry(row))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return len(rows)

    async def _claim(
        self, least: Priority, limit: int, allowance: Allowance | None = None
    ) -> tuple[Claimed, ...]:
        office = self._office
        return await office.outbox.claim(
            office.channel, office.owner, office.clock(), lease=office.manner.lease, limit=limit, least=least,
            allowance=allowance,
        )  # fmt: skip

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        # The chat's next message could not be claimed before.
        self._bell.set()

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        office, now = self._office, self._office.now()
        opens = max(office.pacer.open_at(now), office.pacer.bulk_again(now, office.manner.glance))
        seconds = office.manner.glance if opens <= now else min(office.manner.glance, opens - now)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def _recall(self) -> None:
        """Take over what a worker had claimed that is no more: at the start, what was claimed in this one's name too."""
        office = self._office
        if office.now() - self._recalled < office.manner.recall:
            return
        owner = office.owner if self._recalled == -math.inf else ""
        taken = await office.outbox.recover(office.channel, owner, office.clock())
        self._recalled = office.now()
        if taken:
            _log.warning("nobody knows whether %d messages arrived, whose worker ended", taken)

    async def _probe(self, stop: asyncio.Event) -> None:
        """Find out whether Telegram is back, with a call that changes nothing."""
        office = self._office
        office.metrics.telegram_away.set(1)
        await self._wait(stop, max(0.0, office.breaker.closed_until - office.now()))
        if stop.is_set():
            return
        match await self._calls.make(GetMe()):
            case Unsent(reason) | Unknown(reason):
                office.breaker.failed(office.now())
                _log.warning("Telegram is away, sending rests: %s", reason)
            case Flooded(seconds):
                office.breaker.answered()
                await office.close(seconds)
            case _:
                office.breaker.answered()
        office.metrics.telegram_away.set(int(office.breaker.closed))

    async def _flush(self) -> None:
        """Send the replies that are due, until there is none more."""
        while True:
            with suppress(DianaError):
                await self._take(bulk=False)
            if not self._tasks:
                return
            await asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_COMPLETED)
