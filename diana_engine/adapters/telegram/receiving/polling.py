"""Taking updates from Telegram without ever losing one.

aiogram's own polling acknowledges updates before they were handled, so a stop at the wrong moment
loses them. Here an update is acknowledged only when its step is committed. Every player has a
lane: within it one update after another in order of arrival, all lanes at once. A lane that waits
for the database holds up the offset (window.py) but nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from diana_engine.adapters.telegram.api.methods import GetUpdates
from diana_engine.adapters.telegram.api.redact import hide_tokens
from diana_engine.adapters.telegram.receiving.intake import Courtesy, Intake
from diana_engine.adapters.telegram.receiving.updates import (
    Incoming,
    Other,
    UnreadableError,
    number,
    read,
)
from diana_engine.adapters.telegram.receiving.window import Window
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff
from diana_engine.settings import BOT_TOKEN

__all__ = ["FATAL", "KINDS", "Pace", "Poller", "in_words", "unless"]

T = TypeVar("T")

FATAL = (TelegramUnauthorizedError, TelegramNotFound, TelegramConflictError)
"""What trying again would not mend. A token that cannot be one gets "not found"."""

_log = logging.getLogger(__name__)

KINDS = ["message", "callback_query", "my_chat_member"]
"""The kinds of updates that the bot asks for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The poller's times, in seconds, and its attempts.

    `poll` is how long Telegram may hold a poll open (its own limit is 50). While something is in
    work, a poll is made every `glance`: an offset that is repeated within half a second is answered
    by one update only (telegram-bot-api). `drain` is how long a stop waits for that work.
    """

    poll: int = 25
    glance: float = 0.6
    drain: float = 4.0
    network: Backoff = field(default_factory=lambda: Backoff(0.5, 60.0, least=0.5))
    outage: Backoff = field(default_factory=lambda: Backoff(0.5, 30.0, least=0.5))


class Poller:
    """Hands every update to `intake`, in order within a player, and acknowledges what is committed.

    `answer` is given what a tap is still to be told.
    """

    def __init__(
        self, bot: Bot, intake: Intake, answer: Callable[[Courtesy], None], pace: Pace = Pace()
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._answer = answer
        self._pace = pace
        self._window = Window()
        self._lanes: dict[object, deque[Incoming]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._finished = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Take updates until `stop` is set; then finish what is in work, within bounds.

        Raises:
            DianaError: Telegram refuses the token, or somebody else takes the bot's updates.
        """
        try:
            await unless(stop, self._poll_on())
        finally:
            await self._drain()
        # Only on good terms: after a conflict, this poll would end the other program's.
        await self._acknowledge()

    async def _poll_on(self) -> None:
        failures = 0
        while True:
            try:
                arrived = await self._poll()
            except FATAL as error:
                raise in_words(error) from error
            except Exception as error:  # noqa: BLE001 - a bot that stopped polling is dead to all
                failures += 1
                wait = self._pace.network.wait(failures)
                if isinstance(error, TelegramRetryAfter):
                    wait = float(error.retry_after)
                _log.warning("cannot reach Telegram, trying again in %.1f s: %s", wait, error)
                await asyncio.sleep(wait)
            else:
                failures = 0
                self._take(arrived)
                await self._glance()

    async def _poll(self) -> list[Any]:
        """Ask for updates; that acknowledges all that lie before the window."""
        patience = self._pace.poll if self._window.idle else 0
        method = GetUpdates(
            offset=self._window.ask(), timeout=patience, allowed_updates=KINDS, limit=100
        )
        arrived = await self._bot(method, request_timeout=self._pace.poll + 10)
        return arrived if isinstance(arrived, list) else []

    async def _glance(self) -> None:
        """Let work be finished before the next poll, which would only bring it once more."""
        try:
            async with asyncio.timeout(self._pace.glance):
                while not self._window.idle:
                    self._finished.clear()
                    await self._finished.wait()
        except TimeoutError:
            pass

    # Lanes ----------------------------------------------------------------------------------------

    def _take(self, arrived: list[Any]) -> None:
        numbered: dict[int, object] = {}
        for update in arrived:
            try:
                numbered[number(update)] = update
            except UnreadableError as error:
                _log.error("an update that cannot even be acknowledged: %s", error)
        new = self._window.arrive(numbered)
        for update_id in sorted(new):
            self._enter(update_id, numbered[update_id])

    def _enter(self, update_id: int, update: object) -> None:
        try:
            incoming = read(update)
        except UnreadableError as error:
            self._intake.unreadable(update_id, error)
            self._window.finish(update_id)
            return
        key = ("update", update_id) if isinstance(incoming, Other) else incoming.player
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(incoming)
            return
        self._lanes[key] = deque((incoming,))
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, key: object) -> None:
        """Handle a lane's updates until it is empty, and leave nothing of it."""
        lane = self._lanes[key]
        while lane:
            await self._attend(lane[0])
            self._window.finish(lane.popleft().update)
            self._finished.set()
        del self._lanes[key]

    async def _attend(self, incoming: Incoming) -> None:
        attempt = 0
        while True:
            try:
                courtesy = await self._intake.attend(incoming)
            except DianaError as error:
                # The database's absence will pass, and nothing is lost meanwhile: Telegram waits.
                _log.warning("update %d waits: %s", incoming.update, error)
                attempt += 1
                await asyncio.sleep(self._pace.outage.wait(attempt))
            else:
                if courtesy is not None:
                    self._answer(courtesy)
                return

    async def _drain(self) -> None:
        """Finish what is in work, within bounds; what is left will come again."""
        if self._workers:
            await asyncio.wait(set(self._workers), timeout=self._pace.drain)
        left = set(self._workers)
        for worker in left:
            worker.cancel()
        if left:
            _log.warning("%d players' updates are left for the next start", len(left))
            await asyncio.wait(left)

    async def _acknowledge(self) -> None:
        """Tell Telegram, with a last poll whose updates stay there, what is handled."""
        offset = self._window.ask()
        if offset is None:
            return
        method = GetUpdates(offset=offset, timeout=0, allowed_updates=KINDS, limit=1)
        try:
            await self._bot(method, request_timeout=2)
        except Exception as error:  # noqa: BLE001 - then it comes again, and is recognised
            _log.info("the last updates could not be acknowledged: %s", error)


def in_words(error: TelegramAPIError) -> DianaError:
    """Return one of the `FATAL` errors in words for the operator."""
    if isinstance(error, TelegramConflictError):
        return DianaError(
            "Another program takes this bot's updates: a second `diana bot`, or a webhook. Stop it, "
            f"then start again. Telegram says: {hide_tokens(error.message)}"
        )
    return DianaError(
        f"Telegram does not accept the bot's token ({hide_tokens(error.message)}). Copy it from @BotFather "
        f"again, into {BOT_TOKEN}."
    )


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do `work`; where `stop` is set before it is done, give it up and return `None`."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        await asyncio.wait((working, stopping))
    return None if working.cancelled() else working.result()
