"""What subscribers could not deal with, and having it tried again."""

from __future__ import annotations

from dataclasses import replace

from diana_engine.database.ports.events import Delivered, Events

__all__ = ["replay"]

_MOST = 1_000
"""How many parked deliveries are tried again in one transaction."""


async def replay(
    events: Events, subscriber: str, now: int, only: frozenset[int] | None = None
) -> int:
    """Have parked deliveries of a subscriber tried again, from the first attempt on; return how many.

    `only` are positions. A player's later events that are not told yet wait for them; those that were, were told before.
    """
    count = 0
    while True:
        parked = await events.parked(subscriber, _MOST)
        chosen = [one for one in parked if only is None or one.event.position in only]
        if not chosen:
            return count
        again = tuple(replace(one, state="waiting", attempts=0, next_at=now) for one in chosen)
        await events.advance(subscriber, await events.cursor(subscriber), Delivered(kept=again))
        count += len(again)
