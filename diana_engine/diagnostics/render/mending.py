"""A suggested edit, shown as the line that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from diana_engine.diagnostics.model import Edit
from diana_engine.diagnostics.render.characters import strip
from diana_engine.diagnostics.render.snippet import Frame
from diana_engine.diagnostics.render.styles import Line, Style

__all__ = ["mended"]

_MOST = 8
"""Lines shown of what goes and of what comes, each."""


def mended(edit: Edit, frame: Frame) -> Iterator[Line]:
    """Yield the line that the edit makes with the new part marked, or what goes and what comes."""
    file, first, last = edit.span.file, edit.span.begin, edit.span.finish
    before = file.line(first.line)[: first.column - 1]
    after = file.line(last.line)[last.column - 1 :]
    new = _lines(before + edit.replacement + after)
    yield [frame.margin()]
    if first.line == last.line and len(new) == 1 and edit.replacement:
        end = len(before) + len(edit.replacement)
        yield from _marked(new[0], len(before), end, first.line, edit, frame)
        return
    old = [file.line(number) for number in range(first.line, last.line + 1)]
    same = _alike(old, new)
    tail = _alike(old[same:][::-1], new[same:][::-1])
    number, focus = first.line + same, 0 if same else len(before)
    yield from _exchanged(old[same : len(old) - tail], number, focus, "-", frame)
    yield from _exchanged(new[same : len(new) - tail], number, focus, "+", frame)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines agree before the first that does not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _marked(
    line: str, start: int, end: int, number: int, edit: Edit, frame: Frame
) -> Iterator[Line]:
    shown = strip(line, start, end, frame.room)
    first, last = shown.column(start), shown.column(end)
    sign = "+" if edit.span.start == edit.span.end else "~"
    yield [frame.margin(str(number)), (shown.text, "plain")]
    yield [frame.margin(), (" " * first, "plain"), (sign * max(1, last - first), "added")]


def _exchanged(
    lines: Sequence[str], number: int, focus: int, sign: str, frame: Frame
) -> Iterator[Line]:
    style: Style = "added" if sign == "+" else "removed"
    for place, line in enumerate(lines[:_MOST]):
        start = 0 if place else focus
        shown = strip(line, start, start, frame.room)
        yield [frame.margin(str(number + place), sign), (shown.text, style)]
    if len(lines) > _MOST:
        yield [frame.margin("", sign), (f"... and {len(lines) - _MOST} more lines", "frame")]
