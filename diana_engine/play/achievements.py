"""Achievements: granted once, when what they ask for holds at the end of a step."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.expressions.evaluate import holds
from diana_engine.play.walk import Walk

__all__ = ["grant_achievements"]


def grant_achievements(walk: Walk) -> Iterator[None]:
    """Grant each achievement whose requirement holds, in the order of the manifest; pause after each."""
    conditions = walk.program.conditions
    for achievement in walk.program.achievements:
        if achievement.when is None or achievement.id in walk.achieved:
            continue
        if holds(achievement.when, walk, conditions):
            walk.unlock(achievement.id)
            yield
