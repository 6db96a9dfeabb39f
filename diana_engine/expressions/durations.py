"""How long something lasts, as writers say it: ``90s``, ``30m``, ``8h``, ``7d``, ``2w``."""

from __future__ import annotations

import re

__all__ = ["DAY", "DURATION", "seconds_of", "spelled"]

DAY = 86_400
DURATION = re.compile(r"([0-9]{1,6})([smhdw])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}


def seconds_of(words: str) -> int | None:
    """Return how many seconds `words` say, or `None` where they say no time of at least a second."""
    match = DURATION.match(words)
    return (int(match.group(1)) * _SECONDS[match.group(2)] or None) if match else None


def spelled(seconds: int) -> str:
    """Return a length of time as a writer would write it, in the largest unit up to days that says it exactly."""
    unit = next(one for one in "dhms" if seconds % _SECONDS[one] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"
