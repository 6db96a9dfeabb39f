"""What terms come to over sets of states: `diana_engine.expressions.evaluate`, for all players at once.

A `Player` is a set of players in one fragment: each slot with its spread. Draws must be decided (`draws`) before.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import assert_never

from diana_engine.compiler.analysis.states.bits import Bits, Node, Spread
from diana_engine.compiler.analysis.states.cuts import Slot
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
    Comparison,
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
    Operator,
    Requirement,
    Roll,
    StreakDays,
    Value,
    Visited,
    Visits,
    WordIs,
)

__all__ = ["Player", "TooWide", "combined", "mapped"]

_MOST_PAIRS = 20_000
_COMPARE: Mapping[Comparison, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_COMPUTE: Mapping[Operator, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip


class TooWide(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """Two numbers have more values together than are looked at."""


class Player:
    """A set of players, and what each slot is for which of them; what is not spread is `absent`'s to say."""

    def __init__(
        self,
        bits: Bits,
        slots: Mapping[Slot, Spread],
        absent: Callable[[Slot], Value],
        conditions: Mapping[ConditionId, Requirement],
    ) -> None:
        self.bits = bits
        self.slots: dict[Slot, Spread] = dict(slots)
        self._absent = absent
        self._conditions = conditions

    def copy(self) -> Player:
        """Return the same players, to be changed on their own."""
        return Player(self.bits, self.slots, self._absent, self._conditions)

    def spread(self, slot: Slot) -> Spread:
        """Return which players have which value in `slot`."""
        found = self.slots.get(slot)
        return {self._absent(slot): self.bits.true} if found is None else found

    def number(self, term: Number) -> Mapping[int, Node]:
        """Return what `term` comes to for which players."""
        match term:
            case Constant(value):
                return {value: self.bits.true}
            case NumberOf(variable):
                return _whole(self.spread(("value", variable)))
            case Visits(fragment):
                return _whole(self.spread(("visits", fragment)))
            case Count(items):
                total: Mapping[int, Node] = {0: self.bits.true}
                for item in items:
                    held = _whole(self.spread(("item", item)))
                    total = combined(total, held, operator.add)
                return mapped(total, _saturated)
            case Arithmetic(sign, left, right):
                found = combined(self.number(left), self.number(right), _COMPUTE[sign])
                return mapped(found, _saturated)
            case Roll() | HoursSince():
                raise AssertionError(f"{term} is not decided")
            case LevelOf() | StreakDays():
                raise AssertionError(f"{term} is not followed")
            case _:
                assert_never(term)

    def holding(self, requirement: Requirement) -> Node:
        """Return the players for whom `requirement` holds."""
        bits = self.bits
        match requirement:
            case FlagIs(variable):
                return self.spread(("value", variable)).get(True, bits.false)
            case Compare(sign, left, right):
                return self._compared(_COMPARE[sign], left, right)
            case Between(value, low, high):
                return self._compared(operator.ge, value, low) & self._compared(
                    operator.le, value, high
                )
            case WordIs(variable, word):
                return self.spread(("value", variable)).get(word, bits.false)
            case Has(item):
                return self.positive(("item", item))
            case Visited(fragment):
                return self.positive(("visits", fragment))
            case Chose(choice):
                return self.positive(("chosen", choice))
            case Chance():
                raise AssertionError(f"{requirement} is not decided")
            case Holds(condition):
                return self.holding(self._conditions[condition])
            case Not(inner):
                return ~self.holding(inner)
            case All(parts):
                result = bits.true
                for part in parts:
                    result &= self.holding(part)
                return result
            case Any(parts):
                result = bits.false
                for part in parts:
                    result |= self.holding(part)
                return result
            case IsVip() | Achieved() | MissionIs() | Feels():
                raise AssertionError(f"{requirement} is not followed")
            case _:
                assert_never(requirement)

    def put(self, slot: Slot, spread: Mapping[int, Node]) -> None:
        """Let the number in `slot` be spread so."""
        self.slots[slot] = spread  # type: ignore[assignment]  # `Mapping` is invariant in its keys; nobody writes to it

    def positive(self, slot: Slot) -> Node:
        """Return the players who have more than 0 in `slot`."""
        return self.where(slot, lambda value: value > 0)

    def where(self, slot: Slot, test: Callable[[int], bool]) -> Node:
        """Return the players whose number in `slot` passes the test."""
        result = self.bits.false
        for value, states in _whole(self.spread(slot)).items():
            if test(value):
                result |= states
        return result

    def _compared(self, test: Callable[[int, int], bool], left: Number, right: Number) -> Node:
        found = combined(self.number(left), self.number(right), test)
        return found.get(True, self.bits.false)


def combined(
    left: Mapping[int, Node], right: Mapping[int, Node], operation: Callable[[int, int], int]
) -> dict[int, Node]:
    """Return the results of an operation on two numbers, each with its states."""
    if len(left) * len(right) > _MOST_PAIRS:
        raise TooWide
    found: dict[int, Node] = {}
    for first, some in left.items():
        for second, others in right.items():
            _gather(found, operation(first, second), some & others)
    return found


def mapped(spread: Mapping[int, Node], function: Callable[[int], int]) -> dict[int, Node]:
    """Return the spread of a function of a number."""
    found: dict[int, Node] = {}
    for value, states in spread.items():
        _gather(found, function(value), states)
    return found


def _gather(into: dict[int, Node], value: int, states: Node) -> None:
    known = into.get(value)
    into[value] = states if known is None else known | states


def _whole(spread: Spread) -> Mapping[int, Node]:
    return spread  # type: ignore[return-value]  # terms are type-checked: a number's slot holds numbers


def _saturated(value: int) -> int:
    return max(-NUMBER_LIMIT, min(value, NUMBER_LIMIT))
