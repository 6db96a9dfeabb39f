"""Rich text for a terminal: lines of styled runs, in which nothing can command the terminal.

A terminal has no spoilers that can be tapped. Where a person plays, they are masked, and a command shows them; where
there is nobody to ask, as in a transcript, they stand in brackets, so that no text is ever out of reach. A link shows
its address, since not every terminal can hide one behind words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

from diana_engine.diagnostics.render.characters import cells
from diana_engine.expressions.text import Formatting, Plain, Rich, RichFormat, RichLink, plain

__all__ = ["Line", "Run", "Spoilers", "Style", "clean", "lines", "paint"]

Style = Literal["bold", "italic", "dim"]
Spoilers = Literal["masked", "bracketed"]

_MASK = "▒"
_CODES: dict[Style, str] = {"bold": "1", "dim": "2", "italic": "3"}
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_JOINERS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that share all their styles."""

    characters: str
    styles: frozenset[Style] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the writer broke it, or as it was wrapped; a quoted one stands behind a bar."""

    runs: tuple[Run, ...] = ()
    quoted: bool = False


def clean(characters: str) -> str:
    """Return `characters` with plain line ends and without anything that a terminal would obey.

    Escape sequences lose their escape, and marks that turn the direction of writing go, with all that is invisible;
    joiners stay, because emoji and several scripts are written with them.
    """
    if characters.isascii() and characters.isprintable():
        return characters
    unified = _LINE_ENDS.sub("\n", characters).replace("\t", "    ")
    return "".join(character for character in unified if _is_shown(character))


def _is_shown(character: str) -> bool:
    if character == "\n" or character in _JOINERS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def lines(text: Rich, spoilers: Spoilers, style: Style | None = None) -> tuple[Line, ...]:
    """Return `text` as the lines that its writer broke it into, each quote on lines of its own."""
    page = _Page(spoilers)
    page.write(text, frozenset((style,)) if style else frozenset())
    if page.runs or not page.after_quote:
        page.end()
    return tuple(page.lines)


def paint(line: Line, *, colour: bool) -> str:
    """Return a line as it is sent to the terminal, every style that it turns on turned off again."""
    if not colour:
        return "".join(run.characters for run in line.runs).rstrip(" ")
    return "".join(_painted(run) for run in line.runs).rstrip(" ")


def _painted(run: Run) -> str:
    codes = ";".join(code for style, code in _CODES.items() if style in run.styles)
    return f"\x1b[{codes}m{run.characters}\x1b[0m" if codes else run.characters


@dataclass(slots=True)
class _Page:
    """The lines so far, and the one that is being written."""

    spoilers: Spoilers
    lines: list[Line] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    after_quote: bool = False

    def write(self, text: Rich, styles: frozenset[Style]) -> None:
        for part in text:
            match part:
                case Plain(characters):
                    self.add(clean(characters), styles)
                case RichLink(address, inner):
                    self.write(inner, styles)
                    self.address(address, inner, styles)
                case RichFormat(formatting, inner):
                    self.format(formatting, inner, styles)
                case _:
                    assert_never(part)

    def format(self, formatting: Formatting, inner: Rich, styles: frozenset[Style]) -> None:
        match formatting:
            case "bold" | "italic":
                self.write(inner, styles | {formatting})
            case "quote":
                self.quote(inner, styles)
            case "spoiler":
                self.spoiler(inner, styles)
            case _:
                assert_never(formatting)

    def add(self, characters: str, styles: frozenset[Style]) -> None:
        if not characters:
            return
        if self.after_quote:
            characters = characters.removeprefix("\n")
        self.after_quote = False
        first, *others = characters.split("\n")
        self.runs += [Run(first, styles)] if first else []
        for other in others:
            self.end()
            self.runs += [Run(other, styles)] if other else []

    def end(self, *, quoted: bool = False) -> None:
        self.lines.append(Line(tuple(self.runs), quoted))
        self.runs = []

    def address(self, address: str, inner: Rich, styles: frozenset[Style]) -> None:
        shown = "".join(clean(address).split())
        if plain(inner).strip() not in (shown, shown.removeprefix("mailto:")):
            self.add(f" ({shown})", styles | {"dim"})

    def quote(self, inner: Rich, styles: frozenset[Style]) -> None:
        quoted = _without_blank_edges(lines(inner, self.spoilers))
        if not quoted:
            return
        if self.runs:
            self.end()
        for line in quoted:
            self.runs = [Run(run.characters, run.styles | styles) for run in line.runs]
            self.end(quoted=True)
        self.after_quote = True

    def spoiler(self, inner: Rich, styles: frozenset[Style]) -> None:
        """Write covered text; where it goes over several lines, a quote inside loses its bar."""
        if self.spoilers == "bracketed":
            self.add("[", styles)
        for number, line in enumerate(lines(inner, self.spoilers)):
            if number:
                self.end()
            for run in line.runs:
                masked = self.spoilers == "masked"
                self.add(_masked(run.characters) if masked else run.characters, run.styles | styles)
        if self.spoilers == "bracketed":
            self.add("]", styles)


def _without_blank_edges(quoted: Iterable[Line]) -> list[Line]:
    kept = list(quoted)
    while kept and not kept[0].runs:
        del kept[0]
    while kept and not kept[-1].runs:
        del kept[-1]
    return kept


def _masked(characters: str) -> str:
    """Return as many columns of mask; blanks stay, so that the line still breaks where it would."""
    parts = [shown if shown == " " else _MASK * columns for shown, columns in cells(characters)]
    return "".join(parts)
