"""Putting items together: what a player holds becomes something else, wherever the story rests."""

from __future__ import annotations

from collections import Counter

from diana_engine.play.events import Combined, Refused
from diana_engine.play.walk import Walk
from diana_engine.program.model import Ending
from diana_engine.program.systems import Combination, CombinationId

__all__ = ["combine", "possible"]


def possible(walk: Walk) -> tuple[Combination, ...]:
    """Return what the player can put together now, in the order of the manifest."""
    if _is_over(walk):
        return ()
    return tuple([one for one in walk.program.combinations if _can_be_made(one, walk)])


def combine(walk: Walk, id: CombinationId) -> Refused | None:
    """Put items together, or say why that is not possible: the items are missing, or no more of the result can be held."""
    if _is_over(walk):
        return Refused("over")
    found = next((one for one in walk.program.combinations if one.id == id), None)
    if found is None:
        return Refused("no such combination")
    if not _can_be_made(found, walk):
        return Refused("items")
    walk.events.append(Combined(id))
    for item in found.of:
        walk.set_item(item, walk.items[item] - 1)
    walk.set_item(found.gives, walk.items.get(found.gives, 0) + 1)
    walk.said, walk.combined = None, id if found.say is not None else None
    return None


def _is_over(walk: Walk) -> bool:
    return isinstance(walk.program.fragments[walk.fragment].exit, Ending)


def _can_be_made(combination: Combination, walk: Walk) -> bool:
    needed = Counter(combination.of)
    if any(walk.items.get(item, 0) < count for item, count in needed.items()):
        return False
    held = walk.items.get(combination.gives, 0) - needed[combination.gives]
    return held < walk.program.items[combination.gives].maximum
