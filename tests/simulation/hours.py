"""Time that passes at once: an event loop whose clock jumps to whatever is due next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from selectors import SelectorKey, SelectSelector
from typing import Any

__all__ = ["OutOfTimeError", "VirtualLoop"]

_TICKS = 1_000_000
"""To a second. Time is counted in whole ticks, so that no sum of fractions comes out a little too early."""

_THREAD = 0.05
"""Seconds that work takes which is given to a thread."""


class OutOfTimeError(Exception):
    """Virtual time has come to its end, or nothing would ever happen again."""


class _Hourglass(SelectSelector):
    """Asks no file whether it is ready: whoever would wait for that has the time pass instead."""

    def __init__(self, end: int) -> None:
        super().__init__()
        self.ticks, self._end = 0, end

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None:
            raise OutOfTimeError("everybody waits, and nothing is due")
        if timeout > 0:
            self.ticks += round(timeout * _TICKS) or 1
            if self.ticks > self._end * _TICKS:
                raise OutOfTimeError(f"all was not over after {self._end:,} s")
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop for code that asks nothing of the world outside; it begins at 0, and ends at `end` seconds."""

    def __init__(self, end: int) -> None:
        self._hourglass = _Hourglass(end)
        super().__init__(self._hourglass)

    def time(self) -> float:
        return self._hourglass.ticks / _TICKS

    def passing(self, seconds: float) -> asyncio.Future[None]:
        """Return what is done after some time: a sleep that nobody cuts short, and that costs less."""
        future: asyncio.Future[None] = self.create_future()
        self.call_later(seconds, _end, future)
        return future

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Have work that another thread would do done here, after a moment in which everything else goes on."""

        async def work() -> Any:
            await self.passing(_THREAD)
            return func(*args)

        return self.create_task(work())


def _end(future: asyncio.Future[None]) -> None:
    if not future.done():  # whoever waited may have been cancelled
        future.set_result(None)
