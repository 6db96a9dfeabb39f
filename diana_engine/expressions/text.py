"""What a story's text is: a small tree of formatting and variation, and the tree that is left once it is read.

A writer's `Text` may hold values, conditions and alternatives. Reading it for a player leaves `Rich` text: characters
and formatting only, which each channel writes in its own way. What a player typed only ever becomes `Plain`.
"""

from __future__ import annotations

from typing import Literal

from diana_engine.expressions.terms import FragmentId, Number, Requirement, WordOf
from diana_engine.records import dataclass

__all__ = [
    "Alternatives",
    "Branch",
    "Format",
    "Formatting",
    "Inline",
    "Link",
    "Order",
    "Plain",
    "Rich",
    "RichFormat",
    "RichInline",
    "RichLink",
    "Show",
    "Text",
    "When",
    "plain",
    "unvarying",
]  # fmt: skip

Formatting = Literal["italic", "bold", "spoiler", "quote"]
Order = Literal["sequence", "cycle", "shuffle", "once"]


@dataclass(frozen=True, slots=True)
class Plain:
    """Characters, shown as they are."""

    characters: str


@dataclass(frozen=True, slots=True)
class Format:
    """Formatted text; a quote begins and ends on lines of its own."""

    formatting: Formatting
    text: Text


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to an address (http, https, tg or mailto)."""

    address: str
    text: Text


@dataclass(frozen=True, slots=True)
class Show:
    """The present value of a number, points, one_of or text."""

    value: Number | WordOf


@dataclass(frozen=True, slots=True)
class Branch:
    """Text that is shown when `requirement` holds; `None` is ``else``."""

    requirement: Requirement | None
    text: Text


@dataclass(frozen=True, slots=True)
class When:
    """``{if …: … | elif …: … | else: …}``: the first branch that holds, or nothing."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """``{sequence: …}`` and its kin: one option, chosen by the visits of `fragment`, or by a draw at `place`."""

    order: Order
    options: tuple[Text, ...]
    fragment: FragmentId
    place: str


Inline = Plain | Format | Link | Show | When | Alternatives
Text = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class RichFormat:
    """Formatted text, as it is shown."""

    formatting: Formatting
    text: Rich


@dataclass(frozen=True, slots=True)
class RichLink:
    """Text that leads to an address, as it is shown."""

    address: str
    text: Rich


RichInline = Plain | RichFormat | RichLink
Rich = tuple[RichInline, ...]


def unvarying(text: Text) -> str | None:
    """Return the characters of a text that reads the same for every player, in one line; else `None`."""
    characters = _characters(text)
    return None if characters is None else " ".join(characters.split())


def _characters(text: Text) -> str | None:
    parts: list[str] = []
    for part in text:
        match part:
            case Plain(characters):
                parts.append(characters)
            case Format(_, inner) | Link(_, inner):
                within = _characters(inner)
                if within is None:
                    return None
                parts.append(within)
            case Show() | When() | Alternatives():
                return None
    return "".join(parts)


def plain(text: Rich) -> str:
    """Return the characters of `text` without any formatting."""
    return "".join(
        part.characters if isinstance(part, Plain) else plain(part.text) for part in text
    )
