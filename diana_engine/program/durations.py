"""Lengths of time as writers write them: ``30s``, ``15m``, ``8h``, ``2d``."""

from __future__ import annotations

import re

__all__ = ["LONGEST", "seconds_in", "spelled"]

LONGEST = 366 * 86_400
"""Seconds of the longest wait: a year."""

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")


def seconds_in(written: str) -> int | None:
    """Return how many seconds a duration is, or `None` where there is none, or none from 1 second to a year."""
    found = _DURATION.fullmatch(written)
    if found is None:
        return None
    seconds = int(found[1]) * _UNITS[found[2]]
    return seconds if 1 <= seconds <= LONGEST else None


def spelled(seconds: int) -> str:
    """Return a duration as a writer would write it, in the largest unit that says it exactly."""
    unit, size = next((u, n) for u, n in reversed(_UNITS.items()) if seconds % n == 0)
    return f"{seconds // size}{unit}"
