"""What the bot does with each update: one durable step, whose words wait in the outbox from the same moment on.

When `handle` returns, the step is committed and the update may be acknowledged. All that is left then is the answer to a
tap, which stops the button's spinning: it is worthless after a minute, so it is nobody's duty to keep it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter
from typing import assert_never

from diana_engine.adapters.phrases import Phrases
from diana_engine.adapters.telegram.calm import Calm, Once
from diana_engine.adapters.telegram.receiving.intake import Courtesy
from diana_engine.adapters.telegram.receiving.updates import Incoming, Other, Reach, Said, Tapped
from diana_engine.adapters.telegram.showing.callback import Anew, Button, Press, Stay, decode
from diana_engine.adapters.telegram.showing.presenter import Presenter
from diana_engine.adapters.telegram.showing.screen import why_locked
from diana_engine.database.port import PlayerKey, UpdateId
from diana_engine.database.ports.outbox import Message, Notice, Outbox
from diana_engine.play.view import Lock, Price, View, WaitView
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.requests import Begin, Intent, Look, Reply, Request, Say, Tap

__all__ = ["StoryBot"]

_log = logging.getLogger(__name__)


class StoryBot:
    """One story in the private chats of one bot.

    The player's id is that of the private chat too.

    Args:
        coordinator: where every action goes.
        outbox: where messages wait; told when a player is back.
        wake: called after each commit that left something to be sent.
        words: what the program itself says, in the story's language.
        channel: the first half of the players' keys, such as ``telegram:42``.
        metrics: what is counted.
    """

    def __init__(
        self, coordinator: Coordinator, outbox: Outbox, wake: Callable[[], None], words: Phrases, channel: str,
        metrics: Metrics,
    ) -> None:  # fmt: skip
        self._coordinator = coordinator
        self._outbox = outbox
        self._wake = wake
        self._words = words
        self._channel = channel
        self._metrics = metrics
        self._calm = Calm()
        metrics.players_active.set_function(lambda: coordinator.active)

    async def handle(self, incoming: Incoming) -> Courtesy | None:
        """Handle one update to its commit, and return the answer that a tap is still to get.

        Raises:
            DianaError: the database is not there; nothing was changed.
        """
        match incoming:
            case Said():
                await self._said(incoming)
                return None
            case Tapped():
                return await self._tapped(incoming)
            case Reach():
                _log.info("a player %s", "is back" if incoming.reachable else "blocked the bot")
                await self._reach(incoming)
                return None
            case Other(_, query):
                return None if query is None else Courtesy(query)
            case other:
                assert_never(other)

    async def park(self, incoming: Incoming, error: str, after: int) -> bool:
        """Note that an update failed; at the `after`-th time, on whichever worker, it is given up, and this returns true.

        Raises:
            DianaError: the database is not there; nothing was noted.
        """
        if isinstance(incoming, Other):
            return False
        key = PlayerKey(self._channel, str(incoming.player))
        return await self._coordinator.park(
            Request(key, Look(), UpdateId(incoming.update)), error, after=after
        )

    async def _reach(self, reach: Reach) -> None:
        """Send nothing to who is gone, and again to who is back; a notice that a later one overtook means nothing any more."""
        player, update = reach.player, UpdateId(reach.update)
        self._calm.forget(player)
        if reach.reachable:
            nothing = self._calm.once(player, "back", lambda _: ())
            async with self._back(player):
                await self._ask(
                    player, Look(shown=False), update, nothing
                )  # so that it is known as handled
            return
        notice = Notice(PlayerKey(self._channel, str(player)), update)
        await self._outbox.pause(self._channel, str(player), "the player blocked the bot", notice)

    @asynccontextmanager
    async def _back(self, player: int) -> AsyncIterator[None]:
        """Have a player written to again, around the step that says so.

        Before it, so that a call which is refused since before they came back cannot give up what the step says; and after it,
        because a late notice that they were gone is only known as late by an update that is stored.
        """
        await self._outbox.resume(self._channel, str(player))
        yield
        await self._outbox.resume(self._channel, str(player))
        self._wake()

    async def _ask(
        self, player: int, intent: Intent, update: int | None = None, present: Once | None = None
    ) -> Reply:
        key = PlayerKey(self._channel, str(player))
        delivery = None if update is None else UpdateId(update)
        began = perf_counter()
        reply = await self._coordinator.handle(Request(key, intent, delivery, present))
        self._count(reply, perf_counter() - began)
        if present is not None:
            present.committed()
        self._wake()
        return reply

    def _count(self, reply: Reply, seconds: float) -> None:
        self._metrics.step_seconds.observe(seconds)
        self._metrics.steps.labels(reply.outcome.replace(" ", "_")).inc()
        if reply.outcome == "started":
            self._metrics.plays_begun.inc()
        elif reply.outcome == "moved" and reply.view is not None and reply.view.ending is not None:
            self._metrics.plays_ended.inc()

    async def _begin(self, player: int, say: Presenter) -> Reply:
        """Begin for whoever has no play, because they were never here or their data is gone."""
        return await self._ask(player, Begin(), None, self._calm.once(player, "start", say.shown))

    # Words --------------------------------------------------------------------------------------

    async def _said(self, said: Said) -> None:
        say = Presenter(said.player, self._words, said.update)
        once = partial(self._calm.once, said.player)
        match said.command:
            case "start":
                # Who presses start can be written to, whatever was noted of them before.
                async with self._back(said.player):
                    await self._ask(said.player, Begin(), said.update, once("start", say.shown))
            case "help":
                await self._ask(
                    said.player,
                    Look(shown=False),
                    said.update,
                    once("help", lambda _: say.helped()),
                )
            case "restart":
                await self._restart(said, say)
            case _:
                await self._other_talk(said, say)

    async def _restart(self, said: Said, say: Presenter) -> None:
        once = partial(self._calm.once, said.player)
        reply = await self._ask(said.player, Look(shown=False))
        if reply.view is None or reply.view.ending is not None:
            # There is nothing that could be lost by mistake.
            await self._ask(said.player, Begin(), said.update, once("start", say.shown))
            return
        await self._ask(
            said.player, Look(shown=False), said.update, once("restart", say.asked_anew)
        )

    async def _other_talk(self, said: Said, say: Presenter) -> None:
        """Take what was written as an answer where the story asks; else show where its buttons are."""
        intent = Look() if said.text is None else Say(said.text)
        said_once = self._calm.once(said.player, "talk", say.answered)
        reply = await self._ask(said.player, intent, said.update, said_once)
        if reply.view is None:
            await self._begin(said.player, say)

    # Taps ---------------------------------------------------------------------------------------

    async def _tapped(self, tapped: Tapped) -> Courtesy:
        button = decode(tapped.data)
        say = Presenter(tapped.player, self._words, tapped.update)

        def present(reply: Reply) -> tuple[Message, ...]:
            return _rows(say, tapped, button, reply)

        once = self._calm.once(tapped.player, tapped.message.id, present)
        reply = await self._ask(tapped.player, _intent(button), tapped.update, once)
        if reply.view is None:
            reply = await self._begin(tapped.player, say)
        return self._courtesy(tapped.query, button, reply)

    def _courtesy(self, query: str, button: Button | None, reply: Reply) -> Courtesy:
        match reply.outcome:
            case "moved" | "started":
                return Courtesy(query)
            case "repeated" if button is not None and _led_to(button, reply):
                return Courtesy(query)
            case "refused":
                return Courtesy(query, self._refusal(button, reply), alert=True)
            case "shown" if isinstance(button, Stay) and _belongs(button, reply):
                return Courtesy(query)
            case _:
                return Courtesy(query, self._words.moment_passed)

    def _refusal(self, button: Button | None, reply: Reply) -> str:
        """Say why a choice cannot be taken; the scene with its buttons stays as it is."""
        match button, reply.view:
            case Press(choice=int(index)), view if view and 0 <= index < len(view.choices):
                lock = view.choices[index].lock
                return why_locked(lock, self._words) if lock else self._words.not_now
            case Press(choice=0), View(wait=WaitView(skip=Price() as price)):
                return why_locked(Lock(price=price), self._words)
            case _, View(wait=WaitView() as wait):
                return self._words.say_too_early(wait)
            case _:
                return self._words.not_now


def _intent(button: Button | None) -> Intent:
    match button:
        case Press(story, sequence, choice):
            return Tap(story, sequence, choice)
        case Anew(story, sequence):
            return Begin(anew=True, only_at=(story, sequence))
        case Stay() | None:
            return Look()
        case other:
            assert_never(other)


def _rows(
    say: Presenter, tapped: Tapped, button: Button | None, reply: Reply
) -> tuple[Message, ...]:
    """Return what is said after a tap."""
    match reply.outcome:
        case "moved" | "started":
            return say.moved(reply, tapped.message)
        case "refused":
            return ()
        case "shown" if isinstance(button, Stay) and _belongs(button, reply):
            return say.stayed(reply, tapped.message)
        case _:
            return say.stale(reply, tapped.message.id)


def _belongs(button: Stay, reply: Reply) -> bool:
    """Return whether a button was made for the present scene."""
    return (button.story, button.sequence) == (reply.story_token, reply.sequence)


def _led_to(button: Button, reply: Reply) -> bool:
    """Return whether pressing `button` can have made the present scene."""
    return button.sequence + 1 == reply.sequence
