"""Updates taken to a webhook, as telegram-bot-api takes them there.

Updates queue by chat, and presses of buttons by who pressed, so that a text and a tap of one person may come at once. In a
queue one update is in the air at a time; it is repeated until the answer is a 2xx, at once the first time, and then after longer
and longer pauses. An answer may carry one call of a method, whose result nobody learns (`WebhookActor.cpp`). What
differs here: a pause of the original's second is `pace` seconds long.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from botapi.records import Json
from botapi.updates import UpdateQueue, Waiting

__all__ = ["SECRET_HEADER", "Delivery", "Webhook"]

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt: which update, and the status it was answered with; None where there was no answer."""

    update_id: int
    status: int | None


@dataclass(slots=True)
class Webhook:
    """Takes a queue's updates to an address until it is closed.

    Attributes:
        url: where to.
        secret: what the requests carry in their header, if anything.
        perform: calls a method that an answer carries.
        pace: real seconds that stand for one.
        deliveries: all attempts so far.
    """

    url: str
    secret: str
    updates: UpdateQueue
    perform: Callable[[str, dict[str, Any]], Awaitable[object]]
    pace: float = 0.02
    deliveries: list[Delivery] = field(default_factory=list)
    _busy: set[object] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Deliver what comes, until this is cancelled."""
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    self.updates.arrived.clear()
                    for waiting in self.updates.waiting:
                        self._begin(session, waiting)
                    await self.updates.arrived.wait()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, session: aiohttp.ClientSession, waiting: Waiting) -> None:
        queue = _queue(waiting.json)
        if queue in self._busy:
            return
        self._busy.add(queue)
        task = asyncio.create_task(self._insist(session, waiting, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _insist(
        self, session: aiohttp.ClientSession, waiting: Waiting, queue: object
    ) -> None:
        attempt = 0
        while waiting.id in self.updates.pending and not await self.post(session, waiting.json):
            await asyncio.sleep(min(2**attempt, _LONGEST) * self.pace if attempt else 0)
            attempt += 1
        self.updates.confirm(waiting.id)
        self._busy.discard(queue)
        self.updates.arrived.set()

    async def post(self, session: aiohttp.ClientSession, update: Json) -> bool:
        """Post an update once, and return whether it was taken."""
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        status: int | None = None
        body = b""
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                status, body = response.status, await response.read()
                is_json = response.content_type == "application/json"
        except (aiohttp.ClientError, TimeoutError, OSError):
            is_json = False
        self.deliveries.append(Delivery(int(update["update_id"]), status))
        if status is None or not 200 <= status < 300:
            return False
        if body and is_json:
            await self._reply(body)
        return True

    async def _reply(self, body: bytes) -> None:
        call = json.loads(body)
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            await self.perform(call.pop("method"), call)


def _queue(update: Json) -> object:
    """Return what an update queues behind (telegram-bot-api, `get_webhook_queue_id`)."""
    for kind, content in update.items():
        match kind, content:
            case "callback_query" | "pre_checkout_query", {"from": {"id": user}}:
                return ("presser", user)
            case _, {"chat": {"id": chat}}:
                return ("chat", chat)
            case _:
                pass
    return ("update", update["update_id"])
