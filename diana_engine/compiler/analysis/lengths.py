"""Texts that are longer than Telegram shows, in the longest way in which they can be read.

The limits are those that the Telegram adapter keeps to (a test compares them): it splits, or shortens, and nothing is
refused. Numbers count with the widest value that their range allows, but no more than six digits: hardly a story
goes further, and a range that was never declared says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from diana_engine.compiler.analysis.ranges import range_of
from diana_engine.compiler.analysis.uses import SeenUses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedText
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import Number, VariableId, WordOf
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
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Fragment, OneOf, Variable, Words
from diana_engine.source import Located

__all__ = ["ANSWER", "BUTTON", "CAPTION", "MESSAGE", "long_texts"]

MESSAGE = 4096
"""UTF-16 units of one message."""
CAPTION = 1024
"""UTF-16 units of the text that stands below a picture."""
BUTTON = 64
"""UTF-16 units of a button's label."""
ANSWER = 200
"""UTF-16 units of the answer to a tap on a locked choice."""
_DIGITS = 6


def long_texts(story: CheckedStory, uses: SeenUses) -> Iterator[Diagnostic]:
    """Yield a finding for each text that Telegram cannot show in one piece."""
    widths = _widths(story, uses)
    for id, fragment in story.fragments.items():
        place = story.places[id]
        length = _message(fragment, story, widths)
        if CAPTION < length <= MESSAGE and len(fragment.media) == 1 and place.text is not None:
            yield diagnose(
                "DIA726",
                place.id.whole,
                f"The text of `{id}` can be {length} characters long, and the caption of a {fragment.media[0].kind} holds {CAPTION}.",
                help="It will be sent as a message of its own, below. To have both in one, say it in fewer words.",
            )
        if length > MESSAGE and place.text is not None:
            yield diagnose(
                "DIA712",
                place.id.whole,
                f"`{id}` can be {length} characters long, and one message on Telegram holds {MESSAGE}.",
                help="It will be sent in several messages. To say where it parts, make it two fragments.",
            )
        if fragment.storylet is not None and place.storylet is not None:
            words = place.storylet.text.source if place.storylet.text else place.title
            yield from _label(words, _longest(fragment.storylet.text, story, widths))
        for choice, parsed in zip(choices_of(fragment.exit), place.choices or (), strict=True):
            words = parsed.text.source if parsed.text else None
            yield from _label(words, _longest(choice.text, story, widths))
            if choice.locked:
                yield from _reason(parsed.locked, _longest(choice.locked, story, widths))


def _label(words: Located | None, length: int) -> Iterator[Diagnostic]:
    if words is not None and length > BUTTON:
        yield diagnose(
            "DIA713",
            words.whole,
            f"This choice can be {length} characters long, and a button shows {BUTTON}.",
            help="Say it in fewer words, and put the rest into the fragment's text.",
        )


def _reason(parsed: ParsedText | None, length: int) -> Iterator[Diagnostic]:
    if parsed is not None and length > ANSWER:
        yield diagnose(
            "DIA714",
            parsed.source.whole,
            f"This reason can be {length} characters long, and Telegram shows {ANSWER} of it.",
            help="Say it in fewer words; the rest can stand in the fragment's text.",
        )


def _widths(story: CheckedStory, uses: SeenUses) -> dict[VariableId, int]:
    """Return how long the longest word is that each variable of words ever has."""
    widths: dict[VariableId, int] = {}
    for id, variable in story.variables.items():
        if isinstance(variable, OneOf | Words):
            widths[id] = _units(variable.initial)
    for id, word in uses.words_set:
        widths[id] = max(widths.get(id, 0), _units(word))
    for id in uses.asked_for:
        widths[id] = max(widths.get(id, 0), _typed(story.variables[id]))
    return widths


def _typed(variable: Variable) -> int:
    """Return how long what players type for a variable can be; an emoji counts two."""
    match variable:
        case Words(_, longest):
            return 2 * longest
        case OneOf(values):
            return max(map(_units, values))
        case _:
            return 0


def _units(text: str) -> int:
    """Return the length as Telegram counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _message(fragment: Fragment, story: CheckedStory, widths: dict[VariableId, int]) -> int:
    """Return how long a fragment's message can be: a title, who speaks, and the text, with what parts them."""
    length = _longest(fragment.text, story, widths)
    if fragment.title:
        length += _units(fragment.title) + 2
    if fragment.speaker is not None:
        known = story.characters.get(fragment.speaker)
        length += _units(known.name if known else fragment.speaker) + 1
    return length


def _longest(text: Text, story: CheckedStory, widths: dict[VariableId, int]) -> int:
    match text:
        case ():
            return 0
        case (Plain(characters),):
            return _units(characters.rstrip())
        case _:
            return sum(_part(part, story, widths) for part in text) - _trailing(text)


def _trailing(text: Text) -> int:
    """White space at the end is never sent; a block of YAML always leaves a line end there."""
    match text[-1:]:
        case (Plain(characters),):
            return len(characters) - len(characters.rstrip())
        case _:
            return 0


def _part(part: Inline, story: CheckedStory, widths: dict[VariableId, int]) -> int:
    match part:
        case Plain(characters):
            return _units(characters)
        case Format(_, inner) | Link(_, inner):
            return _most([inner], story, widths)
        case Show(value):
            return _shown(value, story, widths)
        case When(branches):
            return _most((branch.text for branch in branches), story, widths)
        case Alternatives(_, options):
            return _most(options, story, widths)
        case _:
            assert_never(part)


def _shown(value: Number | WordOf, story: CheckedStory, widths: dict[VariableId, int]) -> int:
    if isinstance(value, WordOf):
        return widths[value.variable]
    extent = range_of(value, story)
    return min(_DIGITS, max(len(str(extent.low)), len(str(extent.high))))


def _most(texts: Iterable[Text], story: CheckedStory, widths: dict[VariableId, int]) -> int:
    return max((sum(_part(part, story, widths) for part in text) for text in texts), default=0)
