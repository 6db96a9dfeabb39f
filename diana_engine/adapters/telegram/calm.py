"""Saying a thing once to who asks for it fifty times in a second.

What changes nothing (an old button pressed again and again, /start upon /start) is still a step of its own, but what would be said to it was
said a moment ago. This remembers what, for a moment. It is only ever a reason to say less: if a worker forgets it, or another one is
asked, a player is told once more. Who presses /start, blocks the bot and is back with /start within the same second may find one worker that
has not heard of it, and see nothing until they press again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from diana_engine.database.ports.outbox import Message
from diana_engine.records import dataclass
from diana_engine.runtime.requests import Present, Reply

__all__ = ["Calm", "Once"]

_MOST = 10_000
"""Players that are remembered; those of the last moment are far fewer."""


class Calm:
    """Remembers what each player was told last, for so many `seconds`."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._told: OrderedDict[int, tuple[Hashable, float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many players are remembered."""
        return len(self._told)

    def once(self, player: int, about: Hashable, present: Present) -> Once:
        """Return a `present` that says nothing to a player who was told just this, about the same thing, a moment ago."""
        return Once(self, player, about, present, _now())

    def knows(self, player: int, said: Hashable, now: float) -> bool:
        """Return whether this very thing is what the player was told last, a moment before `now`."""
        known, until = self._told.get(player, (None, 0.0))
        return known == said and now < until

    def note(self, player: int, said: Hashable) -> None:
        """Remember that a player was told something."""
        now = _now()
        self._told[player] = (said, now + self._seconds)
        self._told.move_to_end(player)
        while self._told:
            oldest, (_, until) = next(iter(self._told.items()))
            if until > now and len(self._told) <= _MOST:
                return
            del self._told[oldest]

    def forget(self, player: int) -> None:
        """Forget what a player was told: it may not have reached them."""
        self._told.pop(player, None)


@dataclass(slots=True)
class Once:
    """A `present`; after the commit, `committed` notes what it said."""

    calm: Calm
    player: int
    about: Hashable
    present: Present
    asked_at: float  # a decision is made on a thread that has no loop to ask for the time
    said: Hashable = None

    def __call__(self, reply: Reply) -> tuple[Message, ...]:
        """Return what is said to a reply."""
        self.said = None
        if reply.outcome in ("moved", "started"):
            return self.present(reply)
        said = (self.about, reply.outcome, reply.sequence)
        if self.calm.knows(self.player, said, self.asked_at):
            return ()
        rows = self.present(reply)
        self.said = said if rows else None
        return rows

    def committed(self) -> None:
        """Note what was said, once it is durable."""
        if self.said is not None:
            self.calm.note(self.player, self.said)


def _now() -> float:
    return asyncio.get_running_loop().time()
