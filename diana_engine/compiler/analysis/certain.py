"""Comparisons whose answer the declarations give away: always true, or never."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.asked import Asked, Questions
from diana_engine.compiler.analysis.ranges import compared, range_of
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.syntax import BetweenSyntax, CompareSyntax, Expression, IsSyntax
from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    All,
    Any,
    Between,
    Chance,
    Compare,
    Constant,
    Not,
    Number,
    Requirement,
    WordIs,
)
from diana_engine.program.model import Words

__all__ = ["certain", "has_certain", "verdict"]


def certain(story: CheckedStory, questions: Questions) -> Iterator[Diagnostic]:
    """Yield a finding for each comparison that comes out the same whatever players do."""
    for requirement in questions.all:
        # Terms alone are quick to look through; hardly ever has one of them to be shown.
        if not has_certain(requirement.term, story):
            continue
        for part in requirement.all():
            if (answer := verdict(part.term, story)) is not None:
                yield _finding(part, story, answer=answer)


def has_certain(term: Requirement, story: CheckedStory) -> bool:
    """Whether some part of `term` always comes to the same."""
    match term:
        case Not(inner):
            return has_certain(inner, story)
        case All(parts) | Any(parts):
            return any(has_certain(part, story) for part in parts)
        case _:
            return verdict(term, story) is not None


def verdict(term: Requirement, story: CheckedStory) -> bool | None:
    """Return what a single comparison, or a chance, always comes to; `None` when that depends or it is another thing."""
    match term:
        case Compare(operator, left, right):
            return compared(operator, range_of(left, story), range_of(right, story))
        case Between(value, low, high):
            number = range_of(value, story)
            above = compared(">=", number, range_of(low, story))
            below = compared("<=", number, range_of(high, story))
            upside_down = compared("<=", range_of(low, story), range_of(high, story)) is False
            if above is False or below is False or upside_down:
                return False
            return True if above and below else None
        case WordIs(variable, word):
            kind = story.variables[variable]
            too_long = isinstance(kind, Words) and len(word) > kind.max_length
            return False if too_long else None
        case Chance(percent) if percent in (0, 100):
            return percent == 100
        case _:
            return None


def _finding(part: Asked, story: CheckedStory, *, answer: bool) -> Diagnostic:
    help = "Leave it out, or compare with a value that can go either way."
    if isinstance(part.term, Chance):
        help = "Leave it out, or write how often it is to happen: from `chance(1)` to `chance(99)`."
    elif not answer:
        help = (
            "Compare with a value that it can have, or give it a wider range where it is declared."
        )
    return diagnose(
        "DIA320" if answer else "DIA321",
        part.span,
        f"`{part.words}` {'always' if answer else 'never'} holds{_because(part, story)}.",
        help=help,
    )


def _because(part: Asked, story: CheckedStory) -> str:
    for number, syntax in _sides(part):
        if not isinstance(number, Constant):
            return f": `{_words(part, syntax)}` {_extent(number, story)}"
    return ""


def _sides(part: Asked) -> Iterator[tuple[Number, Expression]]:
    match part.syntax, part.term:
        case CompareSyntax(_, left, right) | IsSyntax(left, right), Compare(_, one, other):
            yield one, left
            yield other, right
        case BetweenSyntax(value), Between(number):
            yield number, value
        case _:
            pass


def _words(part: Asked, syntax: Expression) -> str:
    return part.source.text[syntax.start : syntax.end]


def _extent(number: Number, story: CheckedStory) -> str:
    extent = range_of(number, story)
    if extent.low == -NUMBER_LIMIT:
        return f"is at most {extent.high}"
    if extent.high == NUMBER_LIMIT:
        return f"is at least {extent.low}"
    return f"lies from {extent.low} to {extent.high}"
