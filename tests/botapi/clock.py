"""Time that a test turns by hand, and a bell for whoever waits for a change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["Bell", "Clock"]

T = TypeVar("T")


class Clock:
    """Unix time that stands still until it is advanced.

    It begins at the machine's time, so that dates look right to a bot in another process, and then
    nothing expires by accident, however slow the machine.
    """

    def __init__(self, start: float | None = None) -> None:
        self._now = float(int(time.time())) if start is None else start

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass; it never goes back."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._now += seconds


class Bell:
    """Wakes all that wait, each time something has changed; all within one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Say that something has changed."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def until(self, probe: Callable[[], T | None], seconds: float) -> T:
        """Give what `probe` finds, asking it again after each ring.

        Raises:
            TimeoutError: nothing was found in so many seconds of real time.
        """
        async with asyncio.timeout(seconds):
            while (found := probe()) is None:
                await self._next_ring()
        return found

    async def _next_ring(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)
