"""Pieces of text with a meaning, and the colours that show the meaning in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from diana_engine.diagnostics.model import Severity

__all__ = ["Line", "Piece", "Style", "paint", "write"]

Style = Literal[Severity, "plain", "strong", "frame", "other", "help", "added", "removed"]

Piece = tuple[str, Style]

Line = Sequence[Piece]

_RESET = "\x1b[0m"

# The sixteen basic colours only: a terminal's own theme keeps them readable on its background.
_CODES: dict[Style, str] = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "plain": "",
    "strong": "\x1b[1m",
    "frame": "\x1b[34m",
    "other": "\x1b[1;34m",
    "help": "\x1b[1;36m",
    "added": "\x1b[32m",
    "removed": "\x1b[31m",
}


def paint(text: str, style: Style, *, colour: bool) -> str:
    """Return `text` in its colour, or as it is where colour is not wanted."""
    code = _CODES[style]
    return f"{code}{text}{_RESET}" if colour and code and text.strip() else text


def write(lines: Iterable[Line], *, colour: bool) -> str:
    """Return the lines as text; each ends with a line end and none with a space."""
    return "".join(_write(line, colour=colour) + "\n" for line in lines)


def _write(line: Line, *, colour: bool) -> str:
    pieces = list(line)
    while pieces and not pieces[-1][0].rstrip():
        pieces.pop()
    if pieces:
        pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
    return "".join(paint(text, style, colour=colour) for text, style in pieces)
