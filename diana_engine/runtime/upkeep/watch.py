"""Looking after a store that is in use: how much waits, how late it is, and whether the store can be written at all."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from diana_engine.database.ports.plays import Clock
from diana_engine.database.ports.store import Store
from diana_engine.errors import DianaError
from diana_engine.runtime.metrics import Metrics

__all__ = ["Watch"]

_log = logging.getLogger(__name__)

_PROBE = "(a probe of readiness)"


@dataclass(frozen=True, slots=True)
class Watch:
    """Watches one channel's part of a store.

    `every` is in seconds; every `checkpoint`-th look brings a write-ahead log in order and measures it.
    `stale` is for how many seconds a message may be due before something must be wrong.
    """

    store: Store
    channel: str
    clock: Clock
    metrics: Metrics
    every: float = 5.0
    checkpoint: int = 12
    stale: int = 600

    async def run(self) -> None:
        """Look now and then, until this is cancelled."""
        looks = 0
        while True:
            try:
                await self.look()
                if looks % self.checkpoint == 0:
                    self.metrics.wal_bytes.set(await self.store.upkeep.checkpoint())
                looks += 1
            except DianaError as error:
                _log.warning("the store cannot be looked at: %s", error)
            await asyncio.sleep(self.every)

    async def look(self) -> None:
        """Bring the gauges up to date.

        Raises:
            DianaError: the store is not there.
        """
        backlog = await self.store.outbox.backlog(self.channel)
        self.metrics.outbox_depth.set(backlog.messages)
        self.metrics.outbox_oldest.set(self._late(backlog.oldest_due))
        self.metrics.timers_late.set(self._late(await self.store.timers.next_due()))
        for one in await self.store.events.subscriptions():
            lag = await self.store.events.lag(one.subscriber)
            self.metrics.subscriber_lag.labels(one.subscriber).set(lag)

    async def writable(self) -> str | None:
        """Write something that means nothing, and take it back; return what is wrong.

        Raises:
            DianaError: the store is not there, or takes nothing.
        """
        await self.store.outbox.pause(self.channel, _PROBE, "a probe")
        await self.store.outbox.resume(self.channel, _PROBE)
        return None

    async def sends(self) -> str | None:
        """Return what is wrong if messages wait that should have gone long ago.

        Raises:
            DianaError: the store is not there.
        """
        late = self._late((await self.store.outbox.backlog(self.channel)).oldest_due)
        return f"a message is due for {late} s" if late > self.stale else None

    def _late(self, due: int | None) -> int:
        return 0 if due is None else max(0, self.clock() - due)
