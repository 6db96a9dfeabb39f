"""Telling those who listen that everything was looked at, and how much did not agree."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.database.ports.decisions import Decision, PlayerStore
from diana_engine.database.ports.plays import PlayerKey, PlayKey
from diana_engine.program.model import StoryId
from diana_engine.runtime.doctor.visit import Examined
from diana_engine.runtime.events.catalogue import ConsistencyCheck, as_event

__all__ = ["DOCTOR", "tell"]

DOCTOR = PlayKey(PlayerKey("diana", "doctor"), StoryId("*"))
"""Whose event it is: nobody's who plays, and no one story's."""


async def tell(players: PlayerStore, plays: int, found: Sequence[Examined]) -> None:
    """Tell of a visit in which so many plays were looked at.

    Raises:
        DianaError: the database cannot be written.
    """
    mended = sum(one.mended for one in found)
    event = as_event(ConsistencyCheck(plays, len(found), mended), "doctor")
    await players.step(DOCTOR, None, lambda _: Decision("checked", events=(event,)))
