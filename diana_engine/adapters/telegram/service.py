"""A bot from its token to its end: who it is, what its menu says, and its updates until it stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import AiogramError

from diana_engine.adapters.phrases import Phrases, phrases
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.media import Files
from diana_engine.adapters.telegram.methods import GetMe, SetMyCommands
from diana_engine.adapters.telegram.polling import FATAL, Pace, Poller, in_words, unless
from diana_engine.adapters.telegram.redact import hide_tokens
from diana_engine.adapters.telegram.sender import Patience, Sender
from diana_engine.database.port import MediaStore
from diana_engine.errors import DianaError
from diana_engine.runtime.coordinator import Coordinator

__all__ = ["Access", "serve"]

_log = logging.getLogger(__name__)

_START = Patience(attempts=5)


@dataclass(frozen=True, slots=True)
class Access:
    """How the bot reaches Telegram; `api_server` is a Bot API server's address, if not Telegram's own."""

    token: str = field(repr=False)
    api_server: str | None = None


async def serve(
    access: Access,
    coordinator: Coordinator,
    media: MediaStore,
    language: str,
    announce: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Serve a story until `stop` is set. `announce` is told the bot's user name once it is known.

    Raises:
        DianaError: Telegram cannot be reached at the start, refuses the token, or somebody else takes
            the bot's updates.
    """
    words = phrases(language)
    bot = Bot(access.token, AiohttpSession(api=_server(access.api_server)))
    try:
        name = await unless(stop, _introduce(bot))
        if name is None:
            return
        announce(name)
        await unless(stop, _offer_commands(bot, words))
        channel = f"telegram:{bot.id}"
        sender = Sender(bot, files=Files(media, channel))
        story_bot = StoryBot(coordinator, sender, words, channel)
        await Poller(bot, story_bot.handle, Pace()).run(stop)
    finally:
        await bot.session.close()


def _server(address: str | None) -> TelegramAPIServer:
    if address is None:
        return PRODUCTION
    if not address.startswith(("http://", "https://")) or "{" in address:
        raise DianaError(
            f"The API server's address `{address}` is none: it begins with `http://` or `https://`."
        )
    return TelegramAPIServer.from_base(address.rstrip("/"))


async def _introduce(bot: Bot) -> str:
    """Return the bot's user name."""
    attempt = 0
    while True:
        try:
            me: Any = await bot(GetMe(), request_timeout=10)
        except FATAL as error:
            raise in_words(error) from error
        except AiogramError as error:
            attempt += 1
            if attempt >= _START.attempts:
                raise DianaError(hide_tokens(f"Telegram cannot be reached: {error}")) from error
            _log.warning("cannot reach Telegram, trying again: %s", error)
            await asyncio.sleep(_START.wait(attempt - 1))
        else:
            return str(me.get("username") or bot.id) if isinstance(me, dict) else str(bot.id)


async def _offer_commands(bot: Bot, words: Phrases) -> None:
    commands = [{"command": name, "description": does} for name, does in words.commands]
    try:
        await bot(SetMyCommands(commands=commands), request_timeout=10)
    except AiogramError as error:
        _log.warning("the chat's menu stays as it was: %s", error)
