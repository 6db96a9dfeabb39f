"""How long to wait before something is tried again, and how often: longer and longer, and never all at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff", "Chance"]

Chance = Callable[[], float]
"""Gives a number from 0 up to 1, and another one each time."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first` to `longest` seconds, of which chance leaves some part, the share `least` at least.

    What failed together would otherwise come again together. At `attempts` it is given up.
    """

    first: float = 1.0
    longest: float = 600.0
    attempts: int = 8
    least: float = 0.0

    def wait(self, failures: int, chance: Chance = random.random) -> float:
        """Return how long to wait after so many failures, from 1."""
        most = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return most * (self.least + (1.0 - self.least) * chance())

    def seconds(self, failures: int, chance: Chance) -> int:
        """Return the same in whole seconds, 1 at least."""
        return max(1, round(self.wait(failures, chance)))
