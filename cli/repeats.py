"""Keeping trouble that repeats itself from filling a log: the first few records of a kind, then how many more there were."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Repeats"]

_KINDS = 200
"""Kinds of records that are remembered. What we log ourselves has far fewer; a library may put anything into its words."""


@dataclass(slots=True)
class _Seen:
    since: float
    count: int


class Repeats(logging.Filter):
    """Lets `most` records of a kind through in `seconds`; the next one after that tells how many were left out.

    Records are of one kind that come from one place in the code: while a database is away, each waiting update has the same to say. Errors
    always get through, for each is a thing of its own. It belongs on a handler, before any filter that puts a record's words together.
    """

    def __init__(
        self, most: int = 5, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._seen: dict[tuple[str, str], _Seen] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be written."""
        if record.levelno >= logging.ERROR:
            return True
        kind, now = (record.name, str(record.msg)), self._clock()
        seen = self._seen.get(kind)
        if seen is None or now - seen.since >= self._seconds:
            self._begin(kind, now)
            if seen is not None and seen.count > self._most:
                record.msg = f"{record.msg} (and {seen.count - self._most} more like this before)"
            return True
        seen.count += 1
        return seen.count <= self._most

    def _begin(self, kind: tuple[str, str], now: float) -> None:
        if len(self._seen) >= _KINDS:
            self._seen.clear()
        self._seen[kind] = _Seen(now, 1)
