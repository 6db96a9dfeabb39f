"""Can requirements hold together? Answered from the requirements and the declarations alone.

Every number is taken to be free within its range, every word among its values, and everything else to be so or not,
each by itself. So *no* is certain, and *yes* says only that nothing is known against it. The parts of an `or` are tried
one by one, within a budget; past it the answer is yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import assert_never

from diana_engine.compiler.analysis.ranges import Range, compared, range_of
from diana_engine.compiler.checking.checked import CheckedStory
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
    Count,
    Feels,
    FlagIs,
    Has,
    Holds,
    IsVip,
    MissionIs,
    Not,
    Number,
    Requirement,
    VariableId,
    Visited,
    Visits,
    WordIs,
)
from diana_engine.program.model import OneOf, Words
from diana_engine.records import dataclass

__all__ = ["can_hold", "denied"]

_TRIES = 200
"""How many parts of `or` are tried; requirements that people write need a handful."""
_UNFOLDED = 2_000
"""How many terms are looked at, with named conditions unfolded."""

_OPPOSITE: dict[Comparison, Comparison] = {
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "==",
}  # fmt: skip
_MIRRORED: dict[Comparison, Comparison] = {
    "<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip


def can_hold(requirements: Iterable[Requirement], story: CheckedStory) -> bool:
    """Whether all of `requirements` may hold at once; `False` is certain."""
    return _Search(story).holds(list(requirements), _Facts())


def denied(requirement: Requirement) -> Requirement:
    """Return the requirement that holds where `requirement` does not."""
    return requirement.requirement if isinstance(requirement, Not) else Not(requirement)


@dataclass(slots=True)
class _Facts:
    """What must be so; a number also differs from each of its `holes`."""

    numbers: dict[Number, Range] = field(default_factory=dict)
    holes: dict[Number, frozenset[int]] = field(default_factory=dict)
    words: dict[VariableId, str] = field(default_factory=dict)
    other_words: dict[VariableId, frozenset[str]] = field(default_factory=dict)
    atoms: dict[Requirement, bool] = field(default_factory=dict)

    def copy(self) -> _Facts:
        return _Facts(
            dict(self.numbers),
            dict(self.holes),
            dict(self.words),
            dict(self.other_words),
            dict(self.atoms),
        )


@dataclass(slots=True)
class _Search:
    """One question, with what may still be spent on it."""

    story: CheckedStory
    tries: int = _TRIES
    looks: int = _UNFOLDED

    def holds(self, waiting: list[Requirement], facts: _Facts) -> bool:
        """Whether all that is waiting may hold besides the facts, which it changes."""
        forks: list[Sequence[Requirement]] = []
        while waiting:
            self.looks -= 1
            if self.looks < 0:
                return True
            term, positive = _unwrapped(waiting.pop())
            match term:
                case All(parts) | Any(parts):
                    inner = parts if positive else tuple(map(denied, parts))
                    if isinstance(term, All) == positive:
                        waiting += reversed(inner)
                    else:
                        forks.append(inner)
                case Holds(condition):
                    meant = self.story.conditions[condition]
                    waiting.append(meant if positive else Not(meant))
                case Between(value, low, high):
                    ends = (Compare(">=", value, low), Compare("<=", value, high))
                    if positive:
                        waiting += ends
                    else:
                        forks.append(tuple(map(denied, ends)))
                case _:
                    if not self.agrees(term, facts, positive=positive):
                        return False
        return self._some_way(forks, facts)

    def _some_way(self, forks: list[Sequence[Requirement]], facts: _Facts) -> bool:
        if not forks:
            return True
        first, *rest = forks
        for part in first:
            self.tries -= 1
            if self.tries < 0:
                return True
            # What is still to be decided waits as it is, to be divided again further in.
            if self.holds([part, *map(Any, map(tuple, rest))], facts.copy()):
                return True
        return False

    def agrees(self, term: Requirement, facts: _Facts, *, positive: bool) -> bool:
        """Take one more fact; whether it may be so besides those before."""
        match term:
            case Compare(operator, left, right):
                said = operator if positive else _OPPOSITE[operator]
                return self._compare(said, left, right, facts)
            case Has(item):
                return self._compare(">=" if positive else "<", Count((item,)), Constant(1), facts)
            case Visited(fragment):
                return self._compare(
                    ">=" if positive else "<", Visits(fragment), Constant(1), facts
                )
            case WordIs(variable, word):
                return self._word(variable, word, facts, positive=positive)
            case Chance(percent) if percent in (0, 100):
                return positive == (percent == 100)
            case FlagIs() | Chose() | Chance() | IsVip() | Achieved() | MissionIs() | Feels():
                return facts.atoms.setdefault(term, positive) == positive
            case Not() | All() | Any() | Between() | Holds():
                raise AssertionError("these are taken apart before")
            case _:
                assert_never(term)

    def _compare(self, operator: Comparison, left: Number, right: Number, facts: _Facts) -> bool:
        own, other = range_of(left, self.story), range_of(right, self.story)
        certain = compared(operator, own, other)
        if certain is not None:
            return certain
        if other.low == other.high:
            return self._narrow(left, own, operator, other.low, facts)
        if own.low == own.high:
            return self._narrow(right, other, _MIRRORED[operator], own.low, facts)
        term, positive = _canonical(operator, left, right)
        return facts.atoms.setdefault(term, positive) == positive

    def _narrow(
        self, number: Number, declared: Range, operator: Comparison, value: int, facts: _Facts
    ) -> bool:
        before = facts.numbers.get(number, declared)
        holes = facts.holes.get(number, frozenset())
        low, high = before.low, before.high
        match operator:
            case "<":
                high = min(high, value - 1)
            case "<=":
                high = min(high, value)
            case ">":
                low = max(low, value + 1)
            case ">=":
                low = max(low, value)
            case "==":
                low, high = max(low, value), min(high, value)
            case "!=":
                holes |= {value}
            case _:
                assert_never(operator)
        while low <= high and low in holes:
            low += 1
        while low <= high and high in holes:
            high -= 1
        facts.numbers[number], facts.holes[number] = Range(low, high), holes
        return low <= high

    def _word(self, variable: VariableId, word: str, facts: _Facts, *, positive: bool) -> bool:
        others = facts.other_words.get(variable, frozenset())
        if positive:
            kind = self.story.variables[variable]
            too_long = isinstance(kind, Words) and len(word) > kind.max_length
            return facts.words.setdefault(variable, word) == word not in others and not too_long
        others |= {word}
        facts.other_words[variable] = others
        if facts.words.get(variable) == word:
            return False
        kind = self.story.variables[variable]
        return not isinstance(kind, OneOf) or bool(set(kind.values) - others)


def _unwrapped(term: Requirement) -> tuple[Requirement, bool]:
    positive = True
    while isinstance(term, Not):
        term, positive = term.requirement, not positive
    return term, positive


def _canonical(operator: Comparison, left: Number, right: Number) -> tuple[Requirement, bool]:
    """Return one way to write a comparison of two numbers that vary, and whether that or its opposite is meant."""
    match operator:
        case ">=":
            return Compare(">=", left, right), True
        case "<":
            return Compare(">=", left, right), False
        case "<=":
            return Compare(">=", right, left), True
        case ">":
            return Compare(">=", right, left), False
        case "==" | "!=":
            # Two numbers are equal whichever is named first.
            first, second = sorted((left, right), key=repr)
            return Compare("==", first, second), operator == "=="
        case _:
            assert_never(operator)
