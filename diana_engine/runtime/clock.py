"""The world's clock and chance, for whoever composes a runtime; tests bring their own."""

from __future__ import annotations

import secrets
import time

__all__ = ["system_clock", "system_seed"]


def system_clock() -> int:
    """Return the seconds since 1970 in UTC."""
    return int(time.time())


def system_seed() -> int:
    """Return a seed that nobody can guess; 63 bits, so that every database can hold it."""
    return secrets.randbits(63)
