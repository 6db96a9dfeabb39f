"""Chance as a free choice: which draws a term makes, and the term once they are decided.

A draw is known by its place and the size of its range. Within one entry of a fragment the same draw comes out the
same; the next entry draws anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from diana_engine.expressions.terms import (
    AddTo,
    All,
    Any,
    Arithmetic,
    Assign,
    Between,
    Chance,
    Compare,
    ConditionId,
    Constant,
    Effect,
    Holds,
    Not,
    Number,
    Requirement,
    Roll,
)

__all__ = ["Draw", "Luck", "decide", "decided", "drawn_by", "drawn_in", "lucks"]

Draw = tuple[str, int]
"""A place, and how many values can be drawn there."""
Luck = Mapping[Draw, int]
"""What comes out where; nothing is said of draws that are not there."""

_CHANCE = 100


def drawn_by(
    requirement: Requirement, conditions: Mapping[ConditionId, Requirement]
) -> dict[Draw, set[int]]:
    """Return the draws of `requirement`, each with the values at which its outcome may change."""
    found: dict[Draw, set[int]] = {}
    for place, size, steps in _in_requirement(requirement, conditions):
        found.setdefault((place, size), {0}).update(steps)
    return found


def drawn_in(effects: Iterable[Effect]) -> dict[Draw, set[int]]:
    """Return the draws that effects make, each with its values."""
    found: dict[Draw, set[int]] = {}
    for effect in effects:
        match effect:
            case AddTo(_, number) | Assign(_, number):
                for place, size, steps in _in_number(number):
                    found.setdefault((place, size), {0}).update(steps)
            case _:
                pass
    return found


def lucks(draws: Mapping[Draw, set[int]]) -> Iterator[Luck]:
    """Return every way in which `draws` can come out, once for each that makes a difference."""
    names = sorted(draws)
    for values in product(*(sorted(draws[name]) for name in names)):
        yield dict(zip(names, values, strict=True))


def _in_requirement(
    requirement: Requirement, conditions: Mapping[ConditionId, Requirement]
) -> Iterator[tuple[str, int, Iterable[int]]]:
    match requirement:
        case Chance(percent, place):
            yield place, _CHANCE, {percent} - {_CHANCE}
        case Compare(_, left, right):
            yield from _in_number(left)
            yield from _in_number(right)
        case Between(value, low, high):
            for number in (value, low, high):
                yield from _in_number(number)
        case Holds(condition):
            yield from _in_requirement(conditions[condition], conditions)
        case Not(inner):
            yield from _in_requirement(inner, conditions)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _in_requirement(part, conditions)
        case _:
            return


def _in_number(number: Number) -> Iterator[tuple[str, int, Iterable[int]]]:
    match number:
        case Roll(low, high, place):
            yield place, high - low + 1, range(high - low + 1)
        case Arithmetic(_, left, right):
            yield from _in_number(left)
            yield from _in_number(right)
        case _:
            return


# Deciding -----------------------------------------------------------------------------------------------------------


def decided(
    requirement: Requirement, luck: Luck, conditions: Mapping[ConditionId, Requirement]
) -> Requirement:
    """Return `requirement` with its draws come out as `luck` says, named conditions written out."""
    match requirement:
        case Chance(percent, place):
            drawn = luck.get((place, _CHANCE))
            return requirement if drawn is None else All(()) if drawn < percent else Any(())
        case Compare(operator, left, right):
            return Compare(operator, _number(left, luck), _number(right, luck))
        case Between(value, low, high):
            return Between(_number(value, luck), _number(low, luck), _number(high, luck))
        case Holds(condition):
            return decided(conditions[condition], luck, conditions)
        case Not(inner):
            return Not(decided(inner, luck, conditions))
        case All(parts):
            return All(tuple(decided(part, luck, conditions) for part in parts))
        case Any(parts):
            return Any(tuple(decided(part, luck, conditions) for part in parts))
        case _:
            return requirement


def decide(effects: tuple[Effect, ...], luck: Luck) -> tuple[Effect, ...]:
    """Return `effects` with their draws come out as `luck` says."""
    return tuple(_effect(effect, luck) for effect in effects)


def _effect(effect: Effect, luck: Luck) -> Effect:
    match effect:
        case AddTo(variable, amount):
            return AddTo(variable, _number(amount, luck))
        case Assign(variable, value):
            return Assign(variable, _number(value, luck))
        case _:
            return effect


def _number(number: Number, luck: Luck) -> Number:
    match number:
        case Roll(low, high, place):
            drawn = luck.get((place, high - low + 1))
            return number if drawn is None else Constant(low + drawn)
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, _number(left, luck), _number(right, luck))
        case _:
            return number
