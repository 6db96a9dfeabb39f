"""Days where a story is: which one it is, and when the next one begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["day_of", "next_day"]


def day_of(now: int, zone: str) -> date:
    """Return the date in a time zone at a time in seconds since 1970 in UTC."""
    return datetime.fromtimestamp(now, ZoneInfo(zone)).date()


def next_day(now: int, zone: str) -> int:
    """Return when the next date begins in a time zone, in seconds since 1970 in UTC.

    A date need not begin at 00:00, where clocks are put forward over midnight, and need not be at all, where a zone
    changed sides of the date line: so a midnight is only a guess, and what counts is the first second of a later date.
    """
    place, today = ZoneInfo(zone), day_of(now, zone)

    def later(second: int) -> bool:
        return datetime.fromtimestamp(second, place).date() > today

    midnight = datetime.combine(today + timedelta(days=1), time.min, place)
    # Of two midnights the first; one that is skipped is read as the second in which it is skipped, or a later one.
    guess = max(int(midnight.astimezone(UTC).timestamp()), now + 1)
    if later(guess) and not later(guess - 1):
        return guess
    while not later(guess):
        guess += 3_600
    low = now
    while guess - low > 1:
        middle = (low + guess) // 2
        low, guess = (low, middle) if later(middle) else (middle, guess)
    return guess
