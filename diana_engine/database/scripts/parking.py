"""Deliveries that raise an error of ours each time, in SQL."""

from __future__ import annotations

from typing import assert_never

from diana_engine.database.ports.decisions import Delivery, Failure
from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.scripts.script import Call, Script, Sql
from diana_engine.database.steps.settle import delivery_mark, delivery_name
from diana_engine.database.steps.written import as_json, plain

__all__ = ["park"]

_PARK = Sql("""
    INSERT INTO parked (player, story, delivery, attempts, error, at, given_up)
    VALUES (:player, :story, :delivery, 1, :error, :now, false)
    ON CONFLICT (player, story, delivery) DO UPDATE SET attempts = parked.attempts + 1,
        error = excluded.error, at = excluded.at
    RETURNING attempts, given_up
""")
_GIVE_UP = Sql("""
    UPDATE parked SET given_up = true WHERE player = :player AND story = :story AND delivery = :delivery
""")
_HANDLED = Sql("""
    INSERT INTO inbox (player, update_id, result, received_at)
    VALUES (:player, :delivery, 'parked', :now) ON CONFLICT (player, update_id) DO NOTHING
    RETURNING update_id
""")
# One that was set for another time since then is another timer.
_VOID = Sql("""
    DELETE FROM timers
    WHERE player = :player AND story = :story AND key = :delivery AND due_at = :due_at
    RETURNING key
""")
_TELL = Sql("""
    INSERT INTO events (player, story, sequence, key, name, payload, correlation, at) VALUES (
        :player, :story,
        coalesce((SELECT sequence FROM players WHERE player = :player AND story = :story), 0),
        :key, :name, :payload, :correlation, :now
    ) ON CONFLICT (player, story, key) DO NOTHING
""")


def park(play: PlayKey, failure: Failure, after: int, now: int) -> Script[bool]:
    """Count a failure; at the `after`-th, record the delivery as handled, tell of it, and return true.

    What somebody else has handled meanwhile is not given up.
    """
    of_play = {"player": str(play.player), "story": play.story}
    delivery = {**of_play, "delivery": delivery_name(failure.delivery)}
    rows = yield Call(_PARK, {**delivery, "error": plain(failure.error), "now": now})
    attempts, given_up = rows[0]
    if given_up or attempts < after:
        return bool(given_up)
    ended = yield _end(of_play, failure.delivery, now)
    if not ended:
        return False
    yield Call(_GIVE_UP, delivery)
    yield _tell(of_play, failure, now)
    return True


def _end(of_play: dict[str, str], delivery: Delivery, now: int) -> Call:
    match delivery:
        case Fired(key, due_at):
            return Call(_VOID, {**of_play, "delivery": key, "due_at": due_at})
        case int():
            return Call(_HANDLED, {**of_play, "delivery": delivery, "now": now})
        case _:
            assert_never(delivery)


def _tell(of_play: dict[str, str], failure: Failure, now: int) -> Call:
    told = failure.told
    values = {
        **of_play, "key": f"{delivery_mark(failure.delivery, now)}:0", "name": told.name,
        "payload": as_json(told.payload), "correlation": told.correlation, "now": now,
    }  # fmt: skip
    return Call(_TELL, values)
