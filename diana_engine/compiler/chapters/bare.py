"""Fragments without their prose: what analyses of the whole story are given.

A writer changes words far more often than ways. What is found without the words stays true while only they change, and
whoever never sees them cannot depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from diana_engine.compiler.syntax.story import ParsedChoice, ParsedFragment, ParsedRequirement
from diana_engine.expressions.text import Plain, Text
from diana_engine.program.model import Ask, Choice, Choices, Deck, Fragment, Next, Remind

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


def wording(fragment: ParsedFragment) -> Iterator[str]:
    """Yield all but prose as it was written: what is found without the prose may quote it."""
    yield from _sources(fragment.requires)
    yield from (effect.source.text for effect in fragment.on_enter)
    named = (fragment.access, fragment.otherwise, fragment.call, fragment.ending)
    yield from (one.text if one is not None else "" for one in named)
    for branch in fragment.next or ():
        yield branch.to.text if branch.to is not None else ""
        yield from _sources(branch.requires)
    if fragment.storylet is not None:
        yield from _sources(fragment.storylet.when)
    for choice in fragment.choices or ():
        yield from _wording_of_choice(choice)


def _wording_of_choice(choice: ParsedChoice) -> Iterator[str]:
    yield from _sources(choice.requires)
    yield from (effect.source.text for effect in choice.effects)
    price = choice.cost.source if choice.cost is not None else None
    named = (choice.id, choice.access, choice.to, price)
    yield from (one.text if one is not None else "" for one in named)


def _sources(requirement: ParsedRequirement) -> Iterator[str]:
    return (part.source.text for part in requirement)
