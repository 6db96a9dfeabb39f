"""How a choice is spoken of where no player sees it: its characters; of what varies, what may be read first."""

from __future__ import annotations

from typing import assert_never

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

__all__ = ["spoken"]


def spoken(text: Text) -> str:
    """Return the words of a choice on one line."""
    return " ".join(_words(text).split())


def _words(text: Text) -> str:
    return "".join(map(_word, text))


def _word(part: Inline) -> str:
    match part:
        case Plain(characters):
            return characters
        case Format(_, inner) | Link(_, inner):
            return _words(inner)
        case Show():
            return "…"
        case When(branches):
            return _words(branches[0].text) if branches else ""
        case Alternatives(options=options):
            return _words(options[0]) if options else ""
        case _:
            assert_never(part)
