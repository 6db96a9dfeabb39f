"""Telegram as a bot and its players see it: chats, buttons, and calls that may fail in every way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from diana_engine.adapters.telegram.api.methods import EditKeyboard, EditText, GetMe, SendText
from diana_engine.adapters.telegram.api.outcomes import (
    Delivered,
    Flooded,
    Gone,
    Outcome,
    Refused,
    Unknown,
    Unsent,
)

__all__ = ["Chat", "Faults", "Posted", "Telegram"]


@dataclass(frozen=True, slots=True)
class Faults:
    """How often what goes wrong, each as a share of calls or deliveries."""

    unsent: float = 0.0
    flooded: float = 0.0
    lost: float = 0.0  # the call, but nobody knows
    cut: float = 0.0  # the answer to a call that was done
    store: float = 0.0  # a call of the store, before or after it was done
    unacknowledged: float = 0.0
    doubled: float = 0.0
    kills: float = 0.0  # a second, over all workers
    stops: float = 0.0  # the same; a worker that is told to stop and does
    deaf: float = 0.0  # a telling of the subscriber, which raises
    blocks: float = 0.0  # a tap

    @classmethod
    def drawn(cls, rng: Random) -> Faults:
        """Return what goes wrong in one run: in some runs nothing, in most something, seldom everything."""
        if rng.random() < 0.15:
            return cls()

        def share(most: float) -> float:
            return rng.choice((0.0, rng.uniform(0, most)))

        return cls(
            unsent=share(0.2), flooded=share(0.1), lost=share(0.1), cut=share(0.15), store=share(0.05),
            unacknowledged=share(0.3), doubled=share(0.3), kills=share(0.1), blocks=share(0.15),
            stops=share(0.05), deaf=share(0.5),
        )  # fmt: skip


@dataclass(slots=True)
class Posted:
    """A message in a chat; `buttons` are what they carry, with their labels."""

    id: int
    text: str
    buttons: dict[str, str]
    at: float


@dataclass
class Chat:
    """A private chat, as its player reads it."""

    posted: dict[int, Posted] = field(default_factory=dict)
    blocked: bool = False
    in_air: int = 0

    @property
    def armed(self) -> list[Posted]:
        """The messages that have buttons, oldest first."""
        return [one for one in self.posted.values() if one.buttons]


class Telegram:
    """The server. `ambiguous` counts the calls of which the bot cannot know what became of them."""

    def __init__(self, rng: Random, now: Callable[[], float]) -> None:
        self.rng, self.now = rng, now
        self.faults = Faults()
        self.chats: dict[int, Chat] = {}
        self.ambiguous = 0
        self.last = 0
        self.crowded = 0

    def chat(self, number: int) -> Chat:
        """Return a chat."""
        return self.chats.setdefault(number, Chat())

    async def call(self, method: Any) -> Outcome:
        """Do what a call says, or not, and tell the truth about it, or not."""
        try:
            await asyncio.sleep(self.rng.uniform(0.01, 0.2))
            outcome = await self._answer(method)
            # What was true when it was answered may be out of date when the answer arrives.
            await asyncio.sleep(self.rng.uniform(0, self.rng.choice((0.1, 2.0))))
        except asyncio.CancelledError:  # by a worker that stops
            self.ambiguous += 1
            raise
        return outcome

    async def _answer(self, method: Any) -> Outcome:
        faults, dice = self.faults, self.rng.random()
        if dice < faults.unsent:
            return Unsent("no connection")
        if dice < faults.unsent + faults.flooded:
            return Flooded(self.rng.choice((1.0, 3.0, 10.0)))
        if dice < faults.unsent + faults.flooded + faults.lost:
            self.ambiguous += 1
            return Unknown("502")
        outcome = await self._done(method)
        if isinstance(outcome, Delivered) and self.rng.random() < faults.cut:
            self.ambiguous += 1
            return Unknown("the connection was cut")
        return outcome

    async def _done(self, method: Any) -> Outcome:
        if isinstance(method, GetMe):
            return Delivered({"id": 42})
        chat = self.chat(method.chat_id)
        if chat.blocked:
            return Gone("the bot was blocked by the user")
        chat.in_air += 1
        self.crowded = max(self.crowded, chat.in_air)
        await asyncio.sleep(self.rng.uniform(0, 0.1))
        chat.in_air -= 1
        match method:
            case SendText():
                self.last += 1
                buttons = _buttons(method.reply_markup)
                chat.posted[self.last] = Posted(self.last, method.text, buttons, self.now())
                return Delivered({"message_id": self.last})
            case EditText() | EditKeyboard():
                return _edited(chat.posted.get(method.message_id), getattr(method, "text", None))
            case _:
                raise AssertionError(f"a method that the simulation does not know: {method!r}")


def _edited(message: Posted | None, text: str | None) -> Outcome:
    """Take the buttons of a message away, as every edit of ours does."""
    if message is None:
        return Refused("message to edit not found")
    if not message.buttons and text in (None, message.text):
        return Refused("message is not modified")
    message.buttons = {}
    message.text = message.text if text is None else text
    return Delivered({"message_id": message.id})


def _buttons(markup: dict[str, Any] | None) -> dict[str, str]:
    rows = [] if markup is None else markup["inline_keyboard"]
    return {key["callback_data"]: key["text"] for row in rows for key in row}
