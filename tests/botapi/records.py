"""What the server remembers, as values: users, messages, presses of buttons and their answers.

Messages never change: an edit makes a new one, so what a test holds in its hand stays as it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from botapi.entities import Entity, Formatted
from botapi.keyboards import Keyboard, Markup
from botapi.media import Sent

__all__ = ["CallbackAnswer", "CallbackQuery", "Json", "Message", "User", "Version", "command_of"]

Json = dict[str, Any]
"""An object of the Bot API."""

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(?:@\w+)?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot; a private chat has the id of its person."""

    id: int
    first_name: str
    is_bot: bool = False
    username: str | None = None
    language_code: str | None = None

    def as_json(self) -> Json:
        """Give the Bot API's User object."""
        fields = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        return fields | self._names() | _given("language_code", self.language_code)

    def as_chat(self) -> Json:
        """Give the Bot API's Chat object of the private chat with this user."""
        fields = {"id": self.id, "type": "private", "first_name": self.first_name}
        return fields | self._names()

    def _names(self) -> Json:
        return _given("username", self.username)


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said before an edit, with its inline keyboard."""

    content: Formatted
    keyboard: Keyboard


@dataclass(frozen=True, slots=True)
class Message:
    """A message in a private chat; dates are Unix seconds by the server's clock. With a `medium` the text is its caption."""

    id: int
    person: User
    sender: User
    date: int
    content: Formatted
    markup: Markup
    edit_date: int | None = None
    earlier: tuple[Version, ...] = ()
    medium: Sent | None = None
    album: str | None = None

    @property
    def text(self) -> str:
        """The plain text, without markup."""
        return self.content.text

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The styled spans of the text."""
        return self.content.entities

    @property
    def keyboard(self) -> Keyboard:
        """Rows of the inline keyboard; none where there is none."""
        return self.markup.inline

    @property
    def buttons(self) -> list[str]:
        """Labels of the inline keyboard, row after row."""
        return [button["text"] for row in self.keyboard for button in row]

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return self.sender.is_bot

    def as_json(self) -> Json:
        """Give the Bot API's Message object; keyboards below the input field are not part of it."""
        fields: Json = {
            "message_id": self.id,
            "from": self.sender.as_json(),
            "chat": self.person.as_chat(),
            "date": self.date,
        }
        words, spans = (
            ("text", "entities") if self.medium is None else ("caption", "caption_entities")
        )
        if self.medium is not None:
            fields[self.medium.kind] = self.medium.as_json()
            fields |= _given("media_group_id", self.album)
        if self.medium is None or self.text:
            fields[words] = self.text
        if self.entities:
            fields[spans] = [entity.as_json() for entity in self.entities]
        if self.keyboard:
            fields["reply_markup"] = {"inline_keyboard": [list(row) for row in self.keyboard]}
        return fields | _given("edit_date", self.edit_date)


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What the bot answered to a press: shown above the chat, or as an alert."""

    query_id: str
    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    """One press of an inline button."""

    id: str
    person: User
    message: Message
    data: str
    asked_at: float
    answer: CallbackAnswer | None = None

    def as_json(self) -> Json:
        """Give the Bot API's CallbackQuery object."""
        return {
            "id": self.id,
            "from": self.person.as_json(),
            "message": self.message.as_json(),
            "chat_instance": str(-1_000_003 * self.person.id),
            "data": self.data,
        }


def command_of(text: str) -> tuple[Entity, ...]:
    """Give the entity that Telegram puts on a command at the beginning of a text."""
    found = _COMMAND.match(text)
    return (Entity("bot_command", 0, found.end()),) if found else ()


def _given(name: str, value: object) -> Json:
    return {} if value is None else {name: value}
