"""How long to wait before something is tried again: longer and longer, and never all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff", "Chance"]

Chance = Callable[[], float]
"""Gives a number from 0 up to 1, and another one each time."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first` to `longest` seconds, of which chance leaves some part ("full jitter").

    What failed together would otherwise come again together. At `attempts` it is given up.
    """

    first: int = 1
    longest: int = 600
    attempts: int = 8

    def wait(self, failures: int, chance: Chance) -> int:
        """Return the seconds to wait after so many failures, 1 at least."""
        most = min(self.longest, self.first << min(failures - 1, 20))
        return max(1, round(most * chance()))
