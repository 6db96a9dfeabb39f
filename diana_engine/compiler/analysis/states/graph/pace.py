"""How time is cut up where a story asks for it: as few moments as tell apart all that is asked.

One clock alone need only know which of its marks have passed, as long as no wait lasts between them. Two are exact on a grid
of half of what divides all marks and waits: of two clocks it matters only whether they strike together or in turn. Of more,
the order in which they strike would matter too. They are followed from both sides: for certain all strike together, and
perhaps each by itself. For who may pay not to wait, how long they have waited is one clock more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import gcd

__all__ = ["TIMELESS", "Pace", "pace_of"]

_MOST = 100
"""How many moments of one clock are told apart."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How clocks go on: by `tick` seconds at a time, in waits by whole units; without a tick, from mark to mark.

    `exact` is false where some of what time can bring is only known to be possible or not; `pays_exact` is so where that is
    when a wait can still be paid off.
    """

    tick: int = 0
    unit: int = 0
    longest: int = 0
    exact: bool = True
    pays_exact: bool = True

    def marks(self, asked: Collection[int]) -> tuple[int, ...]:
        """Return the seconds at which a clock strikes of which these are asked."""
        if not self.tick:
            return tuple(sorted(asked))
        return tuple(range(self.tick, max(asked) + 1, self.tick))

    def lasting(self, seconds: int) -> int:
        """Return how long somebody waits for certain who waits so long, or a little longer."""
        if not self.unit:
            return max(self.longest, seconds)
        return -(-seconds // self.unit) * self.unit

    def ticks(self, seconds: int) -> int:
        """Return how often time passes, a tick each, within a wait; of a wait between ticks, once."""
        return max(1, seconds // self.tick) if self.tick else 1


TIMELESS = Pace()
"""Where nobody asks what time it is."""


def pace_of(
    clocks: Iterable[Collection[int]], waits: Collection[int], paid: Collection[int]
) -> Pace:
    """Return how clocks go on that are asked for these seconds, in a story with these `waits`, some of which can be `paid` off."""
    asked = list(clocks)
    if not asked:
        return TIMELESS
    every = [one for marks in asked for one in marks]
    longest = max(every)
    if len(asked) == 1 and not waits:
        return Pace(longest=longest)
    # Who may still pay must know how long the wait has lasted: that is one more clock.
    together = len(asked) + bool(paid)
    for unit in (gcd(*every, *waits), gcd(*every)):
        halves = together > 1 and len(asked) < 3
        tick = unit // 2 if halves and unit % 2 == 0 else unit
        if max(longest, *paid, 0) // tick <= _MOST:
            is_even = tick < unit and all(one % unit == 0 for one in paid)
            exact = len(asked) == 1 or (len(asked) == 2 and tick < unit)
            return Pace(tick, unit, longest, exact, not paid or (together == 2 and is_even))
    return Pace(longest=longest, exact=len(asked) == 1, pays_exact=not paid)
