"""Sums of variables as guards: when one is at least a constant, and every way in which it can come out.

A sum is split in halves until each part is one variable. Products are written out value by value. What would need more
parts than are looked at is `Opaque`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    BEYOND,
    LIMIT,
    NEVER,
    Guard,
    Slot,
)
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.expressions.terms import (
    Arithmetic,
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

__all__ = ["Linear", "Opaque", "Sums"]

_MOST_PARTS = 20_000
"""How many parts one comparison may come to."""
_MOST_VALUES = 4_096
"""How many ways for the variables of a product or an amount to come out are written out."""


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


class Sums:
    """The sums of one program's variables."""

    def __init__(self, slots: Slots, guards: Guards) -> None:
        self.slots, self.guards = slots, guards
        self._parts = 0

    def begin(self) -> None:
        """Begin with a new comparison: what it may come to is counted anew."""
        self._parts = 0

    def positive(self, sum_: Linear) -> Guard:
        """Return the guard that a sum is 0 or more."""
        terms = sorted(sum_.times.items(), key=lambda term: self.width(term[0]))
        for variable, _ in terms[:-1]:
            self.bound(variable)
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
                return self.at_least(variable, -(-need // count))
            return self.guards.negated(self.at_least(variable, need // count + 1))
        key = (terms, need)
        if key not in known:
            half = len(terms) // 2
            first, second = terms[:half], terms[half:]
            low, high = self._range(first)
            least, most = self._range(second)
            # From `need - least` on nothing more is asked of the second half, below `need - most` nothing is enough.
            begin, end = max(low, need - most), min(high, need - least) + 1
            self._count(max(0, end - begin))
            ways = [
                self.guards.both(
                    self._reaching(first, reached, known),
                    self._reaching(second, need - reached, known),
                )
                for reached in range(begin, end)
            ]
            if need - least <= low:
                ways = [ALWAYS]
            known[key] = self.guards.some(ways)
        return known[key]

    def at_least(self, variable: int, bound: int) -> Guard:
        """Return the guard that a variable is at least this."""
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

    def linear(self, number: Number, values: Mapping[int, int]) -> Linear:
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
                one, other = self.linear(left, values), self.linear(right, values)
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
                raise Opaque(f"the hours since `{fragment}` are reckoned with")
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
            if self.width(term[0]) < LIMIT  # what has no end does not get there
        ]
        low, high = self._range(tuple(terms))
        if low + sum_.constant < -LIMIT or high + sum_.constant > LIMIT:
            raise Opaque("a number may go beyond the largest there is")
        return sum_

    # Values ---------------------------------------------------------------------------------------------------------

    def written_out(
        self, variables: list[int], times: int = 1
    ) -> Iterator[tuple[Guard, dict[int, int]]]:
        """Yield every way in which these variables come out, with its guard; each is to be used `times` times."""
        for variable in variables:
            self.bound(variable)
        ranges = [
            range(self.slots.variables[v].low, self.slots.variables[v].high + 1) for v in variables
        ]
        if times * prod(map(len, ranges)) > _MOST_VALUES:
            raise Opaque("numbers with too many values are reckoned with")
        for values in product(*ranges):
            pairs = list(zip(variables, values, strict=True))
            parts = [self.between(variable, value, value) for variable, value in pairs]
            yield self.guards.every(parts), dict(pairs)

    def between(self, variable: int, least: int, most: int) -> Guard:
        """Return the guard that a variable is neither less nor more."""
        return self.guards.both(
            self.at_least(variable, least),
            self.guards.negated(self.at_least(variable, most + 1)),
        )

    def bound(self, variable: int) -> None:
        """Give an end to a variable that has none: its values are about to be gone through."""
        one = self.slots.variables[variable]
        cap = self.slots.largest + BEYOND
        if one.high >= LIMIT:
            one.high, one.capped = cap, True
        if one.low <= -LIMIT:
            one.low, one.capped = -cap, True

    def width(self, variable: int) -> int:
        """Return how far the ends of a variable lie apart."""
        one = self.slots.variables[variable]
        return one.high - one.low

    def variables(self, number: Number) -> set[int]:
        """Return the variables that a number is reckoned with."""
        if isinstance(number, Arithmetic):
            return self.variables(number.left) | self.variables(number.right)
        return {self.slots.number[slot] for slot in _slots(number)}

    def factors(self, number: Number) -> set[int]:
        """Return what must be written out for a number to be a sum: of each product, the narrower side."""
        if not isinstance(number, Arithmetic):
            return set()
        found = self.factors(number.left) | self.factors(number.right)
        if number.operator == "*":
            sides = (self.variables(number.left), self.variables(number.right))
            found |= min(sides, key=lambda side: prod(self.width(v) + 1 for v in side))
        return found

    def _count(self, parts: int) -> None:
        self._parts += parts
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
