"""Reading a text for one player: values are filled in, conditions decided, one of each alternatives chosen.

White space. A writer's blanks and line breaks stay as they are, with these exceptions:

1. A text neither begins nor ends with white space.
2. Where something shows nothing (an ``if`` that does not hold, an empty option, an empty value), the white space before
   and after it becomes one: a line break rather than blanks, otherwise what stood before. What stood alone on its
   line takes the line away with it, and two paragraphs around it stay two paragraphs.
3. There, too, no blank is left over before a closing sign (``.`` or ``)``) or after an opening one (``(`` or ``¿``).
4. White space at the edges of formatting and links moves outside, and formatting of nothing disappears.

White space here is blanks, tabs and line breaks; a writer who wants a blank to stay writes a no-break space. None of
it touches what stands inside a value: a player's nickname is shown as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from diana_engine.expressions.draw import draw
from diana_engine.expressions.evaluate import Facts, holds, number
from diana_engine.expressions.terms import ConditionId, Number, Requirement, WordOf
from diana_engine.expressions.text import (
    Alternatives,
    Format,
    Link,
    Plain,
    Rich,
    RichFormat,
    RichInline,
    RichLink,
    Show,
    Text,
    When,
)

__all__ = ["read"]

_WHITE = " \t\n"
_CLOSING = frozenset(".,;:!?…)]")
_OPENING = frozenset("([¿¡")


def read(text: Text, facts: Facts, conditions: Mapping[ConditionId, Requirement]) -> Rich:
    """Return `text` as the player described by `facts` sees it; reading changes nothing."""
    if not text:
        return ()
    first = text[0]
    if len(text) == 1 and isinstance(first, Plain) and _is_trim(first.characters):
        return (first,)
    page: _Page = []
    _Reader(facts, conditions).read(text, page)
    return _finished(page)


def _is_trim(characters: str) -> bool:
    return bool(characters) and characters[0] not in _WHITE and characters[-1] not in _WHITE


# While a text is written, adjacent characters are still apart: one `Plain` is made of them at the end.
_Page = list[str | RichFormat | RichLink]


def _finished(page: _Page) -> Rich:
    rich: list[RichInline] = []
    run: list[str] = []
    for part in page:
        if isinstance(part, str):
            run.append(part)
            continue
        if run:
            rich.append(Plain("".join(run)))
            run = []
        rich.append(part)
    if run:
        rich.append(Plain("".join(run)))
    return tuple(rich)


class _Reader:
    """Writes a page piece by piece, and holds white space back until it is known what follows."""

    __slots__ = ("_begun", "_conditions", "_facts", "_gap", "_home", "_last", "_white")

    def __init__(self, facts: Facts, conditions: Mapping[ConditionId, Requirement]) -> None:
        self._facts = facts
        self._conditions = conditions
        self._begun = False  # whether anything was written
        self._last = ""  # the writer's last sign before the white space; empty after a value
        self._white = ""  # white space that was read and not written yet ...
        self._home: _Page = []  # ... and the page or formatting to which it belongs
        self._gap = False  # whether something after that white space showed nothing

    def read(self, text: Text, page: _Page) -> None:
        """Write what `text` shows to the end of `page`."""
        if not text:
            self._gap = True
        for part in text:
            match part:
                case Plain():
                    self._write(part.characters, page)
                case Show():
                    self._show(part.value, page)
                case When():
                    self.read(self._branch(part), page)
                case Alternatives():
                    self.read(self._option(part), page)
                case Format() | Link():
                    self._enclose(part, page)
                case _:
                    assert_never(part)

    # Deciding

    def _branch(self, when: When) -> Text:
        for branch in when.branches:
            requirement = branch.requirement
            if requirement is None or holds(requirement, self._facts, self._conditions):
                return branch.text
        return ()

    def _option(self, alternatives: Alternatives) -> Text:
        """Return the option whose turn it is; a fragment that was never entered counts as entered for the first time."""
        options = alternatives.options
        if not options:
            return ()
        turn = max(self._facts.visits.get(alternatives.fragment, 0) - 1, 0)
        match alternatives.order:
            case "sequence":
                return options[min(turn, len(options) - 1)]
            case "cycle":
                return options[turn % len(options)]
            case "once":
                return options[turn] if turn < len(options) else ()
            case "shuffle":
                facts = self._facts
                return options[draw(facts.seed, facts.entry, alternatives.place, len(options))]
            case _:
                assert_never(alternatives.order)

    # Writing

    def _show(self, value: Number | WordOf, page: _Page) -> None:
        facts = self._facts
        shown = facts.values[value.variable] if isinstance(value, WordOf) else number(value, facts)
        characters = str(shown)
        if characters:
            self._put(characters, page)
            self._last = ""
        else:
            self._gap = True

    def _write(self, characters: str, page: _Page) -> None:
        rest = characters.lstrip(_WHITE)
        core = rest.rstrip(_WHITE)
        before = characters[: len(characters) - len(rest)]
        if before or self._gap:
            self._space(before, core[:1], page)
        if core:
            self._put(core, page)
            self._last = core[-1]
            self._white = rest[len(core) :]
            self._home = page

    def _space(self, white: str, following: str, page: _Page) -> None:
        self._settle(page)
        if not self._gap:
            self._white += white
        elif not white and following in _CLOSING and "\n" not in self._white:
            self._white = ""
        elif self._white or "\n" in white or self._last not in _OPENING:
            self._white = _around_nothing(self._white, white)

    def _settle(self, page: _Page) -> None:
        """Let the white space that may come now belong to `page`, unless it would stand at its beginning."""
        if page and not self._white:
            self._home = page

    def _put(self, characters: str, page: _Page) -> None:
        if self._white and self._begun:
            self._home.append(self._white)
        page.append(characters)
        self._white = ""
        self._gap = False
        self._begun = True

    def _enclose(self, part: Format | Link, page: _Page) -> None:
        inner: _Page = []
        self._settle(page)
        self.read(part.text, inner)
        if self._home is inner:
            self._home = page
        if not inner:
            self._vanish(part, page)
        elif isinstance(part, Link):
            page.append(RichLink(part.address, _finished(inner)))
        else:
            page.append(RichFormat(part.formatting, _finished(inner)))

    def _vanish(self, part: Format | Link, page: _Page) -> None:
        self._gap = True
        # A quote stood on lines of its own: what is around it must not run together.
        if isinstance(part, Format) and part.formatting == "quote" and "\n" not in self._white:
            self._white, self._home = "\n", page


def _around_nothing(before: str, after: str) -> str:
    """Return the white space that is left of `before` and `after` when what stood between them shows nothing."""
    if "\n" not in after:
        return before or after
    if "\n" not in before:
        return after
    breaks = max(before.count("\n"), after.count("\n"))
    return "\n" * breaks + after.rpartition("\n")[2]
