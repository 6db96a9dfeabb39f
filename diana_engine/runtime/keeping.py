"""Keeping something going that must not end before it is told to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

__all__ = ["kept_beside", "kept_going"]

_log = logging.getLogger(__name__)

Running = Callable[[asyncio.Event], Awaitable[object]]


async def kept_going(what: str, run: Running, stop: asyncio.Event, *, pause: float = 5.0) -> None:
    """Run until `stop` is set. Where it fails by a mistake of ours, that is logged, and it begins again after a pause."""
    while not stop.is_set():
        try:
            await run(stop)
        except Exception:  # noqa: BLE001 - it is logged, and whatever it is, the others depend on this going on
            _log.exception("%s failed, and begins again in %g s", what, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)


@asynccontextmanager
async def kept_beside(what: str, run: Running, *, pause: float = 5.0) -> AsyncIterator[None]:
    """Keep something going beside what is done in the block, and end with it."""
    stop = asyncio.Event()
    running = asyncio.create_task(kept_going(what, run, stop, pause=pause))
    try:
        yield
    finally:
        stop.set()
        await running
