"""Requirements that contradict themselves: ``a and not a``, two words at once, a number on both sides of a gap.

Only the parts of one `and` are held against each other, each taken by itself: what is found here is certain, and what
needs the states of a story is left to their analysis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from diana_engine.compiler.analysis.asked import Asked, Questions
from diana_engine.compiler.analysis.certain import verdict
from diana_engine.compiler.analysis.ranges import Range, narrowed, range_of
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import (
    All,
    Any,
    Between,
    Compare,
    Comparison,
    Not,
    Number,
    Requirement,
    VariableId,
    WordIs,
)
from diana_engine.records import dataclass

__all__ = ["contradictions", "exclude_each_other", "has_clash"]

_OPPOSITE: dict[Comparison, Comparison] = {
    "<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "==",
}  # fmt: skip
_MIRRORED: dict[Comparison, Comparison] = {
    "<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip


def contradictions(story: CheckedStory, questions: Questions) -> Iterator[Diagnostic]:
    """Yield a finding for each `and`, or list of requirements, whose parts cannot hold together."""
    for requirement in questions.all:
        # Terms alone are quick to look through; hardly ever has one of them to be shown.
        if not has_clash(requirement.term, story):
            continue
        for part in _conjunctions(requirement):
            members = list(_members(part))
            clash = _clash([member.term for member in members], story)
            if clash is not None:
                yield _finding(members[clash[1]], members[clash[0]])


def has_clash(term: Requirement, story: CheckedStory) -> bool:
    """Whether two parts of some `and` in `term` contradict each other."""
    match term:
        case Not(inner):
            return has_clash(inner, story)
        case Any(parts):
            return any(has_clash(part, story) for part in parts)
        case All():
            members = list(_terms(term))
            return _clash(members, story) is not None or any(
                has_clash(part, story) for part in members
            )
        case _:
            return False


def exclude_each_other(one: Requirement, other: Requirement, story: CheckedStory) -> bool:
    """Whether it is certain that the two never hold together; `False` where that is not known."""
    return _clash([*_terms(one), *_terms(other)], story) is not None


def _conjunctions(requirement: Asked) -> Iterator[Asked]:
    """Yield the outermost requirements of which all parts must hold, and those within `or` and `not`."""
    waiting = [(requirement, False)]
    while waiting:
        part, inside = waiting.pop()
        is_all = isinstance(part.term, All)
        if is_all and not inside:
            yield part
        waiting += [(inner, is_all) for inner in part.parts()]


def _members(part: Asked) -> Iterator[Asked]:
    if isinstance(part.term, All):
        for inner in part.parts():
            yield from _members(inner)
    else:
        yield part


def _terms(term: Requirement) -> Iterator[Requirement]:
    if isinstance(term, All):
        for inner in term.requirements:
            yield from _terms(inner)
    else:
        yield term


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a number can still be, and which parts said so; `None` where its declaration did."""

    range: Range
    low_by: int | None = None
    high_by: int | None = None

    def with_range(self, left: Range, index: int) -> _Bounds:
        """Return the bounds after part `index` left this range."""
        low_by = self.low_by if left.low == self.range.low else index
        return _Bounds(left, low_by, self.high_by if left.high == self.range.high else index)

    def against(self, left: Range) -> int | None:
        """Return the part that the one which left nothing contradicts."""
        first, other = self.high_by, self.low_by
        if left.high < self.range.low:
            first, other = other, first
        return other if first is None else first


@dataclass(slots=True)
class _Known:
    """What must be so for the parts that were seen, and which of them said it."""

    story: CheckedStory
    held: dict[Requirement, int] = field(default_factory=dict)
    denied: dict[Requirement, int] = field(default_factory=dict)
    words: dict[VariableId, tuple[str, int]] = field(default_factory=dict)
    numbers: dict[Number, _Bounds] = field(default_factory=dict)

    def clash(self, term: Requirement, index: int) -> int | None:
        """Take one more part; return the earlier one that it contradicts, or `None`."""
        inner, holds = _literal(term)
        against = (self.denied if holds else self.held).get(inner)
        (self.held if holds else self.denied).setdefault(inner, index)
        if against is not None:
            return against
        match inner:
            case WordIs(variable, word) if holds:
                before, first = self.words.setdefault(variable, (word, index))
                return None if before == word else first
            case Compare() | Between() if verdict(inner, self.story) is None:
                return self._narrow(inner, index, holds=holds)
            case _:
                return None

    def _narrow(self, term: Compare | Between, index: int, *, holds: bool) -> int | None:
        for number, operator, value in _bounds(term, self.story, holds=holds):
            before = self.numbers.get(number) or _Bounds(range_of(number, self.story))
            left = narrowed(before.range, operator, value)
            if left.is_empty:
                return before.against(left)
            self.numbers[number] = before.with_range(left, index)
        return None


def _literal(term: Requirement) -> tuple[Requirement, bool]:
    holds = True
    while isinstance(term, Not):
        term, holds = term.requirement, not holds
    return term, holds


def _bounds(
    term: Compare | Between, story: CheckedStory, *, holds: bool
) -> Iterator[tuple[Number, Comparison, int]]:
    """Yield what a comparison with a fixed number says of the other side."""
    match term:
        case Between(value, low, high):
            if holds:
                yield from _bound(value, ">=", low, story)
                yield from _bound(value, "<=", high, story)
        case Compare(operator, left, right):
            said = operator if holds else _OPPOSITE[operator]
            yield from _bound(left, said, right, story)
            yield from _bound(right, _MIRRORED[said], left, story)


def _bound(
    number: Number, operator: Comparison, other: Number, story: CheckedStory
) -> Iterable[tuple[Number, Comparison, int]]:
    value, own = range_of(other, story), range_of(number, story)
    if value.low == value.high and own.low != own.high:
        yield number, operator, value.low


def _clash(terms: Sequence[Requirement], story: CheckedStory) -> tuple[int, int] | None:
    if len(terms) < 2:
        return None
    known = _Known(story)
    for index, term in enumerate(terms):
        if (first := known.clash(term, index)) is not None:
            return first, index
    return None


def _finding(second: Asked, first: Asked) -> Diagnostic:
    return diagnose(
        "DIA322",
        second.span,
        f"`{first.words}` and `{second.words}` never hold together.",
        label="and this",
        labels=(Label(first.span, "this"),),
        help="Leave one of them out, or write `or` if one of the two is enough.",
    )
