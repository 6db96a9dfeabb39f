"""Which parts of a player's state a requirement can tell apart.

A slot is one number, flag, word, item, count of visits or mark of a choice. A cut `c` in a slot separates the values
below `c` from those at or above it. What is read of a slot is told by its first and last cut: all values below the
first are alike, and so are all from the last on. Where more than a comparison with a constant is asked, every value
matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, assert_never

from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    Achieved,
    All,
    Any,
    Arithmetic,
    Between,
    Chance,
    Chose,
    Compare,
    ConditionId,
    Constant,
    Count,
    Feels,
    FlagIs,
    Has,
    Holds,
    HoursSince,
    IsVip,
    LevelOf,
    MissionIs,
    Not,
    Number,
    NumberOf,
    Requirement,
    Roll,
    StreakDays,
    Visited,
    Visits,
    WordIs,
)

__all__ = ["EVERY", "Cuts", "Slot", "join", "read_by", "read_in", "span"]

Slot = tuple[Literal["value", "item", "visits", "chosen"], str]
"""A part of a player's state: its kind, and the id in that kind."""

Cuts = dict[Slot, tuple[int, int]]
"""The first and the last cut that matter in each slot; a slot that is not there does not matter."""

EVERY = (-NUMBER_LIMIT, NUMBER_LIMIT)
"""Every value of the slot matters."""


def join(into: Cuts, more: Cuts) -> None:
    """Let `into` tell apart what `more` does, too."""
    for slot, (first, last) in more.items():
        known = into.get(slot)
        into[slot] = (first, last) if known is None else (min(first, known[0]), max(last, known[1]))


def span(number: Number) -> tuple[int, int] | None:
    """Return the least and the most that `number` comes to where no state decides it, else `None`."""
    match number:
        case Constant(value):
            return value, value
        case Roll(low, high):
            return low, high
        case _:
            return None


def read_in(number: Number) -> Cuts:
    """Return all that the value of `number` depends on."""
    match number:
        case Constant() | Roll():
            return {}
        case NumberOf(variable):
            return {("value", variable): EVERY}
        case Visits(fragment):
            return {("visits", fragment): EVERY}
        case Count(items):
            return {("item", item): EVERY for item in items}
        case Arithmetic(_, left, right):
            found = read_in(left)
            join(found, read_in(right))
            return found
        case LevelOf() | StreakDays() | HoursSince():
            return {}  # Programs that ask it are not searched.
        case _:
            assert_never(number)


def read_by(requirement: Requirement, conditions: Mapping[ConditionId, Requirement]) -> Cuts:
    """Return all that decides whether `requirement` holds."""
    match requirement:
        case FlagIs(variable) | WordIs(variable, _):
            return {("value", variable): EVERY}
        case Compare(_, left, right):
            return _compared(left, right)
        case Between(value, low, high):
            found = _compared(value, low)
            join(found, _compared(value, high))
            return found
        case Has(item):
            return {("item", item): (1, 1)}
        case Visited(fragment):
            return {("visits", fragment): (1, 1)}
        case Chose(choice):
            return {("chosen", choice): (1, 1)}
        case Chance():
            return {}
        case Holds(condition):
            return read_by(conditions[condition], conditions)
        case Not(inner):
            return read_by(inner, conditions)
        case All(parts) | Any(parts):
            found = {}
            for part in parts:
                join(found, read_by(part, conditions))
            return found
        case IsVip() | Achieved() | MissionIs() | Feels():
            return {}  # Programs that ask it are not searched.
        case _:
            assert_never(requirement)


def _compared(left: Number, right: Number) -> Cuts:
    """Return what a comparison tells apart; `<` and `>=` ask for one cut, the others for the next one at most."""
    if (fixed := span(right)) is not None:
        asked = left
    elif (fixed := span(left)) is not None:
        asked = right
    else:
        found = read_in(left)
        join(found, read_in(right))
        return found
    cut = (fixed[0], fixed[1] + 1)
    match asked:
        case NumberOf(variable):
            return {("value", variable): cut}
        case Visits(fragment):
            return {("visits", fragment): cut}
        case Count(items):
            # What one item alone brings over the last cut does so whatever is held of the others.
            return {("item", item): (1, cut[1]) for item in items}
        case _:
            return read_in(asked)
