"""A person with a phone: says things, taps buttons, and looks at what the bot has sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from botapi.records import CallbackAnswer, CallbackQuery, Json, Message, User
from botapi.server import PATIENCE, BotApiServer
from botapi.store import Chat

__all__ = ["Player", "Said", "Screen", "Tapped", "Wanted"]

T = TypeVar("T")

Wanted: TypeAlias = int | str | Callable[[Message], bool]
"""A message to wait for: the n-th of the bot (from 1), one that holds a text, or that fits."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the player; the update is None where the bot has not allowed messages."""

    update_id: int | None
    message: Message


@dataclass(frozen=True, slots=True)
class Tapped:
    """A press of the player; the update is None where the bot has not allowed callback queries."""

    update_id: int | None
    query: CallbackQuery


@dataclass(frozen=True, slots=True)
class Screen:
    """The last message of the bot, as the player sees it: plain text and rows of labels."""

    text: str
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def buttons(self) -> list[str]:
        """The labels, row after row."""
        return [label for row in self.rows for label in row]


class Player:
    """One person in a private chat with the bot."""

    def __init__(
        self,
        server: BotApiServer,
        user_id: int = 1001,
        first_name: str = "Ana",
        *,
        username: str | None = None,
        language_code: str | None = "es",
    ) -> None:
        self.user = User(user_id, first_name, username=username, language_code=language_code)
        self._server = server
        self._chat: Chat = server.store.add_person(self.user)

    # What he does

    async def say(self, text: str) -> Said:
        """Write to the bot."""
        self._check_may_write()
        message = self._server.store.receive(self._chat, text)
        return Said(self._server.updates.push("message", message.as_json()), message)

    async def tap(self, button: str | int = 0, message: Message | None = None) -> Tapped:
        """Press a button, named by its label or its place (from 0).

        `message` is any that is still there, as the player saw it then, so a button that an edit
        has since removed can be pressed too; without it, the last that has buttons.

        Raises:
            LookupError: there is no such message or no such button.
        """
        shown = self._with_buttons() if message is None else message
        if shown.id not in self._chat.messages:
            raise LookupError(f"message {shown.id} is deleted: nobody can tap on it")
        return await self.forge(_data_of(shown, button), shown)

    async def forge(self, data: str, message: Message | None = None) -> Tapped:
        """Press a button that no keyboard has shown, as a modified client can."""
        self._check_may_write()
        shown = self._with_buttons() if message is None else message
        current = self._chat.messages.get(shown.id, shown)
        query = self._server.store.press(self._chat, current, data)
        return Tapped(self._server.updates.push("callback_query", query.as_json()), query)

    async def repeat(self, done: Said | Tapped) -> None:
        """Have Telegram deliver the same update once more, with the same id."""
        if done.update_id is None:
            raise LookupError("the bot has not allowed this kind of update: there is none")
        self._server.updates.repeat(done.update_id)

    async def block(self) -> None:
        """Block the bot: it is told so, and its messages are refused from now on."""
        self._set_blocked(True)

    async def unblock(self) -> None:
        """Let the bot write again; it is told so."""
        self._set_blocked(False)

    async def delete_account(self) -> None:
        """Be gone: the bot is not told, and its messages are refused."""
        self._chat.deactivated = True

    # What he sees

    @property
    def messages(self) -> list[Message]:
        """The bot's messages that are still there, as they read now, oldest first."""
        return [message for message in self._chat.messages.values() if message.from_bot]

    @property
    def conversation(self) -> list[Message]:
        """All messages that are still there, his own too."""
        return list(self._chat.messages.values())

    @property
    def deleted(self) -> list[Message]:
        """Messages that were there once."""
        return list(self._chat.deleted)

    @property
    def queries(self) -> list[CallbackQuery]:
        """His presses of buttons, each with its answer if there is one."""
        asked = self._server.store.queries.values()
        return [query for query in asked if query.person.id == self.user.id]

    @property
    def answers(self) -> list[CallbackAnswer]:
        """The bot's answers to his presses, in the order of the presses."""
        return [query.answer for query in self.queries if query.answer is not None]

    @property
    def reply_keyboard(self) -> tuple[tuple[str, ...], ...]:
        """Labels of the keyboard below the input field."""
        return tuple(tuple(button["text"] for button in row) for row in self._chat.reply_keyboard)

    def screen(self) -> Screen:
        """Look at the bot's last message; before the first one the screen is empty."""
        if not self.messages:
            return Screen("")
        last = self.messages[-1]
        rows = (tuple(button["text"] for button in row) for row in last.keyboard)
        return Screen(last.text, tuple(rows))

    # What he waits for

    async def wait_for_message(self, wanted: Wanted = 1, timeout: float = PATIENCE) -> Message:
        """Wait until the bot has sent, or edited into being, a message; give it.

        Raises:
            TimeoutError: it did not come; says what the chat shows.
        """
        return await self._wait(lambda: self._find(wanted), timeout, repr(wanted))

    async def wait_for_screen(
        self, fits: Callable[[Screen], bool], timeout: float = PATIENCE
    ) -> Screen:
        """Wait until the last message looks as wanted.

        Raises:
            TimeoutError: it never did; says what the chat shows.
        """
        return await self._wait(
            lambda: screen if fits(screen := self.screen()) else None, timeout, "a screen"
        )

    async def wait_for_answer(self, tapped: Tapped, timeout: float = PATIENCE) -> CallbackAnswer:
        """Wait until the bot has answered a press.

        Raises:
            TimeoutError: it did not.
        """
        query_id = tapped.query.id
        queries = self._server.store.queries
        return await self._wait(lambda: queries[query_id].answer, timeout, "an answer")

    # Inside

    async def _wait(self, probe: Callable[[], T | None], timeout: float, what: str) -> T:
        try:
            return await self._server.store.bell.until(probe, timeout)
        except TimeoutError as error:
            shown = "\n".join(f"  {m.id}: {m.text!r} {m.buttons}" for m in self.conversation)
            raise TimeoutError(f"waited {timeout} s for {what}; the chat:\n{shown}") from error

    def _find(self, wanted: Wanted) -> Message | None:
        if isinstance(wanted, int):
            sent = sorted([*self.messages, *self.deleted], key=lambda message: message.id)
            from_bot = [message for message in sent if message.from_bot]
            return from_bot[wanted - 1] if len(from_bot) >= wanted else None
        if isinstance(wanted, str):
            return next((m for m in reversed(self.messages) if wanted in m.text), None)
        return next((m for m in reversed(self.messages) if wanted(m)), None)

    def _with_buttons(self) -> Message:
        for message in reversed(self.messages):
            if message.buttons:
                return message
        raise LookupError("no message with buttons to tap on")

    def _check_may_write(self) -> None:
        if self._chat.blocked or self._chat.deactivated:
            raise RuntimeError("who has blocked the bot, or is gone, cannot write to it")

    def _set_blocked(self, blocked: bool) -> None:
        if self._chat.blocked == blocked:
            return
        self._chat.blocked = blocked
        self._server.updates.push("my_chat_member", self._membership(blocked))

    def _membership(self, blocked: bool) -> Json:
        bot = self._server.store.bot.as_json()
        member: Json = {"status": "member", "user": bot}
        kicked: Json = {"status": "kicked", "user": bot, "until_date": 0}
        return {
            "chat": self.user.as_chat(),
            "from": self.user.as_json(),
            "date": int(self._server.clock.now),
            "old_chat_member": member if blocked else kicked,
            "new_chat_member": kicked if blocked else member,
        }


def _data_of(message: Message, button: str | int) -> str:
    buttons = [button for row in message.keyboard for button in row]
    if isinstance(button, int):
        found = buttons[button : button + 1] if button >= 0 else []
    else:
        found = [candidate for candidate in buttons if candidate["text"] == button]
    if len(found) != 1:
        labels = [candidate["text"] for candidate in buttons]
        raise LookupError(f"{len(found)} buttons are {button!r}; message {message.id} has {labels}")
    data = found[0].get("callback_data")
    if data is None:
        raise LookupError(f"the button {found[0]['text']!r} carries no callback data")
    return str(data)
