"""What follows from a player's being carried over to another version: pure, and stored with the touch that caused it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from diana_engine.database.port import Entitlement, Entry
from diana_engine.expressions.terms import Value, VariableId
from diana_engine.play.actions import Continue
from diana_engine.play.events import ItemChanged, ValueChanged
from diana_engine.play.state import Moment
from diana_engine.runtime.deciding.consequences import Consequences, posted
from diana_engine.runtime.events import catalogue as told
from diana_engine.runtime.events.catalogue import Happening, as_event
from diana_engine.runtime.events.happened import Happened, happened
from diana_engine.runtime.scheduler.timing import VIP, Standing, timer_changes
from diana_engine.runtime.versions.following import Followed

__all__ = ["arrival", "left_behind"]

_REASON = "version"


def arrival(moved: Followed, moment: Moment, correlation: str | None = None) -> Consequences:
    """Return the entries, events, timers and entitlements that come of being carried over."""
    happenings = tuple(_told(moved, moment))
    before, now = moved.before, moved.now
    until = now.state.vip_until
    return Consequences(
        tuple(posted(happenings)),
        tuple(as_event(one, correlation) for one in happenings),
        timer_changes(
            Standing(moved.way.match.old, before.state, before.updated_at),
            Standing(moved.program, now.state, moment.now),
        ),
        () if until == before.state.vip_until else (Entitlement(VIP, until, "story"),),
    )


def left_behind(
    points: Mapping[VariableId, Value], known: Container[VariableId]
) -> tuple[Entry, ...]:
    """Return the entries that give back the points of an old play which the version of the new one does not know."""
    return tuple(
        Entry(name, -held, "start")
        for name, held in points.items()
        if name not in known and isinstance(held, int) and held
    )


def _told(moved: Followed, moment: Moment) -> Iterator[Happening]:
    before, now = moved.before, moved.now
    yield told.VersionChanged(before.digest, now.digest, now.state.fragment)
    for change in moved.carried.booked:
        match change:
            case ValueChanged(points, int(had), int(has)) if has > had:
                yield told.PointsAwarded(points, has - had, has, _REASON)
            case ValueChanged(points, int(had), int(has)):
                yield told.PointsSpent(points, had - has, has, _REASON)
            case ItemChanged(item, held, holds):
                yield told.ItemChanged(item, held, holds)
            case _:
                raise AssertionError(f"{change} is no points")
    if moved.carried.events:
        # Whoever entered another fragment did so as by going on.
        entered = Happened(
            moved.program, Continue(), before.state, now.state, moved.carried.events, moment
        )
        _interaction, *rest = happened(entered)
        yield from rest
