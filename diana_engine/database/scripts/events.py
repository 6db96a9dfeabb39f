"""Events and subscribers, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diana_engine.database.ports.events import (
    NOTHING,
    Delivered,
    EventDelivery,
    NewEvent,
    StoredEvent,
    Subscription,
)
from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.scripts.script import Call, Runner, Script, Sql
from diana_engine.database.steps.written import from_json, plain, play_of

__all__ = ["SqlEvents"]

# PostgreSQL's numbers are given before a commit, so a lower one may appear after a higher one was read. What is visible
# and has no position is numbered when somebody reads, by one reader at a time: whatever becomes visible later comes after
# it. A play's own steps wait for each other, so their events become visible in order.
_ALONE = Sql("SELECT pg_advisory_xact_lock(6469616)", sqlite="SELECT 1")
_NUMBER = Sql(
    """
    UPDATE events SET position = numbered.position FROM (
        SELECT unread.id AS id, last.position + row_number() OVER (ORDER BY unread.id) AS position
        FROM events AS unread, (SELECT coalesce(max(position), 0) AS position FROM events) AS last
        WHERE unread.position IS NULL
    ) AS numbered WHERE events.id = numbered.id AND events.position IS NULL
    """,
    sqlite="SELECT 1",
)
_COLUMNS = "{at}, player, story, sequence, key, name, payload, correlation, at"


def _by_position(text: str) -> Sql:
    """Return a statement in which ``{at}`` is an event's position; in SQLite that is its number."""
    return Sql(text.replace("{at}", "events.position"), sqlite=text.replace("{at}", "events.id"))


_READ = _by_position(
    f"SELECT {_COLUMNS} FROM events WHERE {{at}} > :after ORDER BY {{at}} LIMIT :limit"
)
# Asked by every worker now and then, so both can be answered from an index.
_LAG = Sql(
    "SELECT count(*) FROM events WHERE position > :cursor OR position IS NULL",
    sqlite="SELECT count(*) FROM events WHERE id > :cursor",
)
_END = Sql(
    "SELECT coalesce(max(position), 0) FROM events",
    sqlite="SELECT coalesce(max(id), 0) FROM events",
)
_SUBSCRIBE = Sql("""
    INSERT INTO subscribers (subscriber, position) VALUES (:subscriber, :position)
    ON CONFLICT (subscriber) DO NOTHING
""")
_HOLD = Sql("""
    UPDATE subscribers SET owner = :owner, lease_until = :until
    WHERE subscriber = :subscriber AND (owner = :owner OR lease_until <= :now) RETURNING 1
""")
_LET_GO = Sql("""
    UPDATE subscribers SET owner = '', lease_until = 0
    WHERE subscriber = :subscriber AND owner = :owner
""")
_SUBSCRIPTIONS = Sql(
    "SELECT subscriber, position, owner, lease_until FROM subscribers ORDER BY subscriber"
)
_UNSUBSCRIBE = Sql("DELETE FROM subscribers WHERE subscriber = :subscriber RETURNING 1")
_CURSOR = Sql("SELECT position FROM subscribers WHERE subscriber = :subscriber")
_ADVANCE = Sql("""
    INSERT INTO subscribers (subscriber, position) VALUES (:subscriber, :position)
    ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position
    WHERE subscribers.position < excluded.position
""")
_REWIND = Sql("""
    INSERT INTO subscribers (subscriber, position) VALUES (:subscriber, :position)
    ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position
""")
_FORGET = Sql("DELETE FROM deliveries WHERE subscriber = :subscriber")
_DONE = Sql("DELETE FROM deliveries WHERE subscriber = :subscriber AND position = :position")
_KEEP = Sql("""
    INSERT INTO deliveries (subscriber, position, player, story, state, attempts, next_at, error)
    VALUES (:subscriber, :position, :player, :story, :state, :attempts, :next_at, :error)
    ON CONFLICT (subscriber, position) DO UPDATE SET state = excluded.state,
        attempts = excluded.attempts, next_at = excluded.next_at, error = excluded.error
""")
_KEPT = f"""
    SELECT {_COLUMNS.replace("player, story", "events.player, events.story")},
        kept.state, kept.attempts, kept.next_at, kept.error
    FROM deliveries AS kept JOIN events ON {{at}} = kept.position
    WHERE kept.subscriber = :subscriber AND kept.state = :state
"""
_DUE = _by_position(f"""{_KEPT} AND kept.next_at <= :now AND NOT EXISTS (
        SELECT 1 FROM deliveries AS earlier
        WHERE earlier.subscriber = :subscriber AND earlier.state = :state
        AND earlier.player = kept.player AND earlier.story = kept.story
        AND earlier.position < kept.position
    ) ORDER BY kept.position LIMIT :limit
""")
_PARKED = _by_position(f"{_KEPT} ORDER BY kept.position LIMIT :limit")
_WAITING = Sql("""
    SELECT DISTINCT player, story FROM deliveries WHERE subscriber = :subscriber AND state = 'waiting'
""")


class SqlEvents:
    """`Events` in SQL."""

    def __init__(self, runner: Runner, *, numbers: bool) -> None:
        self._runner = runner
        self._numbers = numbers

    async def end(self) -> int:
        """Return the position of the last event; 0 where there was none yet."""
        if self._numbers:
            return await self._runner.write(lambda: _end(numbers=True))
        return await self._runner.read(lambda: _end(numbers=False))

    async def subscribe(self, subscriber: str, position: int) -> int:
        """Let a new subscriber begin after a position; return where it is, if it is not new."""
        return await self._runner.write(lambda: _subscribe(subscriber, position))

    async def hold(self, subscriber: str, owner: str, now: int, *, lease: int) -> bool:
        """Let a worker feed a subscriber, alone, until `lease` seconds from now."""
        values = {"subscriber": subscriber, "owner": owner, "now": now, "until": now + lease}
        return await self._runner.write(lambda: _some(Call(_HOLD, values)))

    async def let_go(self, subscriber: str, owner: str) -> None:
        """Let another worker feed a subscriber that `owner` holds."""
        values = {"subscriber": subscriber, "owner": owner}
        await self._runner.write(lambda: _some(Call(_LET_GO, values)))

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscribers, by name."""
        return await self._runner.read(_subscriptions)

    async def forget(self, subscriber: str) -> bool:
        """Forget a subscriber and its deliveries."""
        return await self._runner.write(lambda: _forget(subscriber))

    async def read(self, after: int, limit: int) -> tuple[StoredEvent, ...]:
        """Return the events after a position, in order."""
        if self._numbers:
            return await self._runner.write(lambda: _read(after, limit, numbers=True))
        return await self._runner.read(lambda: _read(after, limit, numbers=False))

    async def cursor(self, subscriber: str) -> int:
        """Return how far a subscriber has come; 0 if it is new."""
        return await self._runner.read(lambda: _cursor(subscriber))

    async def advance(self, subscriber: str, position: int, outcome: Delivered = NOTHING) -> None:
        """Move a subscriber's cursor, never back, and note what became of deliveries: all or nothing."""
        await self._runner.write(lambda: _advance(subscriber, position, outcome))

    async def rewind(self, subscriber: str, position: int) -> None:
        """Set a subscriber's cursor, back too, and forget its deliveries."""
        await self._runner.write(lambda: _rewind(subscriber, position))

    async def due(self, subscriber: str, now: int, limit: int) -> tuple[EventDelivery, ...]:
        """Return the waiting deliveries that may be tried: of each play only the first that waits, if it is due."""
        values = {"subscriber": subscriber, "state": "waiting", "now": now, "limit": limit}
        return await self._runner.read(lambda: _kept(Call(_DUE, values)))

    async def waiting(self, subscriber: str) -> frozenset[PlayKey]:
        """Return the plays that have a waiting delivery."""
        return await self._runner.read(lambda: _waiting(subscriber))

    async def parked(self, subscriber: str, limit: int) -> tuple[EventDelivery, ...]:
        """Return what was given up, oldest first."""
        values = {"subscriber": subscriber, "state": "parked", "limit": limit}
        return await self._runner.read(lambda: _kept(Call(_PARKED, values)))

    async def lag(self, subscriber: str) -> int:
        """Return how many stored events lie after a subscriber's cursor."""
        return await self._runner.read(lambda: _lag(subscriber))


def _read(after: int, limit: int, *, numbers: bool) -> Script[tuple[StoredEvent, ...]]:
    if numbers:
        yield Call(_ALONE, {})
        yield Call(_NUMBER, {})
    rows = yield Call(_READ, {"after": after, "limit": limit})
    return tuple(_event(row) for row in rows)


def _end(*, numbers: bool) -> Script[int]:
    if numbers:
        yield Call(_ALONE, {})
        yield Call(_NUMBER, {})
    rows = yield Call(_END, {})
    return int(rows[0][0])


def _subscribe(subscriber: str, position: int) -> Script[int]:
    yield Call(_SUBSCRIBE, {"subscriber": subscriber, "position": position})
    return (yield from _cursor(subscriber))


def _some(call: Call) -> Script[bool]:
    rows = yield call
    return bool(rows)


def _subscriptions() -> Script[tuple[Subscription, ...]]:
    rows = yield Call(_SUBSCRIPTIONS, {})
    return tuple(Subscription(*row) for row in rows)


def _forget(subscriber: str) -> Script[bool]:
    yield Call(_FORGET, {"subscriber": subscriber})
    return (yield from _some(Call(_UNSUBSCRIBE, {"subscriber": subscriber})))


def _cursor(subscriber: str) -> Script[int]:
    rows = yield Call(_CURSOR, {"subscriber": subscriber})
    return rows[0][0] if rows else 0


def _advance(subscriber: str, position: int, outcome: Delivered) -> Script[None]:
    yield Call(_ADVANCE, {"subscriber": subscriber, "position": position})
    for done in outcome.done:
        yield Call(_DONE, {"subscriber": subscriber, "position": done})
    for kept in outcome.kept:
        values = {
            "subscriber": subscriber, "position": kept.event.position,
            "player": str(kept.event.play.player), "story": kept.event.play.story,
            "state": kept.state, "attempts": kept.attempts, "next_at": kept.next_at,
            "error": plain(kept.error),
        }  # fmt: skip
        yield Call(_KEEP, values)


def _rewind(subscriber: str, position: int) -> Script[None]:
    yield Call(_REWIND, {"subscriber": subscriber, "position": position})
    yield Call(_FORGET, {"subscriber": subscriber})


def _kept(call: Call) -> Script[tuple[EventDelivery, ...]]:
    rows = yield call
    subscriber = call.values["subscriber"]
    return tuple(EventDelivery(subscriber, _event(row), *row[-4:]) for row in rows)


def _waiting(subscriber: str) -> Script[frozenset[PlayKey]]:
    rows = yield Call(_WAITING, {"subscriber": subscriber})
    return frozenset(play_of(row[0], row[1]) for row in rows)


def _lag(subscriber: str) -> Script[int]:
    cursor = yield from _cursor(subscriber)
    rows = yield Call(_LAG, {"cursor": cursor})
    return int(rows[0][0])


def _event(row: Sequence[Any]) -> StoredEvent:
    position, player, story, sequence, key, name, payload, correlation, at = row[:9]
    event = NewEvent(name, from_json(payload), correlation)
    key = f"#{position}" if key is None else key
    return StoredEvent(position, play_of(player, story), sequence, key, event, at)
