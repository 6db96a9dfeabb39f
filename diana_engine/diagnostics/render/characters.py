"""How wide characters are in a terminal, and what stands in for those that must not be sent there.

Terminals do not agree about every sequence of emoji. Where they differ, what the Unicode tables say
of the single character counts, and the joined sequence is taken as most terminals show it: a
variation selector 16 makes its emoji wide, and a skin tone takes no room of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from diana_engine.records import dataclass

__all__ = ["Strip", "cells", "safe", "strip", "width", "without_surrogates"]

_TAB = "    "
"""A tab is shown as four spaces: its real width depends on a terminal that we do not know."""

_ELLIPSIS = "..."

_JOINERS = "\u200c\u200d"
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_HANGUL_INNER = range(0x1160, 0x1200)
_SURROGATE = re.compile("[\ud800-\udfff]")

# Control, format (bidi marks among them, which reorder what a reader sees), surrogates, line and
# paragraph separators: a terminal may obey them, or show nothing where a writer looks for a cause.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def cells(text: str) -> Iterator[tuple[str, int]]:
    """Yield, for each character of `text`, what is shown of it and the columns that this takes."""
    if text.isascii() and text.isprintable():
        yield from ((character, 1) for character in text)
        return
    before = 0
    for character in text:
        shown, columns = _cell(character, before)
        yield shown, columns
        before = columns or before


def _cell(character: str, before: int) -> tuple[str, int]:
    if " " <= character <= "~":
        return character, 1
    if character == "\t":
        return _TAB, len(_TAB)
    if character in _JOINERS:
        return character, 0
    category = unicodedata.category(character)
    if category in _UNSAFE:
        code = f"<U+{ord(character):04X}>"
        return code, len(code)
    if character == _EMOJI_STYLE:
        return character, 1 if before == 1 else 0
    if category in ("Mn", "Me") or ord(character) in _HANGUL_INNER:
        return character, 0
    if before == 2 and ord(character) in _SKIN_TONES:
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def safe(text: str) -> str:
    """Return `text` as it may be sent to a terminal."""
    return "".join(shown for shown, _ in cells(text))


def without_surrogates(text: str) -> str:
    """Return `text` with a mark in the place of each surrogate, which no encoding can write."""
    return _SURROGATE.sub("\ufffd", text)


def width(text: str) -> int:
    """Return the columns that `text` takes once it is safe."""
    return sum(columns for _, columns in cells(text))


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of a line as it is shown.

    `columns` holds the column at which each character from `first` on begins, and the one after the
    last, counted from 0 at the left edge of `text`.
    """

    text: str
    first: int
    columns: Sequence[int]

    def column(self, place: int) -> int:
        """Return the column of the line's character `place`; what was cut off counts as the edge."""
        return self.columns[max(0, min(place - self.first, len(self.columns) - 1))]


def strip(line: str, start: int, end: int, room: int) -> Strip:
    """Return what fits of `line` into `room` columns, with ``line[start:end]`` inside if possible.

    A stretch that is itself too long keeps its beginning. Only the neighbourhood of the stretch is
    measured, so that a line of megabytes costs no more than one of a page.
    """
    if len(line) <= room and (whole := list(cells(line))) and _total(whole) <= room:
        return _strip(whole, 0, "", "")
    low, high = max(0, start - room), min(len(line), min(end, start + room) + room)
    near = list(cells(line[low:high]))
    kept = room - 2 * len(_ELLIPSIS)
    first, last = _around(near, start - low, min(end, high) - low, kept)
    left = _ELLIPSIS if low + first > 0 else ""
    right = _ELLIPSIS if low + last < len(line) else ""
    return _strip(near[first:last], low + first, left, right)


def _total(near: Sequence[tuple[str, int]]) -> int:
    return sum(columns for _, columns in near)


def _around(near: Sequence[tuple[str, int]], start: int, end: int, room: int) -> tuple[int, int]:
    """Return the bounds of the widest stretch around `start:end` that fits, as even as possible.

    Even a stretch that is too long leaves a quarter of the room to what stands before it.
    """
    first = last = min(start, len(near))
    room_left = room
    kept = min(room // 4, _total(near[max(0, first - room // 4) : first]))
    while last < end and near[last][1] <= room_left - kept:
        room_left -= near[last][1]
        last += 1
    left = right = 0
    while True:
        grows_left = first > 0 and near[first - 1][1] <= room_left
        grows_right = end <= last < len(near) and near[last][1] <= room_left
        if grows_left and (left <= right or not grows_right):
            first -= 1
            left += near[first][1]
            room_left -= near[first][1]
        elif grows_right:
            right += near[last][1]
            room_left -= near[last][1]
            last += 1
        else:
            return first, last


def _strip(near: Sequence[tuple[str, int]], first: int, left: str, right: str) -> Strip:
    columns = [len(left)]
    for _, taken in near:
        columns.append(columns[-1] + taken)
    return Strip(left + "".join(shown for shown, _ in near) + right, first, columns)
