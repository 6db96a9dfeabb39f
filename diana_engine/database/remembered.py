"""The plays that a store read or wrote last, so that their states need not be read from JSON again."""

from __future__ import annotations

from collections import OrderedDict

from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.errors import DianaError

__all__ = ["OvertakenError", "Remembered", "overtaken"]


class OvertakenError(Exception):
    """A play is not as it was read a moment ago: the lock of its row did not hold."""


def overtaken(place: str) -> DianaError:
    """Return what is told after the last try."""
    return DianaError(
        f"{place} was changed by another program each time a step was to be saved. "
        f"Nothing was changed; try again."
    )


class Remembered:
    """The plays that were read or written last, so that their states need not be read from JSON again.

    A sequence is never given twice, so a play of the same sequence is the same.
    """

    def __init__(self, keep: int = 4_096) -> None:
        self._keep = keep
        self._records: OrderedDict[PlayKey, PlayerRecord] = OrderedDict()

    def get(self, play: PlayKey, sequence: int) -> PlayerRecord | None:
        """Return a play if it is known as of that sequence."""
        record = self._records.get(play)
        if record is None or record.sequence != sequence:
            return None
        self._records.move_to_end(play)
        return record

    def put(self, record: PlayerRecord) -> None:
        """Remember a play as it is in the database."""
        self._records[record.play] = record
        self._records.move_to_end(record.play)
        if len(self._records) > self._keep:
            self._records.popitem(last=False)
