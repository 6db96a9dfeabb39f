"""What shall come of a delivery, as the rules decide it, and what came of it, as the store tells it.

A step is one call: `PlayerStore.step` takes a plain function that decides. It runs inside the transaction, so it must
be pure and quick, and never wait: a store may run it again (after losing a race), and on whichever thread it keeps
its transactions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol

from diana_engine.database.ports.events import NewEvent
from diana_engine.database.ports.outbox import Message
from diana_engine.database.ports.plays import Json, PlayerRecord, PlayKey, UpdateId
from diana_engine.database.ports.timers import Fired, TimerChange
from diana_engine.play.state import PlayerState
from diana_engine.records import dataclass

__all__ = ["Decide", "Decision", "Delivery", "Entitlement", "Entry", "Failure", "LedgerError", "Note", "PlayerStore", "Save", "Stored"]  # fmt: skip

Delivery = UpdateId | Fired
"""What makes a step happen at most once: the channel's number of an update, or the timer that fired."""


@dataclass(frozen=True, slots=True)
class Save:
    """The state to be saved, the version it is played on, and for the step log what led to it and when.

    From version, `action` (as JSON), `now` and the state's seed, the step can be made again.
    """

    digest: str
    state: PlayerState
    action: Json = None
    now: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of points, never 0. The balance of points is the sum of its entries, and never below 0.

    `key` names the reason once for all in the play, so that nothing is awarded twice; without one it is
    ``sequence:n``, for which a step must be saved. `reason` is for people.
    """

    points: str
    amount: int
    reason: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a play is entitled to, such as ``vip``, until a time in seconds since 1970; it replaces what was there."""

    kind: str
    until: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the audit log: who did what to whom."""

    actor: str
    action: str
    subject: str = ""
    detail: Json = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall come of a delivery: a word for the inbox, a state if anything changed, and what follows from it."""

    result: str
    save: Save | None = None
    entries: tuple[Entry, ...] = ()
    events: tuple[NewEvent, ...] = ()
    messages: tuple[Message, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    notes: tuple[Note, ...] = ()


Decide = Callable[[PlayerRecord | None], Decision]


@dataclasses.dataclass(frozen=True, slots=True)  # for a field that is not compared
class Stored:
    """What came of a delivery, and the play as it is now.

    `repeated` says that this delivery had been handled before: then `result` is what was recorded (empty for a
    timer), nothing changed, and `decide` was not asked. `messages` counts what waits to be sent because of it.
    """

    result: str
    record: PlayerRecord | None
    repeated: bool = False
    messages: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that raised an error of ours; `told` is the event that tells of it if it is given up."""

    delivery: Delivery
    error: str
    told: NewEvent


class LedgerError(Exception):
    """A decision would break the ledger: a mistake of ours. Nothing of it was done."""


class PlayerStore(Protocol):
    """Plays, and the deliveries that were handled."""

    async def step(self, play: PlayKey, delivery: Delivery | None, decide: Decide, /) -> Stored:
        """Handle one delivery in one transaction; once this returns, it is durable.

        Steps of one play never overlap, whatever the number of processes. An exception out of `decide` undoes
        everything, the delivery's record too, and comes out unchanged. Without a delivery nothing is recorded, and
        only the sequence protects against a repetition.

        Raises:
            LedgerError: points would fall below 0, or a key of an entry is there already.
            DianaError: the database cannot be reached or written; nothing was changed, unless the connection broke
                while it committed. The same delivery can then be handed in again.
        """

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play without locking it."""

    async def park(self, play: PlayKey, failure: Failure, /, *, after: int) -> bool:
        """Note that a delivery failed; return whether it was given up.

        At the `after`-th time it is recorded as handled, with the result ``parked``, so that it is repeated from then on; and
        in the same transaction it is told, once. What somebody else has handled meanwhile is not given up, and nothing is told.
        """
