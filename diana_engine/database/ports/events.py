"""What happened, for whoever wants to hear of it: once stored, in order, read after a cursor.

A subscriber reads on from its own cursor and moves it when it has dealt with what it read. What it could not deal with
becomes a delivery of its own, which waits to be tried again, and which holds back that player's later events for this
subscriber and nothing else.
"""

from __future__ import annotations

from typing import Literal, Protocol

from diana_engine.database.ports.plays import Json, PlayKey
from diana_engine.records import dataclass

__all__ = ["NOTHING", "Delivered", "EventDelivery", "Events", "NewEvent", "StoredEvent", "Subscription"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as a decision tells it: its typed name, and what there is to know of it."""

    name: str
    payload: Json = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is read.

    `position` grows along the whole store and is what cursors hold; within a play it follows the order of steps. `key` is unique
    in the play: ``sequence:n`` for the n-th event of a step, ``uID:n`` for that of a delivery that changed nothing.
    """

    position: int
    play: PlayKey
    sequence: int
    key: str
    event: NewEvent
    at: int

    @property
    def id(self) -> str:
        """The name of the event in the whole world, by which a receiver knows it again."""
        return f"{self.play.player}:{self.play.story}:{self.key}"


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """An event that a subscriber has not dealt with although its cursor is past it.

    ``waiting``: to be tried at `next_at`. ``parked``: given up, until an operator has it tried again.
    """

    subscriber: str
    event: StoredEvent
    state: Literal["waiting", "parked"]
    attempts: int
    next_at: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a subscriber made of events: which deliveries are done with, and which are to be kept."""

    done: tuple[int, ...] = ()
    kept: tuple[EventDelivery, ...] = ()


NOTHING = Delivered()
"""No delivery is touched."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """How far a subscriber has come, and which worker feeds it, until when; no `owner`: none does."""

    subscriber: str
    position: int
    owner: str = ""
    lease_until: int = 0


class Events(Protocol):
    """The events of all plays, and how far each subscriber has come."""

    async def end(self) -> int:
        """Return the position of the last event; 0 where there was none yet."""

    async def subscribe(self, subscriber: str, position: int) -> int:
        """Let a new subscriber begin after a position; return where it is, if it is not new."""

    async def hold(self, subscriber: str, owner: str, now: int, *, lease: int) -> bool:
        """Let a worker feed a subscriber, alone, until `lease` seconds from now; false while another one does, or there is none."""

    async def let_go(self, subscriber: str, owner: str) -> None:
        """Let another worker feed a subscriber that `owner` holds."""

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscribers, by name."""

    async def forget(self, subscriber: str) -> bool:
        """Forget a subscriber and its deliveries, so that events need not be kept for it; false if there is none."""

    async def read(self, after: int, limit: int) -> tuple[StoredEvent, ...]:
        """Return the events after a position, in order. None can appear later before one that was returned."""

    async def cursor(self, subscriber: str) -> int:
        """Return how far a subscriber has come; 0 if it is new."""

    async def advance(self, subscriber: str, position: int, outcome: Delivered = NOTHING) -> None:
        """Move a subscriber's cursor, never back, and note what became of deliveries: all or nothing.

        `outcome.done` are positions. Whoever only tries deliveries again passes the cursor as it is.
        """

    async def rewind(self, subscriber: str, position: int) -> None:
        """Set a subscriber's cursor, back too, and forget its deliveries: it hears all that follows once more."""

    async def due(self, subscriber: str, now: int, limit: int) -> tuple[EventDelivery, ...]:
        """Return the waiting deliveries that may be tried: of each play only the first that waits, if it is due."""

    async def waiting(self, subscriber: str) -> frozenset[PlayKey]:
        """Return the plays that have a waiting delivery: their later events must wait too."""

    async def parked(self, subscriber: str, limit: int) -> tuple[EventDelivery, ...]:
        """Return what was given up, oldest first."""

    async def lag(self, subscriber: str) -> int:
        """Return how many stored events lie after a subscriber's cursor."""
