"""Levels: reached by what was earned in a lifetime, one after the other, and never lost."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.play.events import LevelReached
from diana_engine.play.walk import Walk

__all__ = ["reach_levels"]


def reach_levels(walk: Walk) -> Iterator[None]:
    """Reach every level that was earned by now, from the lowest up; pause after each."""
    declared = walk.program.levels
    if declared is None:
        return
    levels = declared.levels
    while walk.level < len(levels) and walk.earned.get(declared.points, 0) >= levels[walk.level].at:
        walk.level += 1
        walk.events.append(LevelReached(walk.level))
        yield
