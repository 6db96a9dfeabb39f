"""What the health of a SQLite file means for its operator."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.database.upkeep.files import FileHealth
from diana_engine.runtime.doctor.model import Ailment

__all__ = ["FREE", "LOG", "examined_file"]

LOG = 64 * 2**20
"""Bytes of a write-ahead log from which on somebody must be reading without an end."""

FREE = 256 * 2**20
"""Bytes that should be free on the disk."""


def examined_file(health: FileHealth, place: str) -> Iterator[Ailment]:
    """Yield what an operator should do about a file."""
    if health.damage:
        words = (
            f"SQLite finds damage: {health.damage}. Put a backup in its place with `diana restore`."
        )
        yield Ailment("file", "error", place, words)
    if health.log > LOG:
        words = f"Its write-ahead log has {health.log / 2**20:,.0f} MiB: a program reads from it without an end."
        yield Ailment("file", "warning", place, words)
    if health.free < FREE:
        words = f"Only {health.free / 2**20:,.0f} MiB are free on its disk."
        yield Ailment("file", "warning", place, words)
