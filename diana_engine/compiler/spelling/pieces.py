"""Pieces of a value, each with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, Protocol

__all__ = ["Piece", "Style", "Written", "folded", "line_ends"]

Style = Literal["plain", "single", "double", "literal", "folded"]
"""How a single value is written: bare, between ``'`` or ``"``, or as a block after ``|`` or ``>``."""

Piece = tuple[str, int, int]
"""Characters of a value; the offset at which they stand; and 0 where they stand as they are, else, for one character,
how many characters of the file spell it."""


class Written(Protocol):
    """A value as it is written: its token from `start` to `end`, what it says, and in which style."""

    start: int
    end: int
    value: str
    style: Style


_LINE_END = re.compile(r"\r\n?|\n")


def line_ends(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield the line ends from `start` to before `end`, each read as a line feed."""
    found = _LINE_END.finditer(text, start, end)
    return (("\n", match.start(), match.end() - match.start()) for match in found)


def folded(ends: Iterator[Piece]) -> Iterator[Piece]:
    """Yield what the line ends between two lines of a folded text are read as.

    One is read as a space; of several, the first one vanishes.
    """
    _, at, width = next(ends)
    second = next(ends, None)
    yield (" ", at, width) if second is None else second
    yield from ends
