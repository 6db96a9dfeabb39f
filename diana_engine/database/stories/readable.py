"""Requirements and texts in the words that a writer would use, for lists and searches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import assert_never

from diana_engine.expressions import terms
from diana_engine.expressions.terms import Number, Requirement
from diana_engine.expressions.text import (
    Alternatives,
    Format,
    Inline,
    Link,
    Plain,
    Show,
    Text,
    When,
)

__all__ = ["Name", "folded", "names_read", "plain_text", "requirement_words"]

Name = tuple[str, str]
"""A kind (variable, item, fragment, choice, condition, achievement or mission) and a name of that kind."""


# Words --------------------------------------------------------------------------------------------


def requirement_words(requirement: Requirement) -> str:
    """Return a requirement as it could stand in a story: ``trust >= 5 and not betrayed``."""
    match requirement:
        case terms.FlagIs(variable):
            return variable
        case terms.Compare(operator, left, right):
            return f"{_number(left)} {operator} {_number(right)}"
        case terms.Between(value, low, high):
            return f"{_number(value)} between {_number(low)} and {_number(high)}"
        case terms.WordIs(variable, word):
            return f"{variable} is {word if word.isidentifier() else _quoted(word)}"
        case terms.Has(item):
            return f"has {item}"
        case terms.Visited(fragment):
            return f"visited {fragment}"
        case terms.Chose(choice):
            return f"chose {choice}"
        case terms.Chance(percent):
            return f"chance({percent})"
        case terms.Holds(condition):
            return condition
        case terms.Not(inner):
            return f"not {_part(inner)}"
        case terms.All(parts):
            return " and ".join(map(_part, parts)) if parts else "always"
        case terms.Any(parts):
            return " or ".join(map(_part, parts)) if parts else "never"
        case terms.IsVip():
            return "vip"
        case terms.Achieved(achievement):
            return f"achieved {achievement}"
        case terms.MissionIs(mission, state):
            return f"mission {mission} {state}"
        case terms.Feels(feeling):
            return f"feels {feeling}"
        case _:
            assert_never(requirement)


def _part(requirement: Requirement) -> str:
    words = requirement_words(requirement)
    match requirement:
        case terms.All((_, _, *_)) | terms.Any((_, _, *_)) | terms.Between():
            return f"({words})"
        case _:
            return words


def _number(number: Number) -> str:
    match number:
        case terms.Constant(value):
            return str(value)
        case terms.NumberOf(variable):
            return variable
        case terms.Visits(fragment):
            return f"visits({fragment})"
        case terms.HoursSince(fragment):
            return f"hours_since({fragment})"
        case terms.Count(items):
            return f"count({', '.join(items)})"
        case terms.Arithmetic(operator, left, right):
            return f"({_number(left)} {operator} {_number(right)})"
        case terms.Roll(low, high):
            return f"roll({low} to {high})"
        case terms.LevelOf():
            return "level"
        case terms.StreakDays():
            return "streak"
        case _:
            assert_never(number)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


# Names --------------------------------------------------------------------------------------------


def names_read(requirement: Requirement) -> frozenset[Name]:
    """Return what a requirement depends on."""
    return frozenset(_names(requirement))


def _names(term: Requirement | Number) -> Iterator[Name]:
    match term:
        case terms.FlagIs(variable) | terms.WordIs(variable) | terms.NumberOf(variable):
            yield "variable", variable
        case terms.Has(item):
            yield "item", item
        case terms.Count(items):
            yield from (("item", item) for item in items)
        case terms.Visited(fragment) | terms.Visits(fragment) | terms.HoursSince(fragment):
            yield "fragment", fragment
        case terms.Chose(choice):
            yield "choice", choice
        case terms.Holds(condition):
            yield "condition", condition
        case (
            terms.Compare()
            | terms.Between()
            | terms.Arithmetic()
            | terms.Not()
            | terms.All()
            | terms.Any()
        ):
            for part in _parts(term):
                yield from _names(part)
        case terms.Achieved(achievement):
            yield "achievement", achievement
        case terms.MissionIs(mission):
            yield "mission", mission
        case terms.LevelOf(points):
            yield "variable", points
        case terms.Constant() | terms.Chance() | terms.Roll():
            return
        case terms.IsVip() | terms.StreakDays() | terms.Feels():
            return
        case _:
            assert_never(term)


def _parts(
    term: terms.Compare | terms.Between | terms.Arithmetic | terms.Not | terms.All | terms.Any,
) -> tuple[Requirement | Number, ...]:
    match term:
        case terms.Compare(_, left, right) | terms.Arithmetic(_, left, right):
            return left, right
        case terms.Between(value, low, high):
            return value, low, high
        case terms.Not(inner):
            return (inner,)
        case terms.All(parts) | terms.Any(parts):
            return parts
        case _:
            assert_never(term)


# Texts --------------------------------------------------------------------------------------------


def plain_text(text: Text) -> str:
    """Return a text's words without formatting; alternatives stand side by side, values by their names."""
    return "".join(map(_plain, text))


def _plain(part: Inline) -> str:
    match part:
        case Plain(characters):
            return characters
        case Format(_, inner) | Link(_, inner):
            return plain_text(inner)
        case Show(value):
            return f"{{{value.variable if isinstance(value, terms.WordOf) else _number(value)}}}"
        case When(branches):
            return " | ".join(plain_text(branch.text) for branch in branches)
        case Alternatives(_, options):
            return " | ".join(map(plain_text, options))
        case _:
            assert_never(part)


def folded(words: str) -> str:
    """Return words as they are searched: without case and accents, so that `jardin` finds `Jardín`."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
