"""What came of a call to Telegram, sorted by the one question that matters: was it done?

The Bot API has no key that makes a repeated call harmless, so whoever sends must know three things apart: surely done,
surely not done, and unknown. Only what is surely not done may be repeated without a thought. An answer that says "no"
is sure. Silence is sure only where no connection was made; once something was written, silence, a cut, or a gateway's
error page say nothing about what Telegram has done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from diana_engine.adapters.telegram.api.redact import hide_tokens

__all__ = [
    "Delivered",
    "Flooded",
    "Gone",
    "Moved",
    "Outcome",
    "Refused",
    "Unknown",
    "Unsent",
    "is_not_modified",
    "outcome_of",
]

_NOT_MODIFIED = "message is not modified"
_NOWHERE = ("chat not found", "peer_id_invalid", "user not found")


@dataclass(frozen=True, slots=True)
class Delivered:
    """It was done; `result` is Telegram's answer, unread."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Flooded:
    """It was not done, and nothing like it shall be tried for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gone:
    """It was not done and will not be: who would read it has blocked the bot, is deactivated, or was never there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """It was not done: the group has become a supergroup, which has another number."""

    chat: int


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done, and the same again would be refused again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """It was not done, because Telegram could not be reached or takes nothing from this bot at present."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been done, or not."""

    reason: str


Outcome = Delivered | Flooded | Gone | Moved | Refused | Unsent | Unknown


def is_not_modified(outcome: Outcome) -> bool:
    """Return whether an edit was refused because the message reads that way already, which is success."""
    return isinstance(outcome, Refused) and _NOT_MODIFIED in outcome.reason


def outcome_of(error: Exception) -> Outcome:
    """Return what an exception of aiogram says about the call that raised it.

    Raises:
        Exception: `error` itself, where it is none of the network's or Telegram's: a mistake of ours.
    """
    match error:
        case TelegramRetryAfter():
            return Flooded(float(error.retry_after))
        case TelegramMigrateToChat():
            return Moved(error.migrate_to_chat_id)
        case TelegramForbiddenError():
            return Gone(error.message)
        case TelegramUnauthorizedError() | TelegramNotFound():
            # The token was revoked. What waits is for players, who must get it once there is a new one.
            return Unsent(hide_tokens(error.message))
        case TelegramEntityTooLarge():
            return Refused(error.message)
        case TelegramServerError() | ClientDecodeError():
            return Unknown(_short(error))
        case TelegramNetworkError():
            return _cut_short(error)
        case TelegramAPIError():
            return _refusal(error)
        case AiogramError() | OSError():
            return Unknown(_short(error))
        case _:
            raise error


def _cut_short(error: TelegramNetworkError) -> Unsent | Unknown:
    """Tell whether anything can have been written before the network failed."""
    cause = error.__cause__
    if isinstance(cause, ClientConnectorError | ConnectionTimeoutError | InvalidURL):
        return Unsent(_short(error))
    return Unknown(_short(error))


def _refusal(error: TelegramAPIError) -> Gone | Refused | Flooded:
    words = error.message.lower()
    if words.startswith("too many requests"):
        return Flooded(1.0)  # a flood that does not say for how long
    if any(nowhere in words for nowhere in _NOWHERE):
        return Gone(error.message)
    return Refused(error.message)


def _short(error: Exception) -> str:
    return hide_tokens(str(error).partition("\n")[0])
