"""Answers to taps: given at once or not at all, and never in the story's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from diana_engine.adapters.telegram.api.calls import Calls
from diana_engine.adapters.telegram.api.limits import ANSWER, shorten
from diana_engine.adapters.telegram.api.methods import AnswerTap
from diana_engine.adapters.telegram.api.outcomes import Delivered, Flooded, Refused, Unknown, Unsent
from diana_engine.adapters.telegram.receiving.intake import Courtesy

__all__ = ["Courtesies", "words_of"]

_log = logging.getLogger(__name__)

_HANDS = 100
_LONGEST = 3.0
_SECONDS = 10


def words_of(courtesy: Courtesy) -> str | None:
    """Return what an answer says, short enough for Telegram."""
    return shorten(courtesy.text, ANSWER) if courtesy.text else None


class Courtesies:
    """Answers taps beside everything else: a few at a time, each with two attempts; what is too many is left."""

    def __init__(
        self, calls: Calls, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._calls = calls
        self._pause = pause
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, courtesy: Courtesy) -> None:
        """Answer a tap soon."""
        if len(self._tasks) >= _HANDS:
            return
        task = asyncio.create_task(self._answer(courtesy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, seconds: float = 2.0) -> None:
        """Give the answers under way a moment, and leave the rest."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _answer(self, courtesy: Courtesy) -> None:
        method = AnswerTap(
            callback_query_id=courtesy.query, text=words_of(courtesy), show_alert=courtesy.alert
        )
        for _ in range(2):
            match await self._calls.make(method, _SECONDS):
                case Flooded(seconds) if seconds <= _LONGEST:
                    await self._pause(seconds)
                case Unsent(reason) | Unknown(reason):
                    _log.info("could not answer a tap: %s", reason)
                    await self._pause(0.2)
                case Refused(reason):
                    _log.debug("could not answer a tap: %s", reason)  # too old, mostly
                    return
                case Delivered() | _:
                    return
