"""What stays of a play's past: its steps, its ledger, what failed; and what is done to keep a store small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from diana_engine.database.ports.decisions import Entitlement, Entry, Note
from diana_engine.database.ports.plays import Json, PlayKey

__all__ = ["Audited", "History", "LoggedStep", "ParkedDelivery", "Posted", "Purged", "Upkeep"]


@dataclass(frozen=True, slots=True)
class LoggedStep:
    """A step as it was logged; `state_digest` names the state that it led to.

    `delivery` is such as ``77`` for an update and ``timer:KEY@DUE`` for a timer.
    """

    sequence: int
    delivery: str | None
    digest: str
    action: Json
    now: int
    seed: int
    state_digest: str


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry of the ledger as it was stored; its `entry.key` is never `None`."""

    entry: Entry
    sequence: int
    at: int


@dataclass(frozen=True, slots=True)
class Audited:
    """A line of the audit log as it was stored."""

    id: int
    note: Note
    at: int


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """A delivery that raised an error each time, for an operator."""

    play: PlayKey
    delivery: str
    attempts: int
    error: str
    at: int
    given_up: bool


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows a purge took away."""

    inbox: int = 0
    outbox: int = 0
    events: int = 0


class History(Protocol):
    """The past of plays."""

    async def steps(
        self, play: PlayKey, after: int = 0, limit: int = 1_000
    ) -> tuple[LoggedStep, ...]:
        """Return a play's steps after a sequence, in order."""

    async def ledger(self, play: PlayKey) -> tuple[Posted, ...]:
        """Return a play's entries, in order."""

    async def balances(self, play: PlayKey) -> dict[str, int]:
        """Return a play's points as the ledger knows them."""

    async def entitlements(self, play: PlayKey) -> tuple[Entitlement, ...]:
        """Return what a play is entitled to, by kind."""

    async def parked(self, limit: int) -> tuple[ParkedDelivery, ...]:
        """Return the deliveries that raised errors, newest first."""

    async def audit(self, note: Note) -> None:
        """Append a line to the audit log."""

    async def audited(self, after: int = 0, limit: int = 1_000) -> tuple[Audited, ...]:
        """Return lines of the audit log, in order."""


class Upkeep(Protocol):
    """What is done now and then, and never in a hurry."""

    async def purge(self, *, inbox: int, outbox: int, events: int) -> Purged:
        """Remove what is older than these times: handled deliveries, messages that are done, events all subscribers are past."""

    async def checkpoint(self) -> int:
        """Bring the files in order, where there are any; return the bytes of a write-ahead log that are left."""
