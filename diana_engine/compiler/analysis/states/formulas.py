"""Requirements and numbers as guards over the variables of a model.

A comparison is brought to a sum of variables that is at least a constant, and that is split in halves until each part
is one variable. Products of variables are written out value by value. What would need more parts than are looked at,
is `Opaque`: the analysis then goes on as if it might come out either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, product
from math import prod
from typing import assert_never

from diana_engine.compiler.analysis.states.guards import Guards
from diana_engine.compiler.analysis.states.model import ALWAYS, LIMIT, NEVER, Guard, Slot
from diana_engine.compiler.analysis.states.slots import Slots
from diana_engine.expressions.terms import (
    Achieved,
    All,
    Any,
    Arithmetic,
    Between,
    Chance,
    Chose,
    Compare,
    Comparison,
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

__all__ = ["Formulas", "Opaque"]

_MOST_PARTS = 20_000
"""How many parts one comparison may come to."""
_MOST_VALUES = 4_096
"""How many ways for the variables of a product or an amount to come out are written out."""
_MIRRORED: Mapping[Comparison, Comparison] = {
    "<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip
BEYOND = 64
"""How far past the largest constant of a story a number without a bound is followed."""


class Opaque(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """Something asks for more than is looked at; its words say what."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of variables, each as often as `times` says, and a constant."""

    constant: int
    times: Mapping[int, int]

    def plus(self, other: Linear, sign: int = 1) -> Linear:
        """Return the sum with `other`, or with `sign` times it."""
        times = dict(self.times)
        for variable, count in other.times.items():
            times[variable] = times.get(variable, 0) + sign * count
        return Linear(
            self.constant + sign * other.constant, {v: count for v, count in times.items() if count}
        )

    def scaled(self, factor: int) -> Linear:
        """Return the sum `factor` times."""
        return Linear(
            self.constant * factor, {v: count * factor for v, count in self.times.items() if factor}
        )


class Formulas:
    """The guards of one program's requirements; what named conditions and shared terms come to is kept."""

    def __init__(self, slots: Slots, guards: Guards) -> None:
        self.slots, self.guards = slots, guards
        self._conditions = slots.program.conditions
        self._named: dict[str, Guard] = {}
        self._parts = 0

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
        variables = sorted(self._variables(number), key=self._width)
        if not variables:
            yield ALWAYS, max(least, min(most, self._linear(number, {}).constant))
            return
        *others, last = variables
        self._bound(last)
        one = self.slots.variables[last]
        values = range(one.low, one.high + 1)
        for guard, known in self._written_out(others, len(values)):
            amounts = [
                max(least, min(most, self._linear(number, {**known, last: value}).constant))
                for value in values
            ]
            for amount, run in groupby(zip(amounts, values, strict=True), key=lambda pair: pair[0]):
                alike = [value for _, value in run]
                yield self.guards.both(guard, self._between(last, alike[0], alike[-1])), amount

    # Numbers --------------------------------------------------------------------------------------------------------

    def _compared(self, requirement: Compare | Between) -> Guard:
        """Return the guard for a comparison; the factors of its products are written out value by value."""
        if (levels := self._of_level(requirement)) is not None:
            return levels
        numbers = (
            (requirement.left, requirement.right)
            if isinstance(requirement, Compare)
            else (requirement.value, requirement.low, requirement.high)
        )
        factors = sorted({variable for number in numbers for variable in self._factors(number)})
        self._parts = 0
        return self.guards.some(
            [
                self.guards.both(guard, self._relation(requirement, values))
                for guard, values in self._written_out(factors)
            ]
        )

    def _of_level(self, requirement: Compare | Between) -> Guard | None:
        """Return the guard for a level that is compared with constants, which asks how much was earned; else nothing."""
        match requirement:
            case Compare(operator, LevelOf() as level, Constant(bound)):
                return self._level(level, operator, bound)
            case Compare(operator, Constant(bound), LevelOf() as level):
                return self._level(level, _MIRRORED[operator], bound)
            case Between(LevelOf() as level, Constant(low), Constant(high)):
                return self.guards.both(
                    self._level(level, ">=", low), self._level(level, "<=", high)
                )
            case _:
                return None

    def _level(self, level: LevelOf, operator: Comparison, bound: int) -> Guard:
        match operator:
            case ">=":
                if bound <= 0:
                    return ALWAYS
                if bound > len(level.thresholds):
                    return NEVER
                index = self.slots.number["earned", level.points]
                return self._at_least(index, level.thresholds[bound - 1])
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
            value = self._linear(requirement.value, values)
            low, high = (
                self._linear(requirement.low, values),
                self._linear(requirement.high, values),
            )
            return guards.both(
                self._positive(value.plus(low, -1)), self._positive(high.plus(value, -1))
            )
        gap = self._linear(requirement.left, values).plus(
            self._linear(requirement.right, values), -1
        )
        beyond = Linear(gap.constant - 1, gap.times)
        match requirement.operator:
            case ">=":
                return self._positive(gap)
            case "<":
                return guards.negated(self._positive(gap))
            case ">":
                return self._positive(beyond)
            case "<=":
                return guards.negated(self._positive(beyond))
            case "==":
                return guards.both(self._positive(gap), guards.negated(self._positive(beyond)))
            case "!=":
                return guards.either(guards.negated(self._positive(gap)), self._positive(beyond))
            case _:
                assert_never(requirement.operator)

    def _positive(self, sum_: Linear) -> Guard:
        """Return the guard that a sum is 0 or more."""
        terms = sorted(sum_.times.items(), key=lambda term: self._width(term[0]))
        for variable, _ in terms[:-1]:
            self._bound(variable)
        return self._reaching(tuple(terms), -sum_.constant, {})

    def _reaching(
        self,
        terms: tuple[tuple[int, int], ...],
        need: int,
        known: dict[tuple[tuple[tuple[int, int], ...], int], Guard],
    ) -> Guard:
        """Return the guard that these terms together come to `need` or more."""
        if not terms:
            return ALWAYS if need <= 0 else NEVER
        if len(terms) == 1:
            ((variable, count),) = terms
            if count > 0:
                return self._at_least(variable, -(-need // count))
            return self.guards.negated(self._at_least(variable, need // count + 1))
        key = (terms, need)
        if key not in known:
            half = len(terms) // 2
            first, second = terms[:half], terms[half:]
            low, high = self._range(first)
            least, most = self._range(second)
            ways = []
            # From `need - least` on nothing more is asked of the second half, below `need - most` nothing is enough.
            for reached in range(max(low, need - most), min(high, need - least) + 1):
                self._count()
                ways.append(
                    self.guards.both(
                        self._reaching(first, reached, known),
                        self._reaching(second, need - reached, known),
                    )
                )
            if need - least <= low:
                ways = [ALWAYS]
            known[key] = self.guards.some(ways)
        return known[key]

    def _at_least(self, variable: int, bound: int) -> Guard:
        one = self.slots.variables[variable]
        if bound <= one.low:
            return ALWAYS
        return NEVER if bound > one.high else self.guards.at_least(variable, bound)

    def _range(self, terms: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        low = high = 0
        for variable, count in terms:
            one = self.slots.variables[variable]
            ends = (one.low * count, one.high * count)
            low, high = low + min(ends), high + max(ends)
        return low, high

    def _linear(self, number: Number, values: Mapping[int, int]) -> Linear:
        """Return a number as a sum, where the variables of `values` have these; of each product one side is among them."""
        match number:
            case Constant(value):
                return Linear(value, {})
            case NumberOf() | Visits() | Count() | StreakDays():
                known = [self.slots.number[slot] for slot in _slots(number)]
                return Linear(
                    sum(values.get(variable, 0) for variable in known),
                    {variable: 1 for variable in known if variable not in values},
                )
            case Arithmetic(operator, left, right):
                one, other = self._linear(left, values), self._linear(right, values)
                match operator:
                    case "+":
                        found = one.plus(other)
                    case "-":
                        found = one.plus(other, -1)
                    case "*":
                        found = (
                            other.scaled(one.constant)
                            if not one.times
                            else one.scaled(other.constant)
                        )
                    case _:
                        assert_never(operator)
                return self._within_limit(found)
            case Roll():
                raise AssertionError(f"{number} is not decided")
            case HoursSince(fragment):
                raise Opaque(f"the time since `{fragment}` is asked")
            case LevelOf():
                raise Opaque("a level is reckoned with")
            case _:
                assert_never(number)

    def _within_limit(self, sum_: Linear) -> Linear:
        """Return a sum that stays within the language's limits, where it would saturate."""
        if not sum_.times:
            return Linear(max(-LIMIT, min(LIMIT, sum_.constant)), {})
        terms = [
            term
            for term in sum_.times.items()
            if self._width(term[0]) < LIMIT  # what has no end does not get there
        ]
        low, high = self._range(tuple(terms))
        if low + sum_.constant < -LIMIT or high + sum_.constant > LIMIT:
            raise Opaque("a number may go beyond the largest there is")
        return sum_

    # Values ---------------------------------------------------------------------------------------------------------

    def _written_out(
        self, variables: list[int], times: int = 1
    ) -> Iterator[tuple[Guard, dict[int, int]]]:
        """Yield every way in which these variables come out, with its guard; each is to be used `times` times."""
        for variable in variables:
            self._bound(variable)
        ranges = [
            range(self.slots.variables[v].low, self.slots.variables[v].high + 1) for v in variables
        ]
        if times * prod(map(len, ranges)) > _MOST_VALUES:
            raise Opaque("numbers with too many values are reckoned with")
        for values in product(*ranges):
            pairs = list(zip(variables, values, strict=True))
            parts = [self._between(variable, value, value) for variable, value in pairs]
            yield self.guards.every(parts), dict(pairs)

    def _between(self, variable: int, least: int, most: int) -> Guard:
        return self.guards.both(
            self._at_least(variable, least),
            self.guards.negated(self._at_least(variable, most + 1)),
        )

    def _bound(self, variable: int) -> None:
        """Give an end to a variable that has none: its values are about to be gone through."""
        one = self.slots.variables[variable]
        cap = self.slots.largest + BEYOND
        if one.high >= LIMIT:
            one.high, one.capped = cap, True
        if one.low <= -LIMIT:
            one.low, one.capped = -cap, True

    def _width(self, variable: int) -> int:
        one = self.slots.variables[variable]
        return one.high - one.low

    def _variables(self, number: Number) -> set[int]:
        if isinstance(number, Arithmetic):
            return self._variables(number.left) | self._variables(number.right)
        return {self.slots.number[slot] for slot in _slots(number)}

    def _factors(self, number: Number) -> set[int]:
        """Return what must be written out for a number to be a sum: of each product, the narrower side."""
        if not isinstance(number, Arithmetic):
            return set()
        found = self._factors(number.left) | self._factors(number.right)
        if number.operator == "*":
            sides = (self._variables(number.left), self._variables(number.right))
            found |= min(sides, key=lambda side: prod(self._width(v) + 1 for v in side))
        return found

    def _count(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise Opaque("numbers with too many values are compared")


def _slots(number: Number) -> tuple[Slot, ...]:
    """Return the parts of a player's state that a number without arithmetic is the sum of."""
    match number:
        case NumberOf(variable):
            return (("value", variable),)
        case Visits(fragment):
            return (("visits", fragment),)
        case Count(items):
            return tuple([("item", item) for item in items])
        case StreakDays():
            return (("streak", ""),)
        case _:
            return ()
