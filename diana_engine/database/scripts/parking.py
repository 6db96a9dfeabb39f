"""Deliveries that raise an error of ours each time, in SQL."""

from __future__ import annotations

from typing import assert_never

from diana_engine.database.ports.decisions import Delivery
from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.ports.timers import Fired
from diana_engine.database.scripts.script import Call, Script, Sql
from diana_engine.database.settle import delivery_name
from diana_engine.database.written import plain

__all__ = ["park"]

_PARK = Sql("""
    INSERT INTO parked (player, story, delivery, attempts, error, at, given_up)
    VALUES (:player, :story, :delivery, 1, :error, :now, :last)
    ON CONFLICT (player, story, delivery) DO UPDATE SET attempts = parked.attempts + 1,
        error = excluded.error, at = excluded.at, given_up = parked.attempts + 1 >= :after
    RETURNING given_up
""")
_HANDLED = Sql("""
    INSERT INTO inbox (player, update_id, result, received_at)
    VALUES (:player, :delivery, 'parked', :now) ON CONFLICT (player, update_id) DO NOTHING
""")
_VOID = Sql("DELETE FROM timers WHERE player = :player AND story = :story AND key = :delivery")


def park(play: PlayKey, delivery: Delivery, error: str, after: int, now: int) -> Script[bool]:
    """Count a failure; at the `after`-th, record the delivery as handled and return true."""
    player, story = str(play.player), play.story
    values = {
        "player": player, "story": story, "delivery": delivery_name(delivery),
        "error": plain(error), "now": now, "after": after, "last": after <= 1,
    }  # fmt: skip
    rows = yield Call(_PARK, values)
    if not rows[0][0]:
        return False
    match delivery:
        case Fired(key, _):
            yield Call(_VOID, {"player": player, "story": story, "delivery": key})
        case int():
            yield Call(_HANDLED, {"player": player, "delivery": delivery, "now": now})
        case _:
            assert_never(delivery)
    return True
