"""Sending to Telegram: patient with floods and failures, quick to give up what is only courtesy.

Telegram has no key that would make a repeated `sendMessage` harmless. A story's text is therefore
sent again when it is unknown whether it arrived: better twice than never. Edits converge by
themselves, and an answer to a tap is soon worthless, so these get few attempts.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import TelegramMethod

from diana_engine.adapters.telegram.limits import ANSWER, MESSAGE, shorten, units
from diana_engine.adapters.telegram.markup import Page
from diana_engine.adapters.telegram.methods import AnswerTap, EditKeyboard, EditText, SendText
from diana_engine.adapters.telegram.screen import Key, Screen
from diana_engine.adapters.telegram.updates import Tappable

__all__ = ["Patience", "Sender", "UnreachableError"]

_log = logging.getLogger(__name__)

_CHOSEN = "\n\n▸ "
# A preview would put a stranger's picture into the story.
_NO_PREVIEW = {"is_disabled": True}


class UnreachableError(Exception):
    """The player blocked the bot or is gone; trying again is no use."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try, and how long to wait in between; all times in seconds.

    The waits double from `first` to `longest`, each shortened at random by up to a half, so that
    many do not come back at once. A flood's `retry_after` is obeyed up to `longest_flood`.
    """

    attempts: int = 8
    first: float = 0.5
    longest: float = 30.0
    longest_flood: float = 300.0

    def wait(self, attempt: int) -> float:
        """Return how long to wait after the attempt of this number, from 0."""
        full = min(self.longest, self.first * 2.0 ** min(attempt, 30))
        return full * (1 - random.random() / 2)  # noqa: S311 - jitter, not a secret


_COURTESY = Patience(attempts=2, longest_flood=3.0)


class Sender:
    """The bot's way out. One chat's calls are made one after another by whoever uses it."""

    def __init__(
        self,
        bot: Bot,
        patience: Patience = Patience(),
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._patience = patience
        self._pause = pause

    async def send(self, chat: int, screen: Screen) -> int | None:
        """Send a screen and return the number of its last message, if Telegram said it.

        Raises:
            UnreachableError: the player does not take messages any more.
            TelegramAPIError: Telegram did not take it, in spite of patience.
        """
        message = None
        for number, page in enumerate(screen.pages, start=1):
            last = number == len(screen.pages)
            message = await self._send_page(chat, page, _keyboard(screen.rows) if last else None)
        return message

    async def _send_page(
        self, chat: int, page: Page, keyboard: dict[str, Any] | None
    ) -> int | None:
        def written(text: str, parse_mode: str | None) -> SendText:
            return SendText(
                chat_id=chat,
                text=text,
                parse_mode=parse_mode,
                reply_markup=keyboard,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            sent = await self._call(written(page.html, "HTML"), self._patience)
        except TelegramBadRequest as error:
            if "can't parse entities" not in error.message.lower():
                raise
            _log.error("Telegram cannot read our markup, sending without: %s", error.message)
            sent = await self._call(written(page.plain, None), self._patience)
        number = sent.get("message_id") if isinstance(sent, dict) else None
        return number if isinstance(number, int) else None

    async def answer(self, query: str, text: str | None = None, *, alert: bool = False) -> None:
        """Answer a tap; a failure is not worth more than a line in the log."""
        notice = shorten(text, ANSWER) if text else None
        method = AnswerTap(callback_query_id=query, text=notice, show_alert=alert)
        await self._try("answer a tap", method)

    async def settle(self, chat: int, message: Tappable, chosen: str | None) -> None:
        """Close a message that was tapped: its buttons give way to the words that were `chosen`.

        What was written stays, so that the chat reads as a story from its beginning.
        """
        edit = _with_choice(chat, message, chosen) if chosen else None
        if edit is None or not await self._try("note a choice", edit):
            await self.disarm(chat, message.id)

    async def disarm(self, chat: int, message: int) -> None:
        """Take the buttons of a message away, if it is still there."""
        await self._try("take buttons away", EditKeyboard(chat_id=chat, message_id=message))

    async def _try(self, what: str, method: TelegramMethod[Any]) -> bool:
        """Make a call that may fail; return whether all is as it should be."""
        try:
            await self._call(method, _COURTESY)
        except TelegramBadRequest as error:
            # An edit that was made before the update came once more. Else: too old, or deleted.
            done = "message is not modified" in error.message
            _log.debug("could not %s: %s", what, error.message)
            return done
        except (UnreachableError, TelegramAPIError, ClientDecodeError) as error:
            _log.warning("could not %s: %s", what, error)
            return False
        return True

    async def _call(self, method: TelegramMethod[Any], patience: Patience) -> Any:
        for attempt in range(patience.attempts):
            final = attempt + 1 == patience.attempts
            try:
                return await self._bot(method)
            except TelegramForbiddenError as error:
                raise UnreachableError(error.message) from error
            except TelegramRetryAfter as error:
                if final or error.retry_after > patience.longest_flood:
                    raise
                wait = float(error.retry_after)
            except (TelegramServerError, TelegramNetworkError, ClientDecodeError) as error:
                if final:
                    raise
                wait = patience.wait(attempt)
                _log.info("%s failed, trying again: %s", method.__api_method__, error)
            await self._pause(wait)
        raise AssertionError("at least one attempt is made")


def _keyboard(rows: tuple[tuple[Key, ...], ...]) -> dict[str, Any] | None:
    if not rows:
        return None
    drawn = [[{"text": key.label, "callback_data": key.data} for key in row] for row in rows]
    return {"inline_keyboard": drawn}


def _with_choice(chat: int, message: Tappable, chosen: str) -> EditText | None:
    """Return the edit that writes `chosen` below a message, or `None` where it does not fit."""
    if message.text is None:
        return None
    text = message.text + _CHOSEN + chosen
    if units(text) > MESSAGE:
        return None
    line = {
        "type": "italic",
        "offset": units(message.text) + 2,
        "length": units(_CHOSEN[2:] + chosen),
    }
    return EditText(
        chat_id=chat,
        message_id=message.id,
        text=text,
        entities=[*(dict(entity) for entity in message.entities), line],
        link_preview_options=_NO_PREVIEW,
    )
