"""Events and subscribers in memory."""

from __future__ import annotations

from diana_engine.database.memory.tables import Door, Tables
from diana_engine.database.ports.events import (
    NOTHING,
    Delivered,
    EventDelivery,
    NewEvent,
    StoredEvent,
    Subscription,
)
from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.steps.written import EventRow, from_json, play_of

__all__ = ["MemoryEvents"]


class MemoryEvents:
    """`Events` in memory."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def end(self) -> int:
        """Return the position of the last event; 0 where there was none yet."""
        return await self._door.through(lambda tables: tables.last_event)

    async def subscribe(self, subscriber: str, position: int) -> int:
        """Let a new subscriber begin after a position; return where it is, if it is not new."""
        return await self._door.through(
            lambda tables: tables.cursors.setdefault(subscriber, position)
        )

    async def hold(self, subscriber: str, owner: str, now: int, *, lease: int) -> bool:
        """Let a worker feed a subscriber, alone, until `lease` seconds from now."""

        def work(tables: Tables) -> bool:
            holder, until = tables.feeders.get(subscriber, ("", 0))
            if subscriber not in tables.cursors or (holder != owner and until > now):
                return False
            tables.feeders[subscriber] = (owner, now + lease)
            return True

        return await self._door.through(work)

    async def let_go(self, subscriber: str, owner: str) -> None:
        """Let another worker feed a subscriber that `owner` holds."""

        def work(tables: Tables) -> None:
            if tables.feeders.get(subscriber, ("", 0))[0] == owner:
                del tables.feeders[subscriber]

        await self._door.through(work)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscribers, by name."""

        def work(tables: Tables) -> tuple[Subscription, ...]:
            return tuple(
                Subscription(name, position, *tables.feeders.get(name, ("", 0)))
                for name, position in sorted(tables.cursors.items())
            )

        return await self._door.through(work)

    async def forget(self, subscriber: str) -> bool:
        """Forget a subscriber and its deliveries."""

        def work(tables: Tables) -> bool:
            _drop_deliveries(tables, subscriber)
            tables.feeders.pop(subscriber, None)
            return tables.cursors.pop(subscriber, None) is not None

        return await self._door.through(work)

    async def read(self, after: int, limit: int) -> tuple[StoredEvent, ...]:
        """Return the events after a position, in order."""

        def work(tables: Tables) -> tuple[StoredEvent, ...]:
            later = [position for position in tables.events if position > after]
            return tuple(_stored(one, tables.events[one]) for one in later[:limit])

        return await self._door.through(work)

    async def cursor(self, subscriber: str) -> int:
        """Return how far a subscriber has come; 0 if it is new."""
        return await self._door.through(lambda tables: tables.cursors.get(subscriber, 0))

    async def advance(self, subscriber: str, position: int, outcome: Delivered = NOTHING) -> None:
        """Move a subscriber's cursor, never back, and note what became of deliveries."""

        def work(tables: Tables) -> None:
            before = tables.cursors.get(subscriber, 0)
            tables.cursors[subscriber] = max(before, position)
            for done in outcome.done:
                tables.deliveries.pop((subscriber, done), None)
            for kept in outcome.kept:
                tables.deliveries[subscriber, kept.event.position] = kept

        await self._door.through(work)

    async def rewind(self, subscriber: str, position: int) -> None:
        """Set a subscriber's cursor, back too, and forget its deliveries."""

        def work(tables: Tables) -> None:
            tables.cursors[subscriber] = position
            _drop_deliveries(tables, subscriber)

        await self._door.through(work)

    async def due(self, subscriber: str, now: int, limit: int) -> tuple[EventDelivery, ...]:
        """Return the waiting deliveries that may be tried: of each play only the first that waits, if it is due."""

        def work(tables: Tables) -> tuple[EventDelivery, ...]:
            first: dict[PlayKey, EventDelivery] = {}
            for one in _deliveries(tables, subscriber, "waiting"):
                first.setdefault(one.event.play, one)
            return tuple(one for one in first.values() if one.next_at <= now)[:limit]

        return await self._door.through(work)

    async def waiting(self, subscriber: str) -> frozenset[PlayKey]:
        """Return the plays that have a waiting delivery."""
        return await self._door.through(
            lambda tables: frozenset(
                one.event.play for one in _deliveries(tables, subscriber, "waiting")
            )
        )

    async def parked(self, subscriber: str, limit: int) -> tuple[EventDelivery, ...]:
        """Return what was given up, oldest first."""
        return await self._door.through(
            lambda tables: tuple(_deliveries(tables, subscriber, "parked")[:limit])
        )

    async def lag(self, subscriber: str) -> int:
        """Return how many stored events lie after a subscriber's cursor."""

        def work(tables: Tables) -> int:
            cursor = tables.cursors.get(subscriber, 0)
            return sum(position > cursor for position in tables.events)

        return await self._door.through(work)


def _drop_deliveries(tables: Tables, subscriber: str) -> None:
    for key in [key for key in tables.deliveries if key[0] == subscriber]:
        del tables.deliveries[key]


def _deliveries(tables: Tables, subscriber: str, state: str) -> list[EventDelivery]:
    mine = [one for key, one in tables.deliveries.items() if key[0] == subscriber]
    return sorted((one for one in mine if one.state == state), key=lambda one: one.event.position)


def _stored(position: int, row: EventRow) -> StoredEvent:
    key = row.key if row.key is not None else f"#{position}"
    event = NewEvent(row.name, from_json(row.payload), row.correlation)
    return StoredEvent(position, play_of(row.player, row.story), row.sequence, key, event, row.at)
