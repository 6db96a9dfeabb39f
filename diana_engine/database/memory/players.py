"""Plays in memory."""

from __future__ import annotations

from diana_engine.database.memory.tables import Door, Tables
from diana_engine.database.ports.decisions import Decide, Delivery, Failure, Stored
from diana_engine.database.ports.history import ParkedDelivery
from diana_engine.database.ports.plays import Clock, PlayerRecord, PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.steps.settle import Found, Order, delivery_mark, delivery_name, settle
from diana_engine.database.steps.written import EventRow, Written, as_json

__all__ = ["MemoryPlayers"]


class MemoryPlayers:
    """A `PlayerStore` in memory."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def step(self, play: PlayKey, delivery: Delivery | None, decide: Decide, /) -> Stored:
        """Handle one delivery."""
        order = Order(play, delivery, decide)
        return await self._door.through(lambda tables: self._step(tables, order))

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play."""
        return await self._door.through(lambda tables: tables.records.get(play))

    async def park(self, play: PlayKey, failure: Failure, /, *, after: int) -> bool:
        """Note that a delivery failed; return whether it was given up."""
        return await self._door.through(
            lambda tables: _park(tables, play, failure, after, self._clock())
        )

    def _step(self, tables: Tables, order: Order) -> Stored:
        written = Written()
        stored = settle(order, _found(tables, order), self._clock(), written)
        if written:
            tables.write(order.play, stored.record, written)
        return stored


def _found(tables: Tables, order: Order) -> Found:
    found = Found()
    record = tables.records.get(order.play)
    if record is not None:
        found.records[order.name] = record
    match order.delivery:
        case Fired(key, _):
            timer = tables.timers.get((order.player, order.play.story, key))
            if timer is not None:
                found.timers[(*order.name, key)] = timer.row.due_at
        case int(update) if (order.player, update) in tables.handled:
            found.handled[order.player, update] = tables.handled[order.player, update][0]
        case _:
            pass
    return found


def _park(tables: Tables, play: PlayKey, failure: Failure, after: int, now: int) -> bool:
    name = delivery_name(failure.delivery)
    assert name is not None
    before = tables.parked.get((play, name))
    attempts = 1 if before is None else before.attempts + 1
    was_given_up = before is not None and before.given_up
    ends = not was_given_up and attempts >= after and _end(tables, play, failure.delivery, now)
    given_up = was_given_up or ends
    tables.parked[play, name] = ParkedDelivery(play, name, attempts, failure.error, now, given_up)
    if ends:
        _tell(tables, play, failure, now)
    return given_up


def _end(tables: Tables, play: PlayKey, delivery: Delivery, now: int) -> bool:
    """Have a delivery not come again; false where somebody has handled it meanwhile."""
    match delivery:
        case Fired(key, due_at):
            timer = tables.timers.get((str(play.player), play.story, key))
            if timer is None or timer.row.due_at != due_at:
                return False
            del tables.timers[str(play.player), play.story, key]
        case update:
            handled = (str(play.player), update)
            if handled in tables.handled:
                return False
            tables.handled[handled] = ("parked", now)
    return True


def _tell(tables: Tables, play: PlayKey, failure: Failure, now: int) -> None:
    player, told, record = str(play.player), failure.told, tables.records.get(play)
    key = f"{delivery_mark(failure.delivery, now)}:0"
    if (player, play.story, key) not in tables.event_keys:
        sequence = 0 if record is None else record.sequence
        row = EventRow(
            player, play.story, sequence, key, told.name, as_json(told.payload), told.correlation, now
        )  # fmt: skip
        tables.add_event(row)
