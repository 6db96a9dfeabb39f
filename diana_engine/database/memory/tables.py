"""The rows of the store in memory, and one door through which all of them are reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from diana_engine.database.ports.decisions import LedgerError
from diana_engine.database.ports.events import EventDelivery
from diana_engine.database.ports.history import ParkedDelivery
from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.steps.written import (
    EntitlementRow,
    EntryRow,
    EventRow,
    LogRow,
    MessageRow,
    NoteRow,
    TimerRow,
    Written,
)

__all__ = ["Door", "KeptChannel", "KeptMessage", "KeptTimer", "Tables"]

Result = TypeVar("Result")
Pause = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class KeptMessage:
    """A message with its fate."""

    id: int
    row: MessageRow
    due_at: int
    state: str = "ready"
    owner: str = ""
    lease_until: int = 0
    attempts: int = 0
    unknowns: int = 0
    message_id: int | None = None
    done_at: int = 0
    error: str = ""
    returned: bool = False


@dataclass(slots=True)
class KeptChannel:
    """What all who send for a channel keep to."""

    bulk_mark: int = 0
    closed_from: int = 0
    closed_until: int = 0


@dataclass(slots=True)
class KeptTimer:
    """A timer with whoever holds it."""

    row: TimerRow
    free_at: int
    owner: str = ""
    lease_until: int = 0
    attempts: int = 0


@dataclass
class Tables:
    """Everything that is stored. Positions of events are their index from 1."""

    records: dict[PlayKey, PlayerRecord] = field(default_factory=dict)
    handled: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    log: list[LogRow] = field(default_factory=list)
    entries: dict[tuple[str, str, str], EntryRow] = field(default_factory=dict)
    balances: dict[tuple[str, str, str], int] = field(default_factory=dict)
    events: dict[int, EventRow] = field(default_factory=dict)
    event_keys: set[tuple[str, str, str]] = field(default_factory=set)
    last_event: int = 0
    messages: dict[int, KeptMessage] = field(default_factory=dict)
    last_message: int = 0
    timers: dict[tuple[str, str, str], KeptTimer] = field(default_factory=dict)
    entitlements: dict[tuple[str, str, str], EntitlementRow] = field(default_factory=dict)
    notes: list[NoteRow] = field(default_factory=list)
    parked: dict[tuple[PlayKey, str], ParkedDelivery] = field(default_factory=dict)
    paused: dict[tuple[str, str], str] = field(default_factory=dict)
    channels: dict[str, KeptChannel] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    feeders: dict[str, tuple[str, int]] = field(default_factory=dict)
    deliveries: dict[tuple[str, int], EventDelivery] = field(default_factory=dict)

    def write(self, play: PlayKey, record: PlayerRecord | None, written: Written) -> None:
        """Add the rows of one step, all or nothing.

        Raises:
            LedgerError: points would fall below 0, or a key is there already.
        """
        self._check(written)
        if record is not None:
            self.records[play] = record
        for delivery in written.inbox:
            self.handled[delivery.player, delivery.update_id] = (
                delivery.result,
                delivery.received_at,
            )
        self.log += written.log
        self.entries.update(((row.player, row.story, row.key), row) for row in written.entries)
        for account, amount in written.balances.items():
            self.balances[account] = self.balances.get(account, 0) + amount
        for event in written.events:
            self.add_event(event)
        for message in written.messages:
            self.last_message += 1
            self.messages[self.last_message] = KeptMessage(
                self.last_message, message, message.due_at
            )
        for key, timer in written.timers.items():
            self.timers.pop(key, None)
            if timer is not None:
                self.timers[key] = KeptTimer(timer, timer.due_at)
        self.entitlements.update(written.entitlements)
        self.notes += written.notes

    def add_event(self, event: EventRow) -> None:
        """Add an event at the end."""
        self.last_event += 1
        self.events[self.last_event] = event
        if event.key is not None:
            self.event_keys.add((event.player, event.story, event.key))

    def _check(self, written: Written) -> None:
        for row in written.entries:
            if (row.player, row.story, row.key) in self.entries:
                raise LedgerError(f"the key {row.key} is there already")
        if len({row.key for row in written.entries}) < len(written.entries):
            raise LedgerError("two entries of a step have one key")
        for account, amount in written.balances.items():
            if self.balances.get(account, 0) + amount < 0:
                raise LedgerError(f"{account[2]} would fall below 0")
        for event in written.events:
            assert (event.player, event.story, event.key) not in self.event_keys, "an event is once"


class Door:
    """Makes every call wait before and after, as a database would. What it does is done at once: all are in one thread."""

    def __init__(self, tables: Tables, pause: Pause | None) -> None:
        self._tables = tables
        self._pause = pause

    async def through(self, work: Callable[[Tables], Result]) -> Result:
        """Do `work` on the tables, all at once; who is cancelled meanwhile does not know whether it was done."""
        if self._pause is None:
            return work(self._tables)
        await self._pause()
        result = work(self._tables)
        await self._pause()
        return result
