"""Faults on order: what can go wrong between a bot and Telegram, planned call by call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias

from botapi.errors import ApiError

__all__ = [
    "Cut",
    "Delay",
    "Fault",
    "Faults",
    "Garble",
    "Hold",
    "Refuse",
    "bad_request",
    "forbidden",
    "migrated",
    "server_error",
    "too_many_requests",
]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do nothing and answer with an error."""

    error: ApiError


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without an answer, having done what was asked (`delivered`) or not."""

    delivered: bool = True


@dataclass(frozen=True, slots=True)
class Garble:
    """Do what was asked, and answer with something that is no JSON, as a broken proxy does."""

    body: str = "<html><body>502 Bad Gateway</body></html>"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait in real time before doing what was asked."""

    seconds: float


@dataclass(slots=True)
class Hold:
    """Keep a call in the air until it is let go, having done what was asked (`delivered`) or not.

    `reached` is set once a call hangs there: the moment to kill the bot, or to look.
    """

    delivered: bool = True
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let the call go on."""
        self.released.set()


Fault: TypeAlias = Refuse | Cut | Garble | Delay | Hold


def too_many_requests(retry_after: int) -> Refuse:
    """Flood control: 429, to be tried again after so many seconds."""
    sentence = f"Too Many Requests: retry after {retry_after}"
    return Refuse(ApiError(429, sentence, retry_after))


def bad_request(sentence: str) -> Refuse:
    """A 400 with `Bad Request: ` and the sentence."""
    return Refuse(ApiError(400, f"Bad Request: {sentence}"))


def forbidden(sentence: str = "bot was blocked by the user") -> Refuse:
    """A 403 with `Forbidden: ` and the sentence."""
    return Refuse(ApiError(403, f"Forbidden: {sentence}"))


def migrated(chat_id: int) -> Refuse:
    """A 400 because the group has become a supergroup, with its new number."""
    sentence = "Bad Request: group chat was upgraded to a supergroup chat"
    return Refuse(ApiError(400, sentence, migrate_to=chat_id))


def server_error(code: int = 502, sentence: str = "Bad Gateway") -> Refuse:
    """A 5xx; nothing was done."""
    return Refuse(ApiError(code, sentence))


@dataclass(slots=True)
class _Plan:
    method: str
    fault: Fault
    times: int | None
    skip: int
    chat_id: int | None

    def strikes(self, method: str, chat_id: str) -> bool:
        """Say whether this call is the one, counting those let through before."""
        if self.method not in ("*", method) or self.times == 0:
            return False
        if self.chat_id is not None and str(self.chat_id) != chat_id:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults to come; each call meets at most one, the oldest that fits it."""

    def __init__(self) -> None:
        self._plans: list[_Plan] = []
        self._holds: list[Hold] = []

    def plan(
        self,
        method: str,
        fault: Fault,
        *,
        times: int | None = 1,
        skip: int = 0,
        chat_id: int | None = None,
    ) -> None:
        """Let calls of a method meet a fault.

        Args:
            method: as the Bot API writes it, such as `sendMessage`; `*` is any, polls included.
            fault: what happens.
            times: to how many calls; None is all.
            skip: how many calls go well before.
            chat_id: only calls for this chat count.
        """
        self._plans.append(_Plan(method.lower(), fault, times, skip, chat_id))
        if isinstance(fault, Hold):
            self._holds.append(fault)

    def take(self, method: str, chat_id: str) -> Fault | None:
        """Give the fault that a call meets, if any."""
        name = method.lower()
        return next((plan.fault for plan in self._plans if plan.strikes(name, chat_id)), None)

    @property
    def left(self) -> int:
        """How many planned faults no call has met yet; those without an end count one."""
        return sum(1 if plan.times is None else plan.times for plan in self._plans)

    def clear(self) -> None:
        """Forget all plans and let go what is held."""
        self._plans.clear()
        for hold in self._holds:
            hold.release()
        self._holds.clear()
