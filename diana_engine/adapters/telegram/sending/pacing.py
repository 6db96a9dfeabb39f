"""When the next message may go: Telegram's limits as arithmetic on a clock that is handed in.

Three limits meet. A *chat* takes about one message a second with bursts, a group twenty a minute. *Bulk*, which is what
nobody has just asked for (reminders, broadcasts), takes thirty a second for the whole bot; answers to what players do have no such limit. And whatever
was said in advance, a *429* counts: its `retry_after` closes the chat for calls of that kind, or the whole bot once
several chats are told so at the same time. Should Telegram be down, all sending rests, for longer and longer.

A limit is one number a chat (the "theoretical arrival time" of the generic cell rate algorithm), and a chat that rests has none: so the
memory follows the chats that are written to now, and never all that ever were. A limiter that makes its callers wait would not do: a row
that may not go yet is given back with the time at which it may.
"""

from __future__ import annotations

import math
import random
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Literal

from diana_engine.runtime.backoff import Backoff, Chance

__all__ = ["BULK", "GROUP", "PRIVATE", "Breaker", "Kind", "Limits", "Pacer", "Rate"]

Kind = Literal["send", "edit"]
"""Telegram floods a method at a time: a chat that takes no edits may still take messages."""

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Rate:
    """One call every so many `seconds`, and `burst` of them at once after a rest."""

    seconds: float
    burst: int

    def due(self, mark: float, now: float) -> float:
        """Return when the next call may go, given the mark that the calls so far have left."""
        return max(now, mark - (self.burst - 1) * self.seconds)

    def room(self, mark: float, now: float) -> int:
        """Return how many calls may go at `now`."""
        owed = max(mark - now, 0.0)
        return max(0, self.burst - math.ceil(owed / self.seconds - _EPSILON))

    def taken(self, mark: float, now: float) -> float:
        """Return the mark after a call at `now`."""
        return max(mark, now) + self.seconds


# "Avoid sending more than one message per second in a particular chat. We may allow short bursts" (Bots FAQ).
PRIVATE = Rate(1.0, 30)
# "Bots are not able to send more than 20 messages per minute to the same group": 5 at once, then 15 in the minute.
GROUP = Rate(4.0, 5)
# "About 30 messages per second" in bulk: 5 at once, then 25 in the second.
BULK = Rate(1 / 25, 5)


@dataclass(frozen=True, slots=True)
class Limits:
    """The rates of one bot. `bulk` is kept by all of its workers together: the outbox counts."""

    private: Rate = PRIVATE
    group: Rate = GROUP
    bulk: Rate = BULK


@dataclass(slots=True)
class Breaker:
    """Rests after failures in a row, so that a Telegram that is down is asked now and then and not all the time.

    After `patience` failures the way is closed, for longer and longer. Who finds that the time is over asks something harmless
    before any message goes: a message must not be what finds out whether Telegram works.
    """

    backoff: Backoff = field(default_factory=lambda: Backoff(longest=60.0, least=0.5))
    chance: Chance = random.random
    patience: int = 5
    failures: int = 0
    closed_until: float = 0.0

    @property
    def closed(self) -> bool:
        """Whether no message may go until something harmless was answered."""
        return self.failures >= self.patience

    def failed(self, now: float) -> None:
        """Note that Telegram could not be reached, or did not work."""
        if self.closed and now < self.closed_until:
            return  # of the calls that were in the air together, the first ones have told it
        self.failures += 1
        if self.closed:
            times = self.failures - self.patience + 1
            self.closed_until = now + self.backoff.wait(times, self.chance)

    def answered(self) -> None:
        """Note that Telegram answered, be it with a refusal."""
        self.failures = 0


class Pacer:
    """The limits of one bot as one worker keeps them."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._marks: dict[int, float] = {}
        self._bulk = 0.0
        self._closed: dict[tuple[int, Kind], float] = {}
        self._all_closed = 0.0
        self._floods: OrderedDict[int, float] = OrderedDict()
        self._swept = 0.0

    def __len__(self) -> int:
        """Return how many chats are remembered."""
        return len(self._marks) + len(self._closed)

    def due(self, chat: int, kind: Kind, now: float) -> float:
        """Return when a call may go, as far as the chat and 429s are concerned; `now` if at once."""
        due = max(self.open_at(now), self._closed.get((chat, kind), 0.0))
        if kind == "send":
            due = max(due, self._rate(chat).due(self._marks.get(chat, 0.0), now))
        return due

    def open_at(self, now: float) -> float:
        """Return when the whole bot may call; `now` if at once."""
        return max(now, self._all_closed)

    def bulk_due(self, now: float) -> float:
        """Return when a call may go that nobody has just asked for, as far as the whole bot is concerned."""
        return self._limits.bulk.due(self._bulk, now)

    def bulk_again(self, now: float, lately: float) -> float:
        """Return when to ask for such calls again, and `now` if nothing hints at any.

        Whoever had some lately and found none may have been outrun by another worker: what is used up then is refilled soon.
        """
        bulk = self._limits.bulk
        due = self.bulk_due(now)
        if due > now or self._bulk < now - lately:
            return due
        return now + bulk.burst * bulk.seconds

    def bulk_room(self, now: float) -> int:
        """Return how many such calls may go now."""
        return self._limits.bulk.room(self._bulk, now)

    def take_bulk(self, now: float) -> None:
        """Note one of them, which takes its room from when it is claimed on."""
        self._bulk = self._limits.bulk.taken(self._bulk, now)

    def sent(self, chat: int, kind: Kind, now: float) -> None:
        """Note a call that goes out now."""
        if kind == "send":
            self._marks[chat] = self._rate(chat).taken(self._marks.get(chat, 0.0), now)
        self._sweep(now)

    def flooded(self, chat: int, kind: Kind, seconds: float, now: float) -> bool:
        """Obey a 429, and return whether it closes the whole bot: the third chat within two seconds says that it is meant."""
        until = now + seconds
        self._closed[chat, kind] = max(until, self._closed.get((chat, kind), 0.0))
        self._floods[chat] = now
        self._floods.move_to_end(chat)
        while next(iter(self._floods.values())) < now - 2:
            self._floods.popitem(last=False)
        everywhere = len(self._floods) >= 3
        if everywhere:
            self._all_closed = max(until, self._all_closed)
        return everywhere

    def close(self, seconds: float, now: float) -> None:
        """Obey a 429 that was for the bot and no chat."""
        self._all_closed = max(now + seconds, self._all_closed)

    def _rate(self, chat: int) -> Rate:
        return self._limits.private if chat > 0 else self._limits.group

    def _sweep(self, now: float) -> None:
        """Forget chats that have rested; once a minute, so that it costs nothing a message."""
        if now - self._swept < 60:
            return
        self._swept = now
        self._marks = {chat: mark for chat, mark in self._marks.items() if mark > now}
        self._closed = {key: until for key, until in self._closed.items() if until > now}
