"""Sending to Telegram: patient with floods and failures, quick to give up what is only courtesy.

Telegram has no key that would make a repeated `sendMessage` harmless. A story's text is therefore
sent again when it is unknown whether it arrived: better twice than never. Edits converge by
themselves, and an answer to a tap is soon worthless, so these get few attempts.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import TelegramMethod

from diana_engine.adapters.telegram.limits import ANSWER, CAPTION, MESSAGE, shorten, units
from diana_engine.adapters.telegram.markup import Page
from diana_engine.adapters.telegram.media import Files
from diana_engine.adapters.telegram.methods import (
    AnswerTap,
    EditCaption,
    EditKeyboard,
    EditText,
    SendAlbum,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMedium,
    SendPhoto,
    SendText,
    SendVideo,
    SendVoice,
)
from diana_engine.adapters.telegram.screen import Key, Screen
from diana_engine.adapters.telegram.updates import Tappable
from diana_engine.program.media import albums
from diana_engine.program.model import Media, MediaKind

__all__ = ["Patience", "Sender", "UnreachableError"]

_log = logging.getLogger(__name__)

_CHOSEN = "\n\n▸ "
_UPLOAD = 300
"""Seconds for a call that may carry 50 MB."""
_METHODS: Mapping[MediaKind, type[SendMedium]] = {
    "photo": SendPhoto,
    "video": SendVideo,
    "audio": SendAudio,
    "voice": SendVoice,
    "animation": SendAnimation,
    "document": SendDocument,
}
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
        files: Files | None = None,
    ) -> None:
        self._bot = bot
        self._patience = patience
        self._pause = pause
        self._files = files

    async def send(self, chat: int, screen: Screen) -> int | None:
        """Send a screen and return the number of its last message, if Telegram said it.

        Raises:
            UnreachableError: the player does not take messages any more.
            TelegramAPIError: Telegram did not take it, in spite of patience.
        """
        message = None
        if screen.media and self._files is not None:
            message = await self._send_media(chat, screen, self._files)
            if message is not None:
                return message
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

    async def _send_media(self, chat: int, screen: Screen, files: Files) -> int | None:
        """Send the media, and return the number of the message that has the words and buttons too, if one has.

        A file that Telegram does not take must not stop the story: then there is a line in the log, and the words.
        """
        caption = screen.caption
        if caption is not None:
            keyboard = _keyboard(screen.rows)
            words = {"caption": caption.html, "parse_mode": "HTML"} if caption.html else {}
            more = {**words, "reply_markup": keyboard}
            sent = await self._send_files(chat, screen.media, files, more)
            if sent:
                number = sent[0].get("message_id") if isinstance(sent[0], dict) else None
                return number if isinstance(number, int) else None
            return None
        for album in albums(screen.media):
            await self._send_files(chat, [screen.media[index] for index in album], files, {})
        return None

    async def _send_files(
        self, chat: int, media: Sequence[Media], files: Files, more: Mapping[str, Any]
    ) -> list[Any] | None:
        """Send what shares a message: by the names that Telegram knows, else with the content."""
        names = [await files.name(medium) for medium in media]
        for given in (names, [None] * len(media)):
            carried = [
                name or await files.upload(medium)
                for name, medium in zip(given, media, strict=True)
            ]
            if None in carried:
                return None
            try:
                sent = await self._call(
                    _sending(chat, media, carried, more), self._patience, _UPLOAD
                )
            except (TelegramBadRequest, TelegramEntityTooLarge) as error:
                _log.warning("Telegram does not take %s: %s", media[0].name, error.message)
                if not any(given):
                    return None
                await files.forget(media)
                continue
            messages = sent if isinstance(sent, list) else [sent]
            for medium, name, message in zip(media, given, messages, strict=False):
                await files.learn(medium, name, message)
            return messages
        return None

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

    async def _call(
        self, method: TelegramMethod[Any], patience: Patience, seconds: int | None = None
    ) -> Any:
        for attempt in range(patience.attempts):
            final = attempt + 1 == patience.attempts
            try:
                return await self._bot(method, request_timeout=seconds)
            except TelegramEntityTooLarge:
                raise
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


def _sending(
    chat: int, media: Sequence[Media], carried: Sequence[Any], more: Mapping[str, Any]
) -> TelegramMethod[Any]:
    if len(media) > 1:
        album = [
            {"type": medium.kind, "media": content}
            for medium, content in zip(media, carried, strict=True)
        ]
        return SendAlbum(chat_id=chat, media=album)
    kind = media[0].kind
    return _METHODS[kind](chat_id=chat, **{kind: carried[0]}, **more)


def _keyboard(rows: tuple[tuple[Key, ...], ...]) -> dict[str, Any] | None:
    if not rows:
        return None
    drawn = [[{"text": key.label, "callback_data": key.data} for key in row] for row in rows]
    return {"inline_keyboard": drawn}


def _with_choice(chat: int, message: Tappable, chosen: str) -> EditText | EditCaption | None:
    """Return the edit that writes `chosen` below a message, or `None` where it does not fit."""
    if message.text is None:
        return None
    text = message.text + _CHOSEN + chosen
    if units(text) > (CAPTION if message.captioned else MESSAGE):
        return None
    line = {
        "type": "italic",
        "offset": units(message.text) + 2,
        "length": units(_CHOSEN[2:] + chosen),
    }
    entities = [*(dict(entity) for entity in message.entities), line]
    if message.captioned:
        return EditCaption(
            chat_id=chat, message_id=message.id, caption=text, caption_entities=entities
        )
    return EditText(
        chat_id=chat,
        message_id=message.id,
        text=text,
        entities=entities,
        link_preview_options=_NO_PREVIEW,
    )
