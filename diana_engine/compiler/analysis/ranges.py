"""What numbers can be, by what was declared alone: the smallest range that surely holds each of them."""

from __future__ import annotations

from typing import assert_never

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    Arithmetic,
    Comparison,
    Constant,
    Count,
    HoursSince,
    LevelOf,
    Number,
    NumberOf,
    Roll,
    StreakDays,
    Visits,
)
from diana_engine.program.model import Points, WholeNumber
from diana_engine.records import dataclass

__all__ = ["Range", "compared", "narrowed", "range_of"]


@dataclass(frozen=True, slots=True)
class Range:
    """The whole numbers from `low` to `high`, both included; none where `high` is less."""

    low: int
    high: int

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return self.high < self.low

    def cut(self, low: int, high: int) -> Range:
        """Return what of it lies from `low` to `high`."""
        return Range(max(self.low, low), min(self.high, high))


def range_of(term: Number, story: CheckedStory) -> Range:
    """Return a range that holds every value `term` can have, whatever players do."""
    match term:
        case Constant(value):
            return Range(value, value)
        case NumberOf(variable):
            match story.variables[variable]:
                case WholeNumber(_, low, high):
                    return Range(low, high)
                case Points(_, high):
                    return Range(0, high)
                case _:
                    return Range(-NUMBER_LIMIT, NUMBER_LIMIT)
        case Visits() | HoursSince():
            return Range(0, NUMBER_LIMIT)
        case Count(items):
            most = sum(story.items[item].maximum for item in items)
            return Range(0, min(most, NUMBER_LIMIT))
        case Arithmetic(operator, left, right):
            return _combined(operator, range_of(left, story), range_of(right, story))
        case Roll(low, high):
            return Range(low, high)
        case LevelOf(_, thresholds):
            return Range(int(thresholds[0] == 0), len(thresholds))
        case StreakDays():
            return Range(0, NUMBER_LIMIT)
        case _:
            assert_never(term)


def _combined(operator: str, left: Range, right: Range) -> Range:
    match operator:
        case "+":
            ends = [left.low + right.low, left.high + right.high]
        case "-":
            ends = [left.low - right.high, left.high - right.low]
        case _:
            ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return Range(_saturated(min(ends)), _saturated(max(ends)))


def _saturated(value: int) -> int:
    return max(-NUMBER_LIMIT, min(NUMBER_LIMIT, value))


def compared(operator: Comparison, left: Range, right: Range) -> bool | None:
    """Return whether the comparison always holds or never; `None` when that depends."""
    match operator:
        case "<":
            return _less(left.high, right.low, left.low, right.high)
        case "<=":
            return _less(left.high, right.low + 1, left.low, right.high + 1)
        case ">":
            return _less(right.high, left.low, right.low, left.high)
        case ">=":
            return _less(right.high, left.low + 1, right.low, left.high + 1)
        case "==":
            return _equal(left, right)
        case "!=":
            equal = _equal(left, right)
            return None if equal is None else not equal
        case _:
            assert_never(operator)


def _less(most: int, least_right: int, least: int, most_right: int) -> bool | None:
    if most < least_right:
        return True
    return None if least < most_right else False


def _equal(left: Range, right: Range) -> bool | None:
    if left.high < right.low or right.high < left.low:
        return False
    return True if left.low == left.high == right.low == right.high else None


def narrowed(range_: Range, operator: Comparison, value: int) -> Range:
    """Return what is left of a range where ``number operator value`` holds; ``!=`` takes away an end at most."""
    match operator:
        case "<":
            return range_.cut(range_.low, value - 1)
        case "<=":
            return range_.cut(range_.low, value)
        case ">":
            return range_.cut(value + 1, range_.high)
        case ">=":
            return range_.cut(value, range_.high)
        case "==":
            return range_.cut(value, value)
        case "!=":
            low = range_.low + (range_.low == value)
            return Range(low, range_.high - (range_.high == value and range_.high >= low))
        case _:
            assert_never(operator)
