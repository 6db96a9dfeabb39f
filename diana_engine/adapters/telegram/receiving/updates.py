"""What arrives from Telegram, read leniently: only the few fields that the bot needs.

The Bot API grows several times a year. A full model of it would refuse an update for a field that
nobody here reads, and a refused update is a player who gets no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from diana_engine.records import dataclass

__all__ = [
    "LARGEST",
    "Incoming",
    "Other",
    "Reach",
    "Said",
    "Tappable",
    "Tapped",
    "UnreadableError",
    "number",
    "read",
]

Fields = Mapping[str, Any]

LARGEST = 2**63 - 1
"""The largest number that every database holds; Telegram's have 52 bits."""


class UnreadableError(ValueError):
    """An update lacks what every update of its kind has."""


@dataclass(frozen=True, slots=True)
class Said:
    """A player wrote in the private chat: a `command`, without its slash, or a `text`, or a picture and the like."""

    update: int
    player: int
    command: str | None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Tappable:
    """The message below which a button was pressed, as it stood then.

    Below a picture or sound the `text` is its caption; else it is `None` where Telegram no longer shows the message to bots. `pressed` is the label of
    the button, if it was still there.
    """

    id: int
    text: str | None = None
    entities: tuple[Fields, ...] = ()
    pressed: str | None = None
    captioned: bool = False


@dataclass(frozen=True, slots=True)
class Tapped:
    """A player pressed a button in the private chat."""

    update: int
    player: int
    query: str
    data: str | None
    message: Tappable


@dataclass(frozen=True, slots=True)
class Reach:
    """A player blocked the bot, or took it back."""

    update: int
    player: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Nothing for the story: a group, a channel, a bot, an unknown kind. A tap's `query` still wants an answer."""

    update: int
    query: str | None = None


Incoming = Said | Tapped | Reach | Other


def number(update: object) -> int:
    """Return the number of an update, which is all that acknowledging it takes.

    Raises:
        UnreadableError: it has none.
    """
    return _whole(_fields(update, "update"), "update_id")


def read(update: object) -> Incoming:
    """Return what an update says.

    Raises:
        UnreadableError: a field is missing or of another type.
    """
    fields = _fields(update, "update")
    update_id = number(fields)
    for kind, reader in _READERS.items():
        content = fields.get(kind)
        if isinstance(content, dict):
            return reader(update_id, content)
    return Other(update_id)


def _said(update: int, message: Fields) -> Incoming:
    if not _is_private(message) or not isinstance(message.get("from"), dict):
        return Other(update)
    text = message.get("text")
    command = None
    if isinstance(text, str) and text.startswith("/"):
        # In a private chat too a command may be written with the bot's name: /start@diana_bot.
        command = text.split(maxsplit=1)[0][1:].partition("@")[0].lower()
    typed = text if isinstance(text, str) and command is None else None
    return Said(update, _player(message), command, typed)


def _tapped(update: int, query: Fields) -> Incoming:
    query_id = query.get("id")
    if not isinstance(query_id, str):
        raise UnreadableError("a callback query has no id")
    message = query.get("message")
    # Without its message, a tap comes from an inline message, which this bot never makes.
    if not isinstance(message, dict) or not _is_private(message):
        return Other(update, query_id)
    data = query.get("data")
    data = data if isinstance(data, str) else None
    return Tapped(update, _player(query), query_id, data, _tappable(message, data))


def _tappable(message: Fields, data: str | None) -> Tappable:
    text, entities = message.get("text"), message.get("entities")
    captioned = text is None and "caption" in message
    if captioned:
        text, entities = message.get("caption"), message.get("caption_entities")
    return Tappable(
        _whole(message, "message_id"),
        text if isinstance(text, str) else None,
        tuple(entities) if isinstance(entities, list) else (),
        _pressed(message, data),
        captioned,
    )


def _pressed(message: Fields, data: str | None) -> str | None:
    """Return the label of the button that carries `data`."""
    markup = message.get("reply_markup")
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list):
        return None
    for key in (key for row in rows if isinstance(row, list) for key in row):
        if isinstance(key, dict) and key.get("callback_data") == data:
            label = key.get("text")
            if isinstance(label, str):
                return label
    return None


def _reach(update: int, change: Fields) -> Incoming:
    match change:
        case {"chat": {"type": "private"}, "new_chat_member": {"status": str(status)}}:
            return Reach(update, _player(change), status not in ("kicked", "left"))
        case _:
            return Other(update)


def _is_private(message: Fields) -> bool:
    chat = message.get("chat")
    return isinstance(chat, dict) and chat.get("type") == "private"


def _player(fields: Fields) -> int:
    return _whole(_fields(fields.get("from"), "sender"), "id")


def _fields(found: object, what: str) -> Fields:
    if not isinstance(found, dict):
        raise UnreadableError(f"the {what} is no object")
    return found


def _whole(fields: Fields, name: str) -> int:
    found = fields.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise UnreadableError(f"`{name}` is no whole number")
    if abs(found) > LARGEST:
        raise UnreadableError(f"`{name}` is larger than any number of Telegram's")
    return found


_READERS: Mapping[str, Callable[[int, Fields], Incoming]] = {
    "callback_query": _tapped,
    "message": _said,
    "my_chat_member": _reach,
}
