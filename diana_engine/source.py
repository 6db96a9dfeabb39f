"""Where things stand in a writer's files: files, spans and located text.

Offsets count characters (code points) from 0 within the file's text, after a byte order mark was dropped. Lines and
columns, which people read, count from 1.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import field
from functools import cached_property
from hashlib import blake2b
from io import StringIO
from itertools import accumulate

from diana_engine.records import dataclass

__all__ = ["ORDINARY", "Located", "Position", "SourceFile", "Span", "Tally"]

ORDINARY = 4 * 2**20
"""Characters of a large chapter: five thousand fragments, and nobody reads that many in one file."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place as people say it: line and column, both from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Tally:
    """A count that goes on while a file is read."""

    count: int = 0


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A file that was read: its path as shown to people, relative where possible and with ``/``, and its text."""

    path: str
    text: str = field(repr=False)

    def allows(self, bound: int, share: int) -> int:
        """Return how much of something it may hold: `bound`, and one more for each `share` characters beyond `ORDINARY`.

        A hostile file of ordinary size cannot pass such bounds, and a larger one may hold as much more as it is larger.
        """
        return bound + max(0, len(self.text) - ORDINARY) // share

    @cached_property
    def digest(self) -> str:
        """What tells it from every other file: its path and its text, in forty digits."""
        data = f"{self.path}\0{self.text}".encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=20).hexdigest()

    @cached_property
    def tokens(self) -> Tally:
        """How many tokens its expressions have, as far as they were read: together they have a bound too."""
        return Tally()

    @cached_property
    def line_starts(self) -> Sequence[int]:
        r"""The offset at which each line begins; ``\n``, ``\r\n`` and a lone ``\r`` end a line."""
        # Lean, because a file may be four million line ends: a list of them, or of the lines, takes 160 MB.
        lines = StringIO(self.text, newline="")
        starts = array("I", accumulate(map(len, lines), initial=0))
        if not self.text.endswith(("\r", "\n")) and len(starts) > 1:
            starts.pop()
        return starts

    def position(self, offset: int) -> Position:
        """Return the line and column of the character at `offset`; the end of the text is a place too."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of line `number` (from 1) without its line end; empty when there is no such line."""
        if not 1 <= number <= len(self.line_starts):
            return ""
        begin = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[begin:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """Return the span from `start` to before `end`."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of one file, in character offsets."""

    file: SourceFile
    start: int
    end: int

    @property
    def begin(self) -> Position:
        """Where its first character stands."""
        return self.file.position(self.start)

    @property
    def finish(self) -> Position:
        """Where the character after its last one stands."""
        return self.file.position(self.end)

    @property
    def sort_key(self) -> tuple[str, int, int]:
        """File, then place: the order in which findings are shown."""
        return self.file.path, self.start, self.end


@dataclass(slots=True, eq=False)
class Located:
    r"""A text that a writer wrote, with the place in the file of each of its characters.

    Made by the hundred thousand, so that it is not frozen, which would make it three times as slow to make.

    `start` and `end` bound the whole token, quotes or block indicator included. `offsets` is asked only when the text
    is not written in the file as it reads (quotes with escapes, folded and block scalars): it returns one file offset
    for each character of `text`. `ends` is for characters that are spelled with more than one, such as ``\n`` between
    double quotes: for the index of a character of `text`, the offset after its spelling.
    """

    text: str
    file: SourceFile = field(repr=False)
    start: int
    end: int
    offsets: Callable[[], Sequence[int]] | None = field(default=None, repr=False)
    ends: Callable[[int], int] | None = field(default=None, repr=False)

    @property
    def whole(self) -> Span:
        """The whole token."""
        return Span(self.file, self.start, self.end)

    def span(self, start: int, end: int) -> Span:
        """Return the place in the file of ``text[start:end]``; an empty stretch is a point between characters."""
        if self.offsets is None:
            return Span(self.file, self.start + start, self.start + end)
        places = self.offsets()
        if not places:
            return self.whole
        begin = places[start] if start < len(places) else self._after(places, len(places) - 1)
        finish = self._after(places, end - 1) if 0 < end <= len(places) and end > start else begin
        return Span(self.file, begin, max(begin, finish))

    def _after(self, places: Sequence[int], index: int) -> int:
        return places[index] + 1 if self.ends is None else self.ends(index)
