"""One call to Telegram: made, timed, counted, and told as an `Outcome`, never as an exception."""

from __future__ import annotations

from time import perf_counter
from typing import Any, assert_never

from aiogram import Bot
from aiogram.methods import TelegramMethod

from diana_engine.adapters.telegram.api.outcomes import (
    Delivered,
    Flooded,
    Gone,
    Moved,
    Outcome,
    Refused,
    Unknown,
    Unsent,
    is_not_modified,
    outcome_of,
)
from diana_engine.runtime.metrics import Metrics

__all__ = ["TEXT", "UPLOAD", "Calls", "name"]

TEXT = 10
"""Seconds for a call without a file; Telegram answers within one. Two of them fit into the lease of a message (office.py)."""
UPLOAD = 300
"""Seconds for a call that may carry 50 MB; meanwhile the lease is renewed."""


class Calls:
    """The bot's way out."""

    def __init__(self, bot: Bot, metrics: Metrics) -> None:
        self._bot = bot
        self._metrics = metrics

    async def make(self, method: TelegramMethod[Any], seconds: int = TEXT) -> Outcome:
        """Make a call once, within so many seconds."""
        began = perf_counter()
        outcome: Outcome
        try:
            outcome = Delivered(await self._bot(method, request_timeout=seconds))
        except Exception as error:  # noqa: BLE001 - what is not Telegram's or the network's is raised again there
            outcome = outcome_of(error)
        self._metrics.send_seconds.observe(perf_counter() - began)
        self._metrics.sends.labels(method.__api_method__, name(outcome)).inc()
        return outcome


def name(outcome: Outcome) -> str:
    """Return an outcome's name as the metrics have it."""
    match outcome:
        case Delivered():
            return "delivered"
        case Flooded():
            return "flooded"
        case Gone():
            return "gone"
        case Moved():
            return "moved"
        case Refused():
            return "delivered" if is_not_modified(outcome) else "refused"
        case Unsent():
            return "unsent"
        case Unknown():
            return "unknown"
        case other:
            assert_never(other)
