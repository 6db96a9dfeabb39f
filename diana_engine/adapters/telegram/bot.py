"""What the bot does with each update: one durable step, then words.

How a chat reads. A tap does not replace the scene it belongs to: that message keeps its text, its
buttons give way to the words that were chosen, and the next scene is a message of its own below.
So the chat can be scrolled back and read from the beginning as a story, which editing one message
for ever would destroy; and there is never more than one set of buttons that does anything.

A stale tap changes nothing. It is told that the moment has passed, its buttons go, and the present
scene is shown once more, unless it is known to stand right below: after a double tap, or when it
was brought down already. So nobody can fill a chat by pressing an old button again and again.

Everything remembered here is only about what is on the screen. It may be lost at any time, and
then costs one message too many at most.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import assert_never

from diana_engine.adapters.phrases import Phrases
from diana_engine.adapters.telegram.callback import Anew, Button, Press, Stay, decode
from diana_engine.adapters.telegram.screen import (
    confirmation,
    notice,
    retry,
    scene,
    why_locked,
    with_notice,
)
from diana_engine.adapters.telegram.sender import Sender, UnreachableError
from diana_engine.adapters.telegram.updates import Incoming, Other, Reach, Said, Tapped
from diana_engine.database.port import PlayerKey, UpdateId
from diana_engine.play.view import AskView, Lock, Price, View, WaitView
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Intent, Look, Reply, Request, Say, Tap

__all__ = ["StoryBot"]

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Shown:
    """The scene that a chat shows: its buttons' moment, its message, and the tap that led to it.

    `again` says that it was brought down once more since.
    """

    story: str
    sequence: int
    message: int
    tapped: int | None = None
    again: bool = False


class StoryBot:
    """One story in the private chats of one bot.

    The player's id is that of the private chat too.

    Args:
        coordinator: where every action goes.
        sender: the way back to the player.
        words: what the program itself says, in the story's language.
        channel: the first half of the players' keys, such as ``telegram:42``.
    """

    def __init__(
        self, coordinator: Coordinator, sender: Sender, words: Phrases, channel: str
    ) -> None:
        self._coordinator = coordinator
        self._sender = sender
        self._words = words
        self._channel = channel
        self._shown: OrderedDict[int, _Shown] = OrderedDict()

    async def handle(self, incoming: Incoming) -> None:
        """Handle one update to the end. One player's updates must come one after another.

        Raises:
            DianaError: the database is not there; nothing was changed.
            TelegramAPIError: the story's text could not be sent, though the step is made.
        """
        try:
            match incoming:
                case Said():
                    await self._said(incoming)
                case Tapped():
                    await self._tapped(incoming)
                case Reach(_, player, reachable):
                    _log.info("player %d %s", player, "is back" if reachable else "blocked the bot")
                case Other(_, query):
                    if query is not None:
                        await self._sender.answer(query)
                case other:
                    assert_never(other)
        except UnreachableError as error:
            _log.info("update %d: nobody to answer to: %s", incoming.update, error)

    async def _ask(self, player: int, intent: Intent, update: int | None = None) -> Reply:
        key = PlayerKey(self._channel, str(player))
        delivery = None if update is None else UpdateId(update)
        return await self._coordinator.handle(Request(key, intent, delivery))

    # Words --------------------------------------------------------------------------------------

    async def _said(self, said: Said) -> None:
        update, player = said.update, said.player
        match said.command:
            case "start":
                await self._show(player, await self._ask(player, Begin(), update))
            case "help":
                await self._sender.send(player, notice(self._words.say_help()))
            case "restart":
                await self._restart(update, player)
            case _:
                await self._other_talk(said)

    async def _restart(self, update: int, player: int) -> None:
        reply = await self._ask(player, Look())
        if reply.view is None or reply.view.ending is not None:
            # There is nothing that could be lost by mistake.
            await self._show(player, await self._ask(player, Begin(), update))
            return
        question = confirmation(reply.story_token, reply.sequence, self._words)
        await self._sender.send(player, question)

    async def _other_talk(self, said: Said) -> None:
        """Take what was written as an answer where the story asks; else show where its buttons are."""
        player = said.player
        reply = await self._ask(player, Look())
        if reply.view is None:
            await self._show(player, await self._ask(player, Begin(), said.update))
            return
        if said.text is not None:
            reply = await self._ask(player, Say(said.text), said.update)
        match reply.outcome, reply.view:
            case "moved" | "repeated", _:
                await self._show_next(player, reply)
            case _, View(ask=AskView() as ask):
                await self._sender.send(player, retry(ask, self._words))
            case _:
                await self._show(player, reply, hint=self._words.use_buttons)

    async def _show_next(self, player: int, reply: Reply) -> None:
        """Show the scene after an answer; that which asked keeps its words and loses its buttons."""
        before = self._shown.get(player)
        if before is not None and not _shows(before, reply):
            await self._sender.disarm(player, before.message)
        await self._show(player, reply)

    # Taps ---------------------------------------------------------------------------------------

    async def _tapped(self, tapped: Tapped) -> None:
        button = decode(tapped.data)
        match button:
            case Press(story, sequence, choice):
                intent = Tap(story, sequence, choice)
                reply = await self._ask(tapped.player, intent, tapped.update)
            case Anew():
                reply = await self._anew(tapped, button)
            case Stay() | None:
                reply = await self._ask(tapped.player, Look())
            case other:
                assert_never(other)
        await self._after_tap(tapped, button, reply)

    async def _anew(self, tapped: Tapped, button: Anew) -> Reply:
        """Begin anew, if the player is still where the button was shown.

        Looking first is no race: a player's updates come one after another. An update that comes
        again finds that it has moved on, and shows the new beginning as any stale tap does.
        """
        reply = await self._ask(tapped.player, Look())
        if not _belongs(button, reply):
            return reply
        return await self._ask(tapped.player, Begin(anew=True), tapped.update)

    async def _after_tap(self, tapped: Tapped, button: Button | None, reply: Reply) -> None:
        match reply.outcome:
            case "moved" | "started":
                await self._move_on(tapped, reply)
            case "repeated" if button is not None and _led_to(button, reply):
                # It was handled before, but maybe the bot was killed before it could say so.
                await self._move_on(tapped, reply)
            case "refused":
                await self._refuse(tapped, button, reply)
            case "shown" if isinstance(button, Stay) and _belongs(button, reply):
                await self._sender.answer(tapped.query)
                await self._sender.settle(tapped.player, tapped.message, tapped.message.pressed)
                await self._show(tapped.player, reply)
            case _:
                await self._sender.answer(tapped.query, self._words.moment_passed)
                await self._bring_down(tapped, reply)

    async def _move_on(self, tapped: Tapped, reply: Reply) -> None:
        await self._sender.answer(tapped.query)
        await self._sender.settle(tapped.player, tapped.message, tapped.message.pressed)
        await self._show(tapped.player, reply, tapped=tapped.message.id)

    async def _refuse(self, tapped: Tapped, button: Button | None, reply: Reply) -> None:
        """Say why a choice cannot be taken; the scene with its buttons stays as it is."""
        match button, reply.view:
            case Press(choice=int(index)), view if view and 0 <= index < len(view.choices):
                lock = view.choices[index].lock
                reason = why_locked(lock, self._words) if lock else self._words.not_now
            case Press(choice=0), View(wait=WaitView(skip=Price() as price)):
                reason = why_locked(Lock(price=price), self._words)
            case _, View(wait=WaitView() as wait):
                reason = self._words.say_too_early(wait)
            case _:
                reason = self._words.not_now
        await self._sender.answer(tapped.query, reason, alert=True)

    async def _bring_down(self, tapped: Tapped, reply: Reply) -> None:
        """Show the present scene to somebody who pressed an old button, if it is not there yet."""
        shown = self._shown.get(tapped.player)
        if shown is None or not _shows(shown, reply):
            await self._sender.disarm(tapped.player, tapped.message.id)
            await self._show(tapped.player, reply, again=True)
            return
        if tapped.message.id in (shown.message, shown.tapped):
            return
        await self._sender.disarm(tapped.player, tapped.message.id)
        if tapped.message.id < shown.message and not shown.again:
            await self._show(tapped.player, reply, again=True)

    # Showing ------------------------------------------------------------------------------------

    async def _show(
        self,
        player: int,
        reply: Reply,
        *,
        hint: str | None = None,
        tapped: int | None = None,
        again: bool = False,
    ) -> None:
        """Send a scene, and take the buttons away from where it stood before."""
        if reply.view is None:
            # Whoever has no play, because they were never here or their data is gone, begins one.
            reply = await self._ask(player, Begin())
            assert reply.view is not None, "a play that was begun has a scene"
        before = self._shown.get(player)
        if reply.outcome == "repeated" and before is not None and _shows(before, reply):
            return
        screen = scene(reply.view, reply.story_token, reply.sequence, self._words)
        message = await self._sender.send(player, with_notice(hint, screen) if hint else screen)
        if before is not None and before.message != message and _shows(before, reply):
            await self._sender.disarm(player, before.message)
        if message is not None:
            self._shown[player] = _Shown(reply.story_token, reply.sequence, message, tapped, again)
            while len(self._shown) > _REMEMBERED:
                self._shown.popitem(last=False)


def _belongs(button: Anew | Stay, reply: Reply) -> bool:
    """Return whether a button was made for the present scene."""
    return (button.story, button.sequence) == (reply.story_token, reply.sequence)


def _led_to(button: Button, reply: Reply) -> bool:
    """Return whether pressing `button` can have made the present scene."""
    return button.sequence + 1 == reply.sequence


def _shows(shown: _Shown, reply: Reply) -> bool:
    return (shown.story, shown.sequence) == (reply.story_token, reply.sequence)
