"""Time in a play as it is told: what passes at a stretch is one step, and a play says how much of it."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.compiler.analysis.states.results.played import Played, Step
from diana_engine.compiler.analysis.states.results.report import (
    Way,
    number_of_streak,
    number_of_time,
    passes,
    time_of,
)
from diana_engine.play.actions import Pass

__all__ = ["timed", "unhurried"]


def unhurried(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps of a play with those made one in which only time passes.

    Their number says how much of it passes beyond what is to be waited for.
    """
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last is not None and isinstance(last.move, Pass) and isinstance(step.move, Pass):
            streak = last.move.streak if step.move.streak is None else step.move.streak
            both = Pass(last.move.seconds + step.move.seconds, streak)
            number = _together(last.number, step.number, streak)
            found[-1] = Step(step.fragment, number, both)
        else:
            found.append(step)
    return tuple(found)


def _together(one: int, other: int, streak: int | None) -> int:
    if streak is not None:
        return number_of_streak(streak)
    passed = (time_of(one) or 0) + (time_of(other) or 0)
    return number_of_time(passed) if passed else 0


def timed(ways: tuple[Way, ...], played: Played) -> tuple[Way, ...]:
    """Return the ways of a play with how much time passes in between, as it was played."""
    if not any(passes(number) for _, number in ways):
        return ways
    return tuple((step.fragment, step.number) for step in played.steps if step.number)
