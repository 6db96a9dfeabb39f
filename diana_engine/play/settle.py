"""What happens at the end of every step of play, once the player has come to rest.

Levels are reached, missions are done, achievements are granted: in this order, and each in the order of the manifest.
What one of them brings (its effects) comes at once, so the next one sees it. They are gone through again until nothing
more happens. That ends: a level and an achievement come once in a play, and a mission once in a step.

Effects here can refuse nothing, as in `on_enter`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter

from diana_engine.expressions.terms import Effect
from diana_engine.play.achievements import grant_achievements
from diana_engine.play.effects import perform
from diana_engine.play.events import AchievementUnlocked, Event, LevelReached, MissionDone
from diana_engine.play.levels import reach_levels
from diana_engine.play.missions import advance_missions
from diana_engine.play.walk import Walk
from diana_engine.program.model import Program

__all__ = ["REDUCERS", "settle"]

REDUCERS: tuple[Callable[[Walk], Iterator[None]], ...] = (
    reach_levels,
    advance_missions,
    grant_achievements,
)
"""What may happen, in its order; each makes one thing happen and pauses, until it has nothing left."""


def settle(walk: Walk) -> None:
    """Let everything happen that the step which `walk` just made has brought about."""
    if not walk.program.settles:
        return
    # What was unlocked by effects of the step itself brings what it brings first.
    seen = _bring(walk, 0)
    while True:
        before = seen
        for reducer in REDUCERS:
            for _ in reducer(walk):
                seen = _bring(walk, seen)
        if seen == before:
            return


def _bring(walk: Walk, seen: int) -> int:
    """Do the effects of what happened since event number `seen`; return how many events were seen by then.

    Of several achievements that were unlocked, the first in the order of the manifest brings its effects first.
    """
    pending: list[tuple[int, tuple[Effect, ...]]] = []
    while True:
        pending += [_brought(event, walk.program) for event in walk.events[seen:]]
        seen = len(walk.events)
        if not pending:
            return seen
        first = min(pending, key=itemgetter(0))
        pending.remove(first)
        for effect in first[1]:
            perform(effect, walk)


def _brought(event: Event, program: Program) -> tuple[int, tuple[Effect, ...]]:
    """Return the effects that come of an event, and where they stand in line."""
    match event:
        case LevelReached(level) if program.levels is not None:
            return -1, program.levels.levels[level - 1].effects
        case MissionDone(id):
            return -1, next(one.effects for one in program.missions if one.id == id)
        case AchievementUnlocked(id):
            return next(
                (index, one.effects)
                for index, one in enumerate(program.achievements)
                if one.id == id
            )
        case _:
            return -1, ()
