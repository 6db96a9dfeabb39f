"""A tap on the shoulder inside the process: there may be something to do, so look now and not later.

It is only a hint. Whoever waits for it looks now and then all the same, so one that gets lost, or that another process
would have had to give, costs a moment and nothing else.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

__all__ = ["Signal"]


class Signal:
    """Wakes one who waits; given while nobody waits, it is kept for the next who does."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Give the signal."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for the signal, but no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()
