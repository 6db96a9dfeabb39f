"""Fragments without their prose: what analyses of the whole story are given.

A writer changes words far more often than ways. What is found without the words stays true while only they change, and
whoever never sees them cannot depend on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diana_engine.compiler.syntax.story import Parsed, ParsedFragment
from diana_engine.expressions.text import Plain, Text
from diana_engine.program.model import Ask, Choice, Choices, Deck, Fragment, Next, Remind
from diana_engine.records import replace

__all__ = ["bare", "wording"]

_WORDS: Text = (Plain("…"),)


def bare(fragment: Fragment) -> Fragment:
    """Return a fragment with a mark in place of each text but the labels of its choices."""
    way = fragment.exit
    match way:
        case Choices(choices) | Deck(choices=choices) if any(
            one.locked or one.say or one.remind for one in choices
        ):
            way = replace(way, choices=_bare_choices(choices))
        case Next(_, Ask() as ask):
            way = replace(way, ask=replace(ask, retry=_bare(ask.retry)))
        case _:
            pass
    remind = _bare_remind(fragment.remind)
    return replace(fragment, text=_mark(fragment.text), exit=way, remind=remind)


def _bare_remind(remind: Remind | None) -> Remind | None:
    return None if remind is None else replace(remind, text=_mark(remind.text))


def _bare_choices(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    return tuple(
        replace(
            choice,
            locked=_bare(choice.locked),
            say=_bare(choice.say),
            remind=_bare_remind(choice.remind),
        )
        for choice in choices
    )


def _bare(text: Text | None) -> Text | None:
    return None if text is None else _mark(text)


def _mark(text: Text) -> Text:
    return _WORDS if text else ()


def wording(fragment: ParsedFragment) -> list[str]:
    """Return all but prose as it was written: what is found without the prose may quote it."""
    names = [fragment.access, fragment.otherwise, fragment.call, fragment.ending]
    parsed: list[Parsed[Any]] = [*fragment.requires, *fragment.on_enter]
    for branch in fragment.next or ():
        names.append(branch.to)
        parsed += branch.requires
    if fragment.storylet is not None:
        parsed += fragment.storylet.when
    for choice in fragment.choices or ():
        names += (choice.id, choice.access, choice.to)
        names += () if choice.cost is None else (choice.cost.source,)
        parsed += choice.requires
        parsed += choice.effects
    return ["" if one is None else one.text for one in names] + [one.source.text for one in parsed]
