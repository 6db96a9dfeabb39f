"""Plays in memory."""

from __future__ import annotations

from diana_engine.database.memory.tables import Door, Tables
from diana_engine.database.ports.decisions import Decide, Decision, Delivery, Stored
from diana_engine.database.ports.history import ParkedDelivery
from diana_engine.database.ports.plays import Clock, PlayerRecord, PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.settle import Found, Order, delivery_name, settle
from diana_engine.database.written import Written

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

    async def park(self, play: PlayKey, delivery: Delivery, error: str, /, *, after: int) -> bool:
        """Note that a delivery raised an error; return whether it was given up."""
        return await self._door.through(
            lambda tables: _park(
                tables, Order(play, delivery, _nobody), error, after, self._clock()
            )
        )

    def _step(self, tables: Tables, order: Order) -> Stored:
        written = Written()
        stored = settle(order, _found(tables, order), self._clock(), written)
        if written:
            tables.write(order.play, stored.record, written)
        return stored


def _nobody(_record: PlayerRecord | None) -> Decision:
    raise AssertionError("a delivery that is parked is not decided")


def _found(tables: Tables, order: Order) -> Found:
    found = Found()
    record = tables.records.get(order.play)
    if record is not None:
        found.records[order.play] = record
    match order.delivery:
        case Fired(key, _):
            timer = tables.timers.get((order.player, order.play.story, key))
            if timer is not None:
                found.timers[order.play, key] = timer.row.due_at
        case int(update) if (order.player, update) in tables.handled:
            found.handled[order.player, update] = tables.handled[order.player, update][0]
        case _:
            pass
    return found


def _park(tables: Tables, order: Order, error: str, after: int, now: int) -> bool:
    delivery, name = order.delivery, delivery_name(order.delivery)
    assert delivery is not None
    assert name is not None
    before = tables.parked.get((order.play, name))
    attempts = 1 if before is None else before.attempts + 1
    given_up = attempts >= after
    tables.parked[order.play, name] = ParkedDelivery(
        order.play, name, attempts, error, now, given_up
    )
    if given_up:
        match delivery:
            case Fired(key, _):
                tables.timers.pop((order.player, order.play.story, key), None)
            case update:
                tables.handled.setdefault((order.player, update), ("parked", now))
    return given_up
