"""Requirements as guards over the variables of a model, and the amounts that a number can come to.

What would need more parts than are looked at is `Opaque`: the analysis then goes on as if it might come out either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import ALWAYS, NEVER, Guard
from diana_engine.compiler.analysis.states.lowering.hours import (
    MIRRORED,
    HoursAsked,
    hours_asked,
)
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.compiler.analysis.states.lowering.sums import Linear, Sums
from diana_engine.expressions.terms import (
    Achieved,
    All,
    Any,
    Between,
    Chance,
    Chose,
    Compare,
    Comparison,
    Constant,
    Feels,
    FlagIs,
    Has,
    Holds,
    IsVip,
    LevelOf,
    MissionIs,
    Not,
    Number,
    Requirement,
    Visited,
    WordIs,
)

__all__ = ["Formulas"]


class Formulas:
    """The guards of one program's requirements; what named conditions and shared terms come to is kept."""

    def __init__(self, slots: Slots, guards: Guards) -> None:
        self.slots, self.guards = slots, guards
        self.sums = Sums(slots, guards)
        self._conditions = slots.program.conditions
        self._named: dict[str, Guard] = {}

    def of(self, requirement: Requirement) -> Guard:
        """Return the guard that a requirement whose draws are decided comes to.

        Raises:
            Opaque: it has too many parts.
        """
        guards = self.guards
        match requirement:
            case FlagIs(variable):
                return guards.at_least(self.slots.number["value", variable], 1)
            case Has(item):
                return guards.at_least(self.slots.number["item", item], 1)
            case Visited(fragment):
                return guards.at_least(self.slots.number["visits", fragment], 1)
            case Chose(choice):
                return guards.at_least(self.slots.number["chosen", choice], 1)
            case WordIs(variable, word):
                index = self.slots.number["value", variable]
                return guards.equal(index, self.slots.variables[index].words[word])
            case Compare() | Between():
                return self._compared(requirement)
            case Holds(condition):
                if condition not in self._named:
                    self._named[condition] = self.of(self._conditions[condition])
                return self._named[condition]
            case Not(inner):
                return guards.negated(self.of(inner))
            case All(parts):
                return guards.every([self.of(part) for part in parts])
            case Any(parts):
                return guards.some([self.of(part) for part in parts])
            case Chance():
                raise AssertionError(f"{requirement} is not decided")
            case IsVip():
                return guards.at_least(self.slots.number["vip", ""], 1)
            case Achieved(achievement):
                return guards.at_least(self.slots.number["achieved", achievement], 1)
            case MissionIs(mission, state):
                return guards.at_least(self.slots.number[state, mission], 1)
            case Feels():
                raise AssertionError("a feeling stands in texts only")
            case _:
                assert_never(requirement)

    def amounts(self, number: Number, least: int, most: int) -> Iterator[tuple[Guard, int]]:
        """Yield what a number whose draws are decided can come to, each with the guard for it.

        Below `least` and above `most` it does not matter how much: the ends stand for all beyond.

        Raises:
            Opaque: there are too many ways for it to come out.
        """
        variables = sorted(self.sums.variables(number), key=self.sums.width)
        if not variables:
            yield ALWAYS, max(least, min(most, self.sums.linear(number, {}).constant))
            return
        *others, last = variables
        self.sums.bound(last)
        one = self.slots.variables[last]
        values = range(one.low, one.high + 1)
        for guard, known in self.sums.written_out(others, len(values)):
            amounts = [
                max(least, min(most, self.sums.linear(number, {**known, last: value}).constant))
                for value in values
            ]
            for amount, run in groupby(zip(amounts, values, strict=True), key=lambda pair: pair[0]):
                alike = [value for _, value in run]
                yield self.guards.both(guard, self.sums.between(last, alike[0], alike[-1])), amount

    # Numbers --------------------------------------------------------------------------------------------------------

    def _compared(self, requirement: Compare | Between) -> Guard:
        """Return the guard for a comparison; the factors of its products are written out value by value."""
        if (levels := self._of_level(requirement)) is not None:
            return levels
        if (hours := hours_asked(requirement)) is not None:
            is_unlike = isinstance(requirement, Compare) and requirement.operator == "!="
            parts = [self._hours(one) for one in hours]
            return self.guards.some(parts) if is_unlike else self.guards.every(parts)
        numbers = (
            (requirement.left, requirement.right)
            if isinstance(requirement, Compare)
            else (requirement.value, requirement.low, requirement.high)
        )
        factors = sorted({variable for number in numbers for variable in self.sums.factors(number)})
        self.sums.begin()
        return self.guards.some(
            [
                self.guards.both(guard, self._relation(requirement, values))
                for guard, values in self.sums.written_out(factors)
            ]
        )

    def _of_level(self, requirement: Compare | Between) -> Guard | None:
        """Return the guard for a level that is compared with constants, which asks how much was earned; else nothing."""
        match requirement:
            case Compare(operator, LevelOf() as level, Constant(bound)):
                return self._level(level, operator, bound)
            case Compare(operator, Constant(bound), LevelOf() as level):
                return self._level(level, MIRRORED[operator], bound)
            case Between(LevelOf() as level, Constant(low), Constant(high)):
                return self.guards.both(
                    self._level(level, ">=", low), self._level(level, "<=", high)
                )
            case _:
                return None

    def _hours(self, asked: HoursAsked) -> Guard:
        """Return the guard that so much time has passed, or has not, for who was in the fragment."""
        guard: Guard = ALWAYS
        if asked.seconds > 0:
            guards, slots = self.guards, self.slots
            passed = guards.at_least(*slots.passed(("entered", asked.fragment), asked.seconds))
            was_there = guards.at_least(slots.number["visits", asked.fragment], 1)
            guard = guards.both(was_there, passed)
        return guard if asked.holds else self.guards.negated(guard)

    def _level(self, level: LevelOf, operator: Comparison, bound: int) -> Guard:
        match operator:
            case ">=":
                if bound <= 0:
                    return ALWAYS
                if bound > len(level.thresholds):
                    return NEVER
                index = self.slots.number["earned", level.points]
                return self.sums.at_least(index, level.thresholds[bound - 1])
            case ">":
                return self._level(level, ">=", bound + 1)
            case "<" | "<=":
                return self.guards.negated(self._level(level, ">=", bound + (operator == "<=")))
            case "==":
                return self.guards.both(
                    self._level(level, ">=", bound), self._level(level, "<=", bound)
                )
            case "!=":
                return self.guards.negated(self._level(level, "==", bound))
            case _:
                assert_never(operator)

    def _relation(self, requirement: Compare | Between, values: Mapping[int, int]) -> Guard:
        guards = self.guards
        if isinstance(requirement, Between):
            value = self.sums.linear(requirement.value, values)
            low, high = (
                self.sums.linear(requirement.low, values),
                self.sums.linear(requirement.high, values),
            )
            return guards.both(
                self.sums.positive(value.plus(low, -1)), self.sums.positive(high.plus(value, -1))
            )
        gap = self.sums.linear(requirement.left, values).plus(
            self.sums.linear(requirement.right, values), -1
        )
        beyond = Linear(gap.constant - 1, gap.times)
        match requirement.operator:
            case ">=":
                return self.sums.positive(gap)
            case "<":
                return guards.negated(self.sums.positive(gap))
            case ">":
                return self.sums.positive(beyond)
            case "<=":
                return guards.negated(self.sums.positive(beyond))
            case "==":
                return guards.both(
                    self.sums.positive(gap), guards.negated(self.sums.positive(beyond))
                )
            case "!=":
                return guards.either(
                    guards.negated(self.sums.positive(gap)), self.sums.positive(beyond)
                )
            case _:
                assert_never(requirement.operator)
