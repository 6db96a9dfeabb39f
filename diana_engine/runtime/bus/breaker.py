"""When a subscriber fails with everything, it is left alone for a while, and then asked with one event only.

So an hour in which somebody's server is down costs a few attempts, and not the attempts of each event that happened in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from diana_engine.database.ports.plays import PlayKey
from diana_engine.runtime.backoff import Backoff, Chance

__all__ = ["Breaker"]


@dataclass
class Breaker:
    """Opens after `failures` in a row with the events of `plays` players or more; one success closes it."""

    chance: Chance
    failures: int = 5
    plays: int = 2
    backoff: Backoff = field(default_factory=lambda: Backoff(first=2, longest=300))
    _failed: list[PlayKey] = field(default_factory=list)
    _opened: int = 0
    _until: int = 0

    @property
    def open(self) -> bool:
        """Whether the subscriber is to be left alone, but for a probe now and then."""
        return self._opened > 0

    def left(self, now: int) -> int:
        """Return for how many seconds more nothing is to be tried; a clock that was set back lengthens it by nothing."""
        left = self._until - now
        return left if self.open and 0 < left <= self.backoff.longest else 0

    def succeeded(self) -> None:
        """Note that something was dealt with."""
        self._failed.clear()
        self._opened = self._until = 0

    def failed(self, play: PlayKey, now: int) -> None:
        """Note that something was not dealt with."""
        self._failed.append(play)
        if self.open or (
            len(self._failed) >= self.failures and len(set(self._failed)) >= self.plays
        ):
            self._opened += 1
            self._until = now + self.backoff.seconds(self._opened, self.chance)
            del self._failed[: -self.failures]
