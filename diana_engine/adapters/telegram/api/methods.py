"""The few Bot API methods that the bot calls, with their answers left unread.

aiogram's own methods read an answer into a full model and fail where Telegram sends something new:
for `getUpdates` one strange update would hide the whole batch, for `sendMessage` a message that was
delivered would look lost and be sent again. The fields are those of the Bot API.
"""

from __future__ import annotations

from typing import Any

from aiogram.methods import TelegramMethod

__all__ = [
    "AnswerTap",
    "EditCaption",
    "EditKeyboard",
    "EditText",
    "GetMe",
    "GetUpdates",
    "SendAlbum",
    "SendAnimation",
    "SendAudio",
    "SendDocument",
    "SendMedium",
    "SendPhoto",
    "SendText",
    "SendVideo",
    "SendVoice",
    "SetMyCommands",
    "SetWebhook",
]


class GetMe(TelegramMethod[Any]):
    """Ask who the bot is."""

    __returning__ = Any
    __api_method__ = "getMe"


class SetMyCommands(TelegramMethod[Any]):
    """Say what the chat's menu offers."""

    __returning__ = Any
    __api_method__ = "setMyCommands"

    commands: list[dict[str, str]]


class SetWebhook(TelegramMethod[Any]):
    """Say where updates are to be posted, and with which secret."""

    __returning__ = Any
    __api_method__ = "setWebhook"

    url: str
    secret_token: str
    allowed_updates: list[str]
    max_connections: int


class GetUpdates(TelegramMethod[Any]):
    """Ask for what arrived; what lies before `offset` is thereby acknowledged."""

    __returning__ = Any
    __api_method__ = "getUpdates"

    allowed_updates: list[str]
    timeout: int
    offset: int | None = None
    limit: int | None = None


class SendText(TelegramMethod[Any]):
    """Send a text message."""

    __returning__ = Any
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    parse_mode: str | None = None
    reply_markup: dict[str, Any] | None = None
    link_preview_options: dict[str, Any] | None = None


class SendMedium(TelegramMethod[Any]):
    """Send one file with a caption: what the methods for each kind have in common."""

    __returning__ = Any

    chat_id: int
    caption: str | None = None
    parse_mode: str | None = None
    reply_markup: dict[str, Any] | None = None


class SendPhoto(SendMedium):
    """Send a picture."""

    __api_method__ = "sendPhoto"
    photo: Any


class SendVideo(SendMedium):
    """Send a video."""

    __api_method__ = "sendVideo"
    video: Any


class SendAudio(SendMedium):
    """Send music."""

    __api_method__ = "sendAudio"
    audio: Any


class SendVoice(SendMedium):
    """Send a voice message."""

    __api_method__ = "sendVoice"
    voice: Any


class SendAnimation(SendMedium):
    """Send a film without sound."""

    __api_method__ = "sendAnimation"
    animation: Any


class SendDocument(SendMedium):
    """Send any file."""

    __api_method__ = "sendDocument"
    document: Any


class SendAlbum(TelegramMethod[Any]):
    """Send two to ten files as one album."""

    __returning__ = Any
    __api_method__ = "sendMediaGroup"

    chat_id: int
    media: list[dict[str, Any]]


class EditCaption(TelegramMethod[Any]):
    """Replace the words below a picture; its keyboard goes."""

    __returning__ = Any
    __api_method__ = "editMessageCaption"

    chat_id: int
    message_id: int
    caption: str
    caption_entities: list[dict[str, Any]]


class EditText(TelegramMethod[Any]):
    """Replace a message's text; its keyboard goes."""

    __returning__ = Any
    __api_method__ = "editMessageText"

    chat_id: int
    message_id: int
    text: str
    entities: list[dict[str, Any]]
    link_preview_options: dict[str, Any] | None = None


class EditKeyboard(TelegramMethod[Any]):
    """Take a message's keyboard away."""

    __returning__ = Any
    __api_method__ = "editMessageReplyMarkup"

    chat_id: int
    message_id: int


class AnswerTap(TelegramMethod[Any]):
    """Answer a tap, so that the button stops waiting."""

    __returning__ = Any
    __api_method__ = "answerCallbackQuery"

    callback_query_id: str
    text: str | None = None
    show_alert: bool = False
