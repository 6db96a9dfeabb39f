"""The plays that a store read or wrote last, so that their states need not be read from JSON again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.steps.written import from_json
from diana_engine.errors import DianaError
from diana_engine.play.saved import decode_state

__all__ = ["Name", "OvertakenError", "Remembered", "overtaken"]


Name = tuple[str, str]
"""What a play is called in rows: the player, and the story. Quicker to look for than a `PlayKey`."""


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

    A sequence is given twice only to a play that was erased and begun again. So a play of the same sequence, which was saved at the
    same time, is the same.
    """

    def __init__(self, keep: int = 4_096) -> None:
        self._keep = keep
        self._records: OrderedDict[Name, PlayerRecord] = OrderedDict()

    def get(self, name: Name) -> PlayerRecord | None:
        """Return a play as it was when it was seen last, however long that is ago."""
        return self._records.get(name)

    def record(
        self, play: PlayKey, name: Name, row: Sequence[Any], seen: PlayerRecord | None
    ) -> PlayerRecord:
        """Return a play as a row has it: digest, sequence, time and state, which may be left out where it is as it was `seen`."""
        digest, sequence, updated_at, state = row
        if seen is not None and (seen.sequence, seen.updated_at) == (sequence, updated_at):
            return seen
        record = PlayerRecord(play, digest, sequence, decode_state(from_json(state)), updated_at)
        self.put(name, record)
        return record

    def put(self, name: Name, record: PlayerRecord) -> None:
        """Remember a play as it is in the database."""
        self._records[name] = record
        self._records.move_to_end(name)
        if len(self._records) > self._keep:
            self._records.popitem(last=False)
