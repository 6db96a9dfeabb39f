"""Lines fitted into the width of a terminal, whose columns are not characters.

A line breaks at blanks, and beside the wide characters of scripts that write without blanks, but never before a closing
sign. What is longer than a line of its own is cut where it must be, never inside of what is drawn as one character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from diana_engine.adapters.terminal.markup import Line, Run, Style
from diana_engine.diagnostics.render.characters import cells, width

__all__ = ["NARROWEST", "WIDEST", "wrap"]

WIDEST = 80
"""Columns of prose at most: longer lines are hard to read, however wide the terminal."""

NARROWEST = 16
"""Columns at least: below, words would fall apart, and the terminal may as well wrap by itself."""

_BAR = "│ "
_JOINER = "\u200d"
_OPENING = ("Ps", "Pi")


class _Cell(NamedTuple):
    """What is drawn as one, as far as the tables tell: a character, and its columns."""

    shown: str
    columns: int
    styles: frozenset[Style]


_Cells = list[_Cell]


def wrap(lines: Iterable[Line], columns: int, *, first: str = "", rest: str = "") -> list[Line]:
    """Return `lines` in rows of at most `columns`, the first after `first`, the others after `rest`."""
    room = max(NARROWEST, min(columns, WIDEST) - max(width(first), width(rest)))
    rows: list[Line] = []
    for line in lines:
        bar = (Run(_BAR, frozenset({"dim"})),) if line.quoted else ()
        for row in _rows(_cells(line), room - (width(_BAR) if bar else 0)):
            margin = rest if rows else first
            before = (Run(margin),) if margin else ()
            rows.append(Line((*before, *bar, *_runs(row)), line.quoted))
    return rows


def _cells(line: Line) -> _Cells:
    return [_Cell(*cell, run.styles) for run in line.runs for cell in cells(run.characters)]


def _runs(row: _Cells) -> tuple[Run, ...]:
    grouped = groupby(row, key=lambda cell: cell.styles)
    return tuple(Run("".join(cell.shown for cell in same), styles) for styles, same in grouped)


def _rows(line: _Cells, room: int) -> Iterator[_Cells]:
    """Yield the rows of a line; blanks at which it breaks are gone, and its own indentation stays."""
    row: _Cells = []
    used = 0
    begun = False
    for blanks, word in _words(line):
        stretch = [*blanks, *word]
        if begun and used + _columns(stretch) > room:
            yield row
            row, used, stretch = [], 0, word
        *full, last = _pieces(stretch, room - used)
        for piece in full:
            yield row + piece
            row, used = [], 0
        row = row + last
        used += _columns(last)
        begun = True
    yield row


def _words(line: _Cells) -> Iterator[tuple[_Cells, _Cells]]:
    """Yield each stretch that must stay together, after the blanks before it."""
    blanks: _Cells = []
    word: _Cells = []
    for cell in line:
        if cell.shown == " ":
            if word:
                yield blanks, word
                blanks, word = [], []
            blanks.append(cell)
        elif word and _may_part(word, cell):
            yield blanks, word
            blanks, word = [], [cell]
        else:
            word.append(cell)
    if word:
        yield blanks, word


def _may_part(word: _Cells, cell: _Cell) -> bool:
    base = next((before for before in reversed(word) if before.columns), cell)
    if not cell.columns or word[-1].shown == _JOINER or 2 not in (base.columns, cell.columns):
        return False
    after, before = unicodedata.category(base.shown[-1]), unicodedata.category(cell.shown[0])
    return after not in _OPENING and (before[0] != "P" or before in _OPENING)


def _pieces(stretch: _Cells, room: int) -> list[_Cells]:
    """Cut a stretch into pieces that fit; there is always one, and a mark stays with its character."""
    pieces: list[_Cells] = [[]]
    used = 0
    for cell in stretch:
        joined = bool(pieces[-1]) and pieces[-1][-1].shown == _JOINER
        if used + cell.columns > room and pieces[-1] and not joined:
            pieces.append([])
            used = 0
        pieces[-1].append(cell)
        used += cell.columns
    return pieces


def _columns(stretch: Iterable[_Cell]) -> int:
    return sum(cell.columns for cell in stretch)
