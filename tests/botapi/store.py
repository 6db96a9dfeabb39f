"""The chats of one bot: messages, edits, keyboards, presses of buttons, and who may be written to.

Every method that the bot reaches through HTTP raises `ApiError` in Telegram's words. Two of the
rules are not written down anywhere and follow common experience: an edit in the chat of a player
who has blocked the bot is refused like a message, and a press can be answered as long as its update
lives.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count

from botapi.clock import Bell, Clock
from botapi.entities import Formatted, tidy
from botapi.errors import refusal
from botapi.keyboards import Keyboard, Markup
from botapi.media import Sent
from botapi.records import CallbackAnswer, CallbackQuery, Message, User, Version, command_of

__all__ = ["CALLBACK_SECONDS", "DELETION_SECONDS", "Chat", "Store"]

CALLBACK_SECONDS = 150
"""How long a press lives; the server drops its update after that (telegram-bot-api)."""

DELETION_SECONDS = 48 * 3600
"""How long a message can be deleted (Bot API, deleteMessage)."""

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@dataclass(slots=True)
class Chat:
    """A private chat, seen from the bot."""

    person: User
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: list[Message] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    reply_keyboard: Keyboard = ()


class Store:
    """Everything the bot and its players have done."""

    def __init__(self, clock: Clock, bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.bell = Bell()
        self.queries: dict[str, CallbackQuery] = {}
        self._chats: dict[int, Chat] = {}
        # One counter for all private chats, as with Telegram: a bot may not expect ids to be dense.
        self._message_ids = count(1)
        self._query_ids = count(4_000_000_001)

    # What people do

    def add_person(self, person: User) -> Chat:
        """Give the person's chat, opening it at the first time."""
        return self._chats.setdefault(person.id, Chat(person))

    def receive(self, chat: Chat, text: str) -> Message:
        """Store what a person writes."""
        content = Formatted(tidy(Formatted(text)).text)
        content = replace(content, entities=command_of(content.text))
        chat.started = True
        return self._keep(chat, chat.person, content, Markup())

    def press(self, chat: Chat, message: Message, data: str) -> CallbackQuery:
        """Store a press; `data` need not be on the message, as clients can send what they like."""
        query_id = str(next(self._query_ids))
        query = CallbackQuery(query_id, chat.person, message, data, self.clock.now)
        self.queries[query_id] = query
        return query

    # What the bot does

    def chat(self, chat_id: str) -> Chat:
        """Find a chat by what the bot wrote as `chat_id`."""
        if not chat_id:
            raise refusal("chat_id is empty")
        known = self._chats.get(int(chat_id)) if chat_id.lstrip("-").isdecimal() else None
        if known is None:
            raise refusal("Chat not found")
        return known

    def writable(self, chat_id: str) -> Chat:
        """Find a chat the bot may write to."""
        chat = self.chat(chat_id)
        if chat.deactivated:
            raise refusal("user is deactivated", 403)
        if chat.blocked:
            raise refusal("bot was blocked by the user", 403)
        if not chat.started:
            raise refusal("bot can't initiate conversation with a user", 403)
        return chat

    def send(
        self,
        chat: Chat,
        content: Formatted,
        markup: Markup,
        medium: Sent | None = None,
        album: str | None = None,
    ) -> Message:
        """Store a message of the bot; with a `medium` the content is its caption."""
        if markup.reply or markup.removes_reply:
            chat.reply_keyboard = markup.reply
        return self._keep(chat, self.bot, content, markup, medium, album)

    def edit(
        self, chat: Chat, message_id: int, content: Formatted | None, keyboard: Keyboard
    ) -> Message:
        """Replace text and inline keyboard, or the keyboard alone where `content` is None."""
        old = chat.messages.get(message_id)
        if old is None:
            raise refusal("Message to edit not found")
        if not old.from_bot or old.markup.hinders_edits:
            raise refusal("Message can't be edited")
        content = old.content if content is None else content
        if (content, keyboard) == (old.content, old.keyboard):
            raise refusal(_NOT_MODIFIED)
        edited = replace(
            old,
            content=content,
            markup=Markup(inline=keyboard),
            edit_date=int(self.clock.now),
            earlier=(*old.earlier, Version(old.content, old.keyboard)),
        )
        chat.messages[message_id] = edited
        self.bell.ring()
        return edited

    def delete(self, chat: Chat, message_id: int) -> None:
        """Remove a message for both sides."""
        message = chat.messages.get(message_id)
        if message is None:
            raise refusal("Message to delete not found")
        if self.clock.now - message.date >= DELETION_SECONDS:
            raise refusal("Message can't be deleted for everyone")
        chat.deleted.append(chat.messages.pop(message_id))
        self.bell.ring()

    def answer(self, answer: CallbackAnswer) -> None:
        """Keep the one answer that a press may have."""
        query = self.queries.get(answer.query_id)
        expired = query is not None and self.clock.now - query.asked_at > CALLBACK_SECONDS
        if query is None or query.answer is not None or expired:
            raise refusal("Query is too old and response timeout expired or query ID is invalid")
        self.queries[answer.query_id] = replace(query, answer=answer)
        self.bell.ring()

    def _keep(
        self,
        chat: Chat,
        sender: User,
        content: Formatted,
        markup: Markup,
        medium: Sent | None = None,
        album: str | None = None,
    ) -> Message:
        message_id, date = next(self._message_ids), int(self.clock.now)
        message = Message(
            message_id, chat.person, sender, date, content, markup, medium=medium, album=album
        )
        chat.messages[message_id] = message
        self.bell.ring()
        return message
