"""Income: what a player does outside the story earns points in it, so often a day, with some time between.

A day is the player's own: `Moment.offset` says how far the player's clock is ahead of UTC. What is earned is a change of
points like any other, so levels count it and a ledger records it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from diana_engine.play.events import Earned, Refused
from diana_engine.play.state import IncomeRun
from diana_engine.play.walk import Walk
from diana_engine.program.model import Points, Program
from diana_engine.program.systems import StepCount, most_a_day

__all__ = ["DAY", "earn", "left_to_rest", "rest_of"]

DAY = 86_400
"""Seconds in a day."""


def rest_of(program: Program, source: str) -> int:
    """Return after how many seconds an income surely earns again: neither its cooldown nor its day bars it then."""
    return max(DAY, program.around.income[source].cooldown)


def left_to_rest(program: Program, incomes: Mapping[str, IncomeRun], source: str, now: int) -> int:
    """Return after how many seconds an income surely earns again, for whom these did so before."""
    if not incomes:
        return 0
    last = max(run.at for run in incomes.values())
    return max(0, last + rest_of(program, source) - now)


def earn(walk: Walk, source: str) -> Refused | None:
    """Let the player earn what `source` brings, or say why it brings nothing now."""
    income = walk.program.around.income.get(source)
    if income is None:
        return Refused("no such income")
    run = walk.incomes.get(source, IncomeRun())
    # A clock that was put back begins no new day.
    day = max(run.day, (walk.now + walk.offset) // DAY)
    times = run.times if day == run.day else 0
    if run.times and walk.now < run.at + income.cooldown:
        return Refused("too soon")
    most = most_a_day(source, income)
    if most is not None and times >= most:
        return Refused("enough today")
    held, points = walk.values[income.points], walk.program.variables[income.points]
    assert isinstance(held, int), "points are whole numbers"
    assert isinstance(points, Points), "income is paid in points"
    walk.incomes = {**walk.incomes, source: replace(run, at=walk.now, day=day, times=times + 1)}
    walk.events.append(Earned(source))
    walk.set_value(income.points, min(points.maximum, held + income.amount))
    if any(
        isinstance(step, StepCount) and step.event == source
        for mission in walk.program.missions
        for step in mission.steps
    ):
        walk.emit(source)
    return None
