"""Who listens, and what one is told."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from inspect import iscoroutinefunction

from diana_engine.database.ports.events import StoredEvent
from diana_engine.database.ports.plays import Json
from diana_engine.errors import DianaError
from diana_engine.runtime.events.catalogue import CATALOGUE, Happening, read_event

__all__ = ["EVERYTHING", "Event", "Handle", "Subscriber", "event_of", "without_twins"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,99}")

EVERYTHING: frozenset[str] = frozenset()
"""What a subscriber names who wants every event."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a subscriber is told of it.

    `id` is its own in the whole world: what comes again has the same. `player` is such as ``telegram:42/7``. `sequence` counts the
    steps of the play, `position` the events of all. `at` is in seconds since 1970 in UTC. `correlation` names what caused it, such as ``update:77``,
    and is the same in the log. `what` is the payload in its type of the catalogue, `None` where this version does not know it.
    """

    id: str
    name: str
    payload: Json
    player: str
    story: str
    sequence: int
    position: int
    at: int
    correlation: str | None
    what: Happening | None


Handle = Callable[[Event], Awaitable[object]]
"""Deals with an event. What it raises means "not yet": it is called again with the same event, later."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who listens.

    - `name`: under it the database remembers how far the subscriber has come, so it must stay.
    - `handle`: an `async` function, which must not block; it is given `limit` seconds.
    - `wants`: the names of the events to be told, or `EVERYTHING`.
    - `hands`: how many events are told at the same time, of different players.
    - `from_the_beginning`: whether a new subscriber is told what happened before it was there, as far as that is kept.

    Raises:
        DianaError: it cannot be one.
    """

    name: str
    handle: Handle
    wants: frozenset[str] = EVERYTHING
    hands: int = 1
    limit: float = field(default=10.0, kw_only=True)
    from_the_beginning: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise DianaError(
                f"A subscriber cannot be called {self.name!r}. A name is small letters, digits, `_`, `.`, `:` and `-`."
            )
        call = getattr(self.handle, "__call__", None)  # noqa: B004 - an object may be called by an async method
        if not (iscoroutinefunction(self.handle) or iscoroutinefunction(call)):
            raise DianaError(
                f"The subscriber `{self.name}` deals with events by a plain function, which would hold up the whole bot. "
                "Write `async def`."
            )
        if unknown := sorted(self.wants - CATALOGUE.keys()):
            raise DianaError(_unknown(self.name, unknown[0]))
        if self.hands < 1 or self.limit <= 0:
            raise DianaError(f"The subscriber `{self.name}` needs a hand and some time.")


def _unknown(subscriber: str, name: str) -> str:
    from diana_engine.diagnostics.suggest import closest

    meant = closest(name, CATALOGUE)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return f"The subscriber `{subscriber}` wants the event `{name}`, which does not exist.{hint}"


def event_of(stored: StoredEvent) -> Event:
    """Return what a subscriber is told of a stored event."""
    return Event(
        stored.id,
        stored.event.name,
        stored.event.payload,
        str(stored.play.player),
        stored.play.story,
        stored.sequence,
        stored.position,
        stored.at,
        stored.event.correlation,
        read_event(stored.event),
    )


def without_twins(subscribers: tuple[Subscriber, ...]) -> tuple[Subscriber, ...]:
    """Return the subscribers.

    Raises:
        DianaError: two have one name, so that each would miss what the other was told.
    """
    names = [one.name for one in subscribers]
    for name in names:
        if names.count(name) > 1:
            raise DianaError(f"Two subscribers are called `{name}`. Give one of them another name.")
    return subscribers
