"""How often to try, and how long to wait in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Patience"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try, and how long to wait in between; all times in seconds.

    The waits double from `first` to `longest`, each shortened by `chance` (from 0 to 1) by up to a half, so that
    many do not come back at once. A flood's `retry_after` is obeyed up to `longest_flood`.
    """

    attempts: int = 8
    first: float = 0.5
    longest: float = 30.0
    longest_flood: float = 300.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int) -> float:
        """Return how long to wait after the attempt of this number, from 0."""
        full = min(self.longest, self.first * 2.0 ** min(attempt, 30))
        return full * (1 - self.chance() / 2)
