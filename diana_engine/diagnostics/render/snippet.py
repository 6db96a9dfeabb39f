"""Lines of a writer's file with what is to be said of them drawn underneath."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from diana_engine.diagnostics.model import Label
from diana_engine.diagnostics.render.characters import Strip, safe, strip
from diana_engine.diagnostics.render.styles import Line, Piece, Style
from diana_engine.records import dataclass
from diana_engine.source import SourceFile

__all__ = ["Frame", "Mark", "draw", "mark"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The room for a snippet: the digits of its largest line number, and the columns for text."""

    digits: int
    room: int

    def margin(self, shown: str = "", sign: str = "|") -> Piece:
        """Return the left margin of a row, with a line number or without."""
        return f"{shown:>{self.digits}} {sign} ", "frame"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line, in characters from 0, with what is said of it."""

    line: int
    start: int
    end: int
    text: str
    sign: str
    style: Style


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mark at its columns; it is at least one column wide."""

    start: int
    end: int
    mark: Mark


def mark(label: Label, sign: str, style: Style) -> Mark:
    """Return the mark of a label; of a stretch over several lines, on its first one."""
    span = label.span
    begin, text = span.begin, safe(label.text)
    line = span.file.line(begin.line)
    # A stretch that ends with a line end does not reach the line that follows.
    last = span.file.position(max(span.start, span.end - 1)).line
    start = min(begin.column - 1, len(line))
    if last == begin.line:
        return Mark(
            begin.line, start, min(start + span.end - span.start, len(line)), text, sign, style
        )
    text = f"{text} (to line {last})".lstrip()
    return Mark(begin.line, start, len(line), text, sign, style)


def draw(file: SourceFile, marks: Sequence[Mark], frame: Frame) -> Iterator[Line]:
    """Yield the marked lines of `file` in order, with the marks under each.

    Where one line is left out it is shown; where more are, dots stand for them.
    """
    before = 0
    for number, group in groupby(sorted(marks, key=lambda one: (one.line, one.start)), _line):
        if before and number - before == 2:
            between = strip(file.line(before + 1), 0, 0, frame.room)
            yield [frame.margin(str(before + 1)), (between.text, "plain")]
        elif before and number - before > 2:
            yield [("...", "frame")]
        before = number
        line = file.line(number)
        for together in _in_one_view(list(group), len(line), frame.room):
            yield from _view(line, number, together, frame)


def _line(one: Mark) -> int:
    return one.line


def _in_one_view(marks: Sequence[Mark], length: int, room: int) -> Iterator[list[Mark]]:
    """Split marks that stand too far apart on a long line: each view shows those near each other."""
    together: list[Mark] = []
    for one in marks:
        if together and length > room and one.end - together[0].start > room // 2:
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def _view(line: str, number: int, marks: Sequence[Mark], frame: Frame) -> Iterator[Line]:
    start, end = marks[0].start, max(one.end for one in marks)
    shown = strip(line, start, end, frame.room)
    yield [frame.margin(str(number)), (shown.text, "plain")]
    for row in _beneath([_place(one, shown) for one in marks]):
        yield [frame.margin(), *row]


def _place(one: Mark, shown: Strip) -> _Placed:
    start = shown.column(one.start)
    return _Placed(start, max(shown.column(one.end), start + 1), one)


def _beneath(placed: Sequence[_Placed]) -> Iterator[Line]:
    """Yield the row of signs, then the labels that do not fit into it, the rightmost first.

    The label of what ends furthest right stands beside it; the others hang from bars.
    """
    beside = max(placed, key=lambda one: (one.end, one.start))
    signs = _signs(placed)
    yield [*signs, (f" {beside.mark.text}", beside.mark.style)] if beside.mark.text else signs
    hanging = sorted(
        (one for one in placed if one is not beside and one.mark.text), key=lambda one: one.start
    )
    if hanging:
        yield _bars(hanging)
    while hanging:
        lowest = hanging.pop()
        bars = _bars([one for one in hanging if one.start < lowest.start], lowest.start)
        yield [*bars, (lowest.mark.text, lowest.mark.style)]


def _signs(placed: Sequence[_Placed]) -> Line:
    row: list[Piece] = [(" ", "plain")] * max(one.end for one in placed)
    # `^` after `-`: where both would stand, the primary one shows.
    for one in sorted(placed, key=lambda one: one.mark.sign == "^"):
        row[one.start : one.end] = [(one.mark.sign, one.mark.style)] * (one.end - one.start)
    return _joined(row)


def _bars(hanging: Sequence[_Placed], width: int = 0) -> Line:
    row: list[Piece] = [(" ", "plain")] * max([width, *(one.start + 1 for one in hanging)])
    for one in hanging:
        row[one.start] = ("|", one.mark.style)
    return _joined(row)


def _joined(row: Sequence[Piece]) -> Line:
    return [
        ("".join(text for text, _ in pieces), style)
        for style, pieces in groupby(row, lambda piece: piece[1])
    ]
