"""Levels, missions, achievements and what else stands in the manifest, in two versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Protocol, TypeVar

from diana_engine.program.compare.match import Match
from diana_engine.program.compare.model import (
    Change,
    Everybody,
    Granted,
    Level,
    OnMission,
    Thing,
)
from diana_engine.program.compare.skeleton import Sides
from diana_engine.program.model import Program
from diana_engine.program.systems import Around, Levels, Mission

__all__ = ["compare_around", "compare_story"]


class _Named(Protocol):
    @property
    def id(self) -> str:
        """What it is known by."""


_One = TypeVar("_One", bound=_Named)
_SAME: Mapping[Any, str] = {}


# The story as a whole -----------------------------------------------------------------------------------------------


def compare_story(match: Match) -> Iterator[Change]:
    """Yield what became of the story as a whole."""
    old, new = match.old, match.new
    for name in ("title", "language", "version"):
        if getattr(old, name) != getattr(new, name):
            words = f"The {name} was `{getattr(old, name)}` and is `{getattr(new, name)}` now."
            yield Change("story", name, "reworded", "safe", words)
    if match.fragments.get(old.start) != new.start:
        words = f"New plays begin in `{new.start}` instead of `{old.start}`."
        yield Change("story", "start", "changed", "safe", words)
    if old.time_zone != new.time_zone:
        yield _zone(old, new)
    if old.growth.policy != new.growth.policy:
        words = f"Players were carried over by `{old.growth.policy}` and are by `{new.growth.policy}` now."
        yield Change("story", "carry_over", "changed", "safe", words)


def _zone(old: Program, new: Program) -> Change:
    words = f"The time zone was {old.time_zone} and is {new.time_zone} now"
    if not _counts_days(old) and not _counts_days(new):
        return Change("story", "time_zone", "changed", "safe", f"{words}; nothing counts days.")
    words += ": days begin at another moment, so a day of a streak or of a daily limit may be lost, or come twice."
    return Change("story", "time_zone", "changed", "breaking", words, Everybody())


def _counts_days(program: Program) -> bool:
    around = program.around
    daily = any(one.kind in ("daily", "weekly") for one in program.missions)
    limits = any(one.daily is not None for one in around.income.values())
    return bool(around.streak or around.events or daily or limits)


# Declared things ----------------------------------------------------------------------------------------------------


def compare_around(match: Match) -> Iterator[Change]:
    """Yield what became of all that stands in the manifest beside variables and items."""
    old, new, sides = match.old, match.new, Sides(match)
    yield from _tables(old, new, sides)
    yield from _levels(match, sides)
    for mission, change in _each("mission", old.missions, new.missions, sides, match.missions):
        yield change if mission is None else _mission(mission, change, match)
    granted = old.achievements, new.achievements
    for one, change in _each("achievement", *granted, sides, match.achievements):
        if one is None or change.deed != "removed":
            yield change
        else:
            words = f"The achievement `{one.id}` is gone, and taken from who has it."
            yield Change("achievement", one.id, "removed", "breaking", words, Granted(one.id))
    for _, change in _each("combination", old.combinations, new.combinations, sides):
        yield change
    for _, change in _each("stage", old.stages, new.stages, sides):
        yield change
    yield from _access(old, new, sides)
    yield from _surroundings(old.around, new.around, sides)


def _each(
    thing: Thing,
    old: tuple[_One, ...],
    new: tuple[_One, ...],
    sides: Sides,
    names: Mapping[Any, str] = _SAME,
) -> Iterator[tuple[_One | None, Change]]:
    """Yield what became of things that are known by their ids, with the thing where the old version had it."""
    after = {str(one.id): one for one in new}
    for one in old:
        to = names.get(one.id, one.id)
        other = after.pop(to, None)
        if other is not None and to != one.id:
            words = (
                f"The {thing} `{one.id}` is called `{to}` now; players keep what they have of it."
            )
            yield one, Change(thing, one.id, "renamed", "safe", words, to=to)
        if other is None:
            yield one, Change(thing, one.id, "removed", "safe", f"The {thing} `{one.id}` is gone.")
            continue
        match sides.difference(one, other):
            case "words":
                words = f"The {thing} `{one.id}` has other words."
                yield one, Change(thing, one.id, "reworded", "safe", words)
            case "play":
                words = f"The {thing} `{one.id}` is another one now."
                yield one, Change(thing, one.id, "changed", "safe", words)
            case "nothing":
                pass
    for name in after:
        yield None, Change(thing, name, "added", "safe", f"The {thing} `{name}` is new.")


def _tables(old: Program, new: Program, sides: Sides) -> Iterator[Change]:
    for name in sorted(old.conditions.keys() | new.conditions.keys()):
        before, after = old.conditions.get(name), new.conditions.get(name)
        if before is None:
            yield Change("condition", name, "added", "safe", f"The condition `{name}` is new.")
        elif after is None:
            yield Change("condition", name, "removed", "safe", f"The condition `{name}` is gone.")
        elif sides.difference(before, after) != "nothing":
            words = f"The condition `{name}` holds in other cases now."
            yield Change("condition", name, "changed", "safe", words)
    for who in sorted(old.characters.keys() | new.characters.keys()):
        if old.characters.get(who) != new.characters.get(who):
            words = f"The character `{who}` is called otherwise."
            yield Change("character", who, "reworded", "safe", words)


def _mission(mission: Mission, change: Change, match: Match) -> Change:
    """Return what a change of a mission is for who is on it."""
    reach = OnMission(mission.id)
    if change.deed == "renamed":
        return change
    if change.deed == "removed":
        words = f"The mission `{mission.id}` is gone; who is on it loses it."
        return Change("mission", mission.id, "removed", "breaking", words, reach)
    to = match.missions[mission.id]
    after = next(one for one in match.new.missions if one.id == to)
    if after.expires and (mission.expires is None or after.expires < mission.expires):
        words = (
            f"There is less time for the mission `{mission.id}`; for who is on it, it may be over."
        )
        return Change("mission", mission.id, "changed", "breaking", words, reach)
    if change.deed == "changed":
        words = (
            f"The mission `{mission.id}` is another one now; who is on it goes on with it as it is."
        )
        return Change("mission", mission.id, "changed", "safe", words, reach)
    return change


def _levels(match: Match, sides: Sides) -> Iterator[Change]:
    old, new = match.old.levels, match.new.levels
    difference = sides.difference(old, new)
    if difference == "words":
        yield Change("levels", "levels", "reworded", "safe", "The levels have other words.")
    elif old is None and new is not None:
        words = f"Levels are new; who is in the story has earned the {new.points} that they hold."
        yield Change("levels", "levels", "added", "safe", words)
    elif old is not None and new is None:
        words = "There are no levels any more."
        yield Change("levels", "levels", "removed", "breaking", words, Level(1))
    elif old is not None and new is not None and difference == "play":
        yield _other_levels(old, new, match)


def _other_levels(old: Levels, new: Levels, match: Match) -> Change:
    if match.variables.get(old.points) != new.points:
        words = f"Levels count {new.points} now, not {old.points}; what was earned counts no more."
        return Change("levels", "levels", "changed", "breaking", words, Level(1))
    higher = [
        number
        for number, level in enumerate(old.levels, start=1)
        if number > len(new.levels) or new.levels[number - 1].at > level.at
    ]
    if higher:
        words = f"Level {higher[0]} asks for more now, or is gone; who has reached it may count as lower."
        return Change("levels", "levels", "changed", "breaking", words, Level(higher[0]))
    words = "Levels ask for less now, there are more of them, or they bring something else."
    return Change("levels", "levels", "changed", "safe", words)


def _access(old: Program, new: Program, sides: Sides) -> Iterator[Change]:
    if old.vip is not None and new.vip is None:
        words = "There is no VIP access any more; who has paid for it keeps its time, and nothing to spend it on."
        yield Change("access", "vip", "removed", "breaking", words, Everybody())
    elif old.vip is None and new.vip is not None:
        yield Change("access", "vip", "added", "safe", "VIP access is new.")
    elif sides.difference(old.vip, new.vip) != "nothing":
        yield Change("access", "vip", "changed", "safe", "VIP access is sold otherwise.")


def _surroundings(old: Around, new: Around, sides: Sides) -> Iterator[Change]:
    for one in fields(Around):
        before, after = getattr(old, one.name), getattr(new, one.name)
        if sides.difference(before, after) != "nothing":
            words = f"`{one.name}` of the manifest is another one now."
            yield Change("around", one.name, "changed", "safe", words)
