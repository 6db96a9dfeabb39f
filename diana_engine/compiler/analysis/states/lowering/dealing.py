"""When a storylet may be dealt, and when it is whatever is drawn, as guards over what fits.

A storylet that fits may be drawn as long as fewer than `show` come before it by priority. It is dealt for sure as long as
all that come before it and all that are drawn beside it leave room for it too.
"""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.analysis.states.guards import Guards
from diana_engine.compiler.analysis.states.model import ALWAYS, NEVER, Guard

__all__ = ["chances"]


def chances(
    guards: Guards, fits: Sequence[Guard], priorities: Sequence[int], show: int
) -> list[tuple[Guard, Guard]]:
    """Return for each storylet who may be dealt it, and who surely is; `fits` and `priorities` are theirs, in order."""
    found: list[tuple[Guard, Guard]] = []
    for index, (fit, priority) in enumerate(zip(fits, priorities, strict=True)):
        others = [n for n in range(len(fits)) if n != index]
        before = [fits[n] for n in others if priorities[n] > priority]
        beside = [fits[n] for n in others if priorities[n] >= priority]
        found.append(
            (
                guards.both(fit, _at_most(guards, before, show - 1)),
                guards.both(fit, _at_most(guards, beside, show - 1)),
            )
        )
    return found


def _at_most(guards: Guards, parts: Sequence[Guard], most: int) -> Guard:
    """Return the guard that no more than `most` of `parts` hold, built from the last part backwards."""
    left: list[Guard] = [ALWAYS] * (most + 1)
    for part in reversed(parts):
        against = guards.negated(part)
        left = [
            guards.either(
                guards.both(part, left[room - 1] if room else NEVER),
                guards.both(against, left[room]),
            )
            for room in range(most + 1)
        ]
    return left[most]
