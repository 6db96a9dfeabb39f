"""Choices that cannot be told apart, that say nothing, or that do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from diana_engine.compiler.analysis.contradictions import exclude_each_other
from diana_engine.compiler.analysis.uses import SeenUses, uses_of_fragment
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedChoice, ParsedText
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.text import (
    Alternatives,
    Format,
    Inline,
    Link,
    Plain,
    Show,
    Text,
    When,
    unvarying,
)
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Cost, Fragment
from diana_engine.source import Span

__all__ = ["choices_alike", "choices_idle"]


def choices_alike(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a finding for each choice that reads like an earlier one beside it, or like nothing."""
    for id, fragment in story.fragments.items():
        storylet = story.places[id].storylet
        if fragment.storylet and storylet and storylet.text:
            yield from _empty_button(fragment.storylet.text, storylet.text)
        seen: dict[tuple[str, Cost | None], list[tuple[Choice, ParsedChoice]]] = {}
        places = story.places[id].choices or ()
        for choice, parsed in zip(choices_of(fragment.exit), places, strict=True):
            words = unvarying(choice.text)
            if not words and _may_be_empty(choice.text):
                yield _empty(_words(parsed))
            if words is not None:
                earlier = seen.setdefault((words.casefold(), choice.cost), [])
                twin = next((one for one in earlier if not _apart(one[0], choice, story)), None)
                earlier.append((choice, parsed))
                if twin is not None:
                    yield _alike(parsed, twin[1], words)


def _empty_button(text: Text, parsed: ParsedText) -> Iterator[Diagnostic]:
    if _may_be_empty(text):
        yield _empty(parsed.source.whole)


def _may_be_empty(text: Text) -> bool:
    """Whether there is a case in which nothing of a text is left to be read."""
    return all(map(_may_be_blank, text))


def _may_be_blank(part: Inline) -> bool:
    match part:
        case Plain(characters):
            return not characters.strip()
        case Format(_, inner) | Link(_, inner):
            return _may_be_empty(inner)
        case Show():
            return False
        case When(branches):
            last = branches[-1:]
            has_else = bool(last) and last[0].requirement is None
            return not has_else or any(_may_be_empty(branch.text) for branch in branches)
        case Alternatives(order, options):
            return order == "once" or any(map(_may_be_empty, options))
        case _:
            assert_never(part)


def _apart(one: Choice, other: Choice, story: CheckedStory) -> bool:
    """Whether players surely never see both: each is hidden when its `requires` is not met, and one of them is not."""
    if one.locked is not None or other.locked is not None:
        return False
    if one.requires is None or other.requires is None:
        return False
    return exclude_each_other(one.requires, other.requires, story)


def _place(choice: ParsedChoice) -> Span:
    """Where a choice meets another one: what was included does so by being included."""
    if choice.included is not None:
        return choice.included.whole
    return _words(choice)


def _words(choice: ParsedChoice) -> Span:
    return choice.text.source.whole if choice.text is not None else choice.anchor.whole


def _empty(place: Span) -> Diagnostic:
    return diagnose(
        "DIA711",
        place,
        "There is a case in which this choice has no words to be read.",
        help="Add an `else:` with words; or say with `requires:` when the choice is there.",
    )


def _alike(choice: ParsedChoice, twin: ParsedChoice, words: str) -> Diagnostic:
    together = choice.included is not None and choice.included is twin.included
    place = _words if together else _place
    return diagnose(
        "DIA710",
        place(choice),
        f"Another choice here reads “{words}” too, and players cannot tell them apart.",
        labels=(Label(place(twin), "the other one"),),
        help="Say in each what is different; or let each require what the other one does not.",
    )


# Choices that do nothing --------------------------------------------------------------------------------------------


def choices_idle(story: CheckedStory, uses: SeenUses) -> Iterator[Diagnostic]:
    """Yield a note for each choice that leads back to where it stands and leaves everything as it was."""
    for id, fragment in story.fragments.items():
        places = story.places[id].choices or ()
        back = [
            (choice, parsed)
            for choice, parsed in zip(choices_of(fragment.exit), places, strict=True)
            if choice.to == id and _changes_nothing(choice, uses)
        ]
        if back and _always_the_same(fragment, uses):
            for _, parsed in back:
                yield diagnose(
                    "DIA407",
                    (parsed.included or parsed.to or parsed.anchor).whole,
                    "This choice leads back to where it stands, and nothing is different then.",
                    help="Let it change something, `say:` something, or lead somewhere else.",
                )


def _changes_nothing(choice: Choice, uses: SeenUses) -> bool:
    free = choice.cost is None and choice.wait is None
    keeps = not choice.effects and free and not choice.once and not choice.say
    return keeps and choice.key not in uses.chosen


def _always_the_same(fragment: Fragment, uses: SeenUses) -> bool:
    """Whether another visit is like the one before: nothing happens on entry, and nothing is drawn or counted."""
    quiet = not fragment.on_enter and fragment.id not in uses.counted
    return quiet and not uses_of_fragment(fragment).draws
