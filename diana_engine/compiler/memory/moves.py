"""Where places have gone to in a file that was edited elsewhere.

A place is found again in its fragment: from the fragment's beginning, if nothing has changed up to the end of its lines, or from
the fragment's end, if nothing has changed from its lines on. Where neither is so, it is not found again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Mark", "marked", "moved"]


@dataclass(slots=True)
class Mark:
    """A place in a file, and in which fragment: where that begins, its length, and what stands before and after the place."""

    start: int
    end: int
    fragment: str
    begin: int
    length: int
    head: int
    tail: int
    head_digest: bytes
    tail_digest: bytes


def marked(
    file: SourceFile, begins: Mapping[str, int], spans: Iterable[tuple[int, int]]
) -> tuple[Mark, ...] | None:
    """Return marks of places in a file whose fragments begin there, or `None` where one reaches over two fragments.

    What stands before all fragments is one more.
    """
    known = {"": 0, **begins}
    names, starts = list(known), sorted(known.values())
    names.sort(key=known.__getitem__)
    found = []
    for start, end in sorted(set(spans)):
        number = bisect_right(starts, start) - 1
        begin, after = starts[number], _end(file, starts, number)
        if end > after:
            return None
        head = _line_end(file.text, end) - begin
        tail = after - _line_start(file.text, start, begin)
        found.append(
            Mark(
                start,
                end,
                names[number],
                begin,
                after - begin,
                head,
                tail,
                _digest(file.text[begin : begin + head]),
                _digest(file.text[after - tail : after]),
            )
        )
    return tuple(found)


def moved(
    file: SourceFile, begins: Mapping[str, int], marks: Iterable[Mark]
) -> Iterable[tuple[tuple[int, int], Span]] | None:
    """Return for each marked place where it is now, or `None` where one of them cannot be told."""
    known = {"": 0, **begins}
    starts = sorted(known.values())
    found = []
    for mark in marks:
        begin = known.get(mark.fragment)
        if begin is None:
            return None
        after = _end(file, starts, bisect_right(starts, begin) - 1)
        shift = _shift(file.text, begin, after, mark)
        if shift is None:
            return None
        found.append(((mark.start, mark.end), file.span(mark.start + shift, mark.end + shift)))
    return found


def _shift(text: str, begin: int, after: int, mark: Mark) -> int | None:
    """Return by how much the place was moved, by what stands around it."""
    if begin + mark.head <= after and _digest(text[begin : begin + mark.head]) == mark.head_digest:
        return begin - mark.begin
    if after - mark.tail >= begin and _digest(text[after - mark.tail : after]) == mark.tail_digest:
        return after - mark.length - mark.begin
    return None


def _end(file: SourceFile, starts: list[int], number: int) -> int:
    return starts[number + 1] if number + 1 < len(starts) else len(file.text)


def _line_start(text: str, offset: int, least: int) -> int:
    return max(text.rfind("\n", least, offset) + 1, least)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
