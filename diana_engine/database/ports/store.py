"""Everything that a runtime asks of a store, in one place."""

from __future__ import annotations

from typing import Protocol

from diana_engine.database.ports.decisions import PlayerStore
from diana_engine.database.ports.events import Events
from diana_engine.database.ports.history import History, Upkeep
from diana_engine.database.ports.outbox import Outbox
from diana_engine.database.ports.timers import Timers

__all__ = ["Store"]


class Store(Protocol):
    """A store of plays and of what follows from them."""

    @property
    def players(self) -> PlayerStore:
        """Plays, and the one way to change them."""

    @property
    def outbox(self) -> Outbox:
        """Messages that wait to be sent."""

    @property
    def timers(self) -> Timers:
        """What is to happen later."""

    @property
    def events(self) -> Events:
        """What happened."""

    @property
    def history(self) -> History:
        """The past of plays."""

    @property
    def upkeep(self) -> Upkeep:
        """Keeping the store small."""
