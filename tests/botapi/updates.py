"""The queue of updates, with the semantics of `getUpdates`.

An update comes back with every call until a call with a higher offset confirms it, or until it
expires by the server's clock. One long poll may wait; a second one ends the first with 409. The
queue is read from telegram-bot-api and TDLib's TQueue; left out is only what paces real clients (a
repeated offset answered one update at a time, a conflict answered after three seconds).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botapi.clock import Clock
from botapi.errors import ApiError
from botapi.records import Json
from botapi.store import CALLBACK_SECONDS

__all__ = ["MAX_TIMEOUT", "Poll", "UpdateQueue", "Waiting"]

MAX_TIMEOUT: Final = 50
"""Seconds a long poll may last, whatever it asks for."""

_FIRST_ID: Final = 700_000_001
_MESSAGE_SECONDS: Final = 24 * 3600
_KINDS: Final = {
    "message": _MESSAGE_SECONDS,
    "edited_message": _MESSAGE_SECONDS,
    "callback_query": CALLBACK_SECONDS,
    "my_chat_member": _MESSAGE_SECONDS,
    "chat_member": _MESSAGE_SECONDS,
    "chat_join_request": _MESSAGE_SECONDS,
    "message_reaction": _MESSAGE_SECONDS,
    "message_reaction_count": _MESSAGE_SECONDS,
    "pre_checkout_query": CALLBACK_SECONDS,
}
_ASKED_FOR_BY_NAME: Final = {"chat_member", "message_reaction", "message_reaction_count"}
_OTHER_POLLER: Final = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


@dataclass(frozen=True, slots=True)
class Poll:
    """What one `getUpdates` asks for; `offset` 0 is none.

    `connected` says whether whoever asked is still there once there is something to say.
    """

    offset: int = 0
    limit: int = 100
    timeout: float = 0.0
    connected: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that is to be taken to a webhook."""

    id: int
    json: Json


@dataclass(frozen=True, slots=True)
class _Update:
    id: int
    kind: str
    content: Mapping[str, Any]
    expires_at: float

    def as_json(self) -> Json:
        return {"update_id": self.id, self.kind: self.content}


class UpdateQueue:
    """Updates that the bot has not confirmed yet.

    Attributes:
        arrived: set whenever there may be something new to be taken to a webhook.
    """

    def __init__(self, clock: Clock, first_id: int = _FIRST_ID) -> None:
        self.arrived = asyncio.Event()
        self._clock = clock
        self._next_id = first_id
        self._waiting: list[_Update] = []
        self._seen: dict[int, _Update] = {}
        self._repeats: list[_Update] = []
        self._allowed = frozenset(_KINDS) - _ASKED_FOR_BY_NAME
        self._poller: asyncio.Future[None] | None = None

    @property
    def pending(self) -> list[int]:
        """Ids that are neither confirmed nor expired."""
        self._expire()
        return [update.id for update in (*self._repeats, *self._waiting)]

    @property
    def waiting(self) -> list[Waiting]:
        """What is neither confirmed nor expired, oldest first; repeats come first."""
        self._expire()
        return [Waiting(one.id, one.as_json()) for one in (*self._repeats, *self._waiting)]

    def confirm(self, update_id: int) -> None:
        """Forget an update that a webhook has taken."""
        self._waiting = [update for update in self._waiting if update.id != update_id]
        self._repeats = [update for update in self._repeats if update.id != update_id]

    def allow(self, kinds: object) -> None:
        """Take the bot's `allowed_updates`: it holds for updates to come, until another is sent.

        None changes nothing; an empty list means all but those that must be asked for by name.
        """
        if kinds is None:
            return
        named = frozenset(kinds) & frozenset(_KINDS) if isinstance(kinds, list) else frozenset()
        self._allowed = named or frozenset(_KINDS) - _ASKED_FOR_BY_NAME

    def push(self, kind: str, content: Mapping[str, Any]) -> int | None:
        """Queue an update and give its id; None where the bot has not allowed its kind."""
        if kind not in self._allowed:
            return None
        update = _Update(self._next_id, kind, content, self._clock.now + _KINDS[kind])
        self._next_id += 1
        self._waiting.append(update)
        self._seen[update.id] = update
        self.interrupt()
        return update.id

    def repeat(self, update_id: int) -> None:
        """Deliver an update once more with its old id, though it may have been confirmed."""
        self._repeats.append(self._seen[update_id])
        self.interrupt()

    def drop_all(self) -> None:
        """Forget what waits, as `drop_pending_updates` does."""
        self._waiting.clear()
        self._repeats.clear()

    async def get(self, poll: Poll) -> list[Json]:
        """Answer one `getUpdates`, waiting for an update at most as long as it says.

        Raises:
            ApiError: another poller came while this one waited.
        """
        self._confirm(poll.offset)
        batch = self._take(poll.limit)
        if batch or poll.timeout <= 0:
            return batch
        self.interrupt(ApiError(409, _OTHER_POLLER))
        self._poller = poller = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(min(poll.timeout, MAX_TIMEOUT)):
                await poller
        except TimeoutError:
            return []
        finally:
            if self._poller is poller:
                self._poller = None
        return self._take(poll.limit) if poll.connected() else []

    def interrupt(self, error: ApiError | None = None) -> None:
        """End the long poll that waits, with an error or with what there is."""
        self.arrived.set()
        poller, self._poller = self._poller, None
        if poller is None or poller.done():
            return
        if error is None:
            poller.set_result(None)
        else:
            poller.set_exception(error)

    def _take(self, limit: int) -> list[Json]:
        """Copy out what waits, which stays until it is confirmed; a repeat is given once."""
        self._expire()
        batch = (self._repeats + self._waiting)[:limit]
        self._repeats = self._repeats[limit:]
        return [update.as_json() for update in batch]

    def _confirm(self, offset: int) -> None:
        """Remove what lies below the offset; a negative one keeps so many from the end."""
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset <= self._next_id + 10:  # an offset from far in the future is taken for none
            self._waiting = [update for update in self._waiting if update.id >= offset]

    def _expire(self) -> None:
        now = self._clock.now
        self._waiting = [update for update in self._waiting if update.expires_at >= now]
