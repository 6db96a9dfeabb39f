"""Diagnostics for people: what was seen, where, and what would make it right.

The layout is the one that rustc made known. The result is a pure function of the diagnostics, so
that it can be compared letter by letter; only the caller knows whether a terminal reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.diagnostics.model import Diagnostic, Label, Severity
from diana_engine.diagnostics.render.characters import safe
from diana_engine.diagnostics.render.mending import mended
from diana_engine.diagnostics.render.snippet import Frame, Mark, draw, mark
from diana_engine.diagnostics.render.styles import Line, paint, write
from diana_engine.diagnostics.witness import named, told
from diana_engine.source import SourceFile

__all__ = ["render", "summary"]

_MOST_LABELS = 8
"""Other places shown for one finding; a name may be missing in hundreds of them."""

_LEAST_ROOM = 24
"""Columns of text that a snippet takes even in a narrower terminal."""


def render(
    diagnostics: Sequence[Diagnostic], *, colour: bool, width: int, story: str = "STORY"
) -> str:
    """Return the diagnostics as text for a terminal of `width` columns; empty when there are none.

    Only the writer's lines are fitted into the width: sentences are left to the terminal, which
    wraps them better than a copy of them would bear. A last line says where more is explained.
    `story` is the path by which the story can be named in a command.
    """
    if not diagnostics:
        return ""
    found = "\n".join(write(_finding(one, width, story), colour=colour) for one in diagnostics)
    codes = sorted({one.code for one in diagnostics})
    closing = paint(f"diana explain {' '.join(codes)}", "strong", colour=colour)
    return f"{found}\n{closing} tells more\n"


def summary(*, errors: int, warnings: int, notes: int, colour: bool) -> str:
    """Return how many problems there are, in words: `2 errors, 1 warning`, or `no problems`."""
    counts: dict[Severity, int] = {"error": errors, "warning": warnings, "note": notes}
    parts = [
        paint(f"{count} {severity}{'' if count == 1 else 's'}", severity, colour=colour)
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(parts) or "no problems"


def _finding(one: Diagnostic, width: int, story: str) -> Iterator[Line]:
    shown, hidden = one.labels[:_MOST_LABELS], len(one.labels) - _MOST_LABELS
    files = _files(one, shown)
    numbers = [mark.line for marks in files.values() for mark in marks]
    if one.edit is not None:
        numbers.append(one.edit.span.finish.line + one.edit.replacement.count("\n"))
    digits = len(str(max(numbers, default=1)))
    frame = Frame(digits, max(_LEAST_ROOM, width - digits - 3))
    yield [(f"{one.severity}[{one.code}]", one.severity), (f": {safe(one.message)}", "strong")]
    for file, marks in files.items():
        place = one.primary if file is one.primary.span.file else _first(shown, file)
        yield from _place(file, place, marks, frame)
    if hidden > 0:
        yield [(" " * digits + " = ", "frame"), (f"and {hidden} more {_places(hidden)}", "plain")]
    yield from _play(one, frame, story)
    yield from _advice(one, frame)


def _places(count: int) -> str:
    return "place" if count == 1 else "places"


def _files(one: Diagnostic, labels: Sequence[Label]) -> dict[SourceFile, list[Mark]]:
    """Return the marks by file, that of the primary label first."""
    files = {one.primary.span.file: [mark(one.primary, "^", one.severity)]}
    for label in labels:
        files.setdefault(label.span.file, []).append(mark(label, "-", "other"))
    return files


def _first(labels: Sequence[Label], file: SourceFile) -> Label:
    return min(
        (label for label in labels if label.span.file is file), key=lambda label: label.span.start
    )


def _place(file: SourceFile, label: Label, marks: Sequence[Mark], frame: Frame) -> Iterator[Line]:
    """Yield where a file is pointed at and the lines pointed at; a file without text has none."""
    arrow = "-->" if marks[0].sign == "^" else ":::"
    if arrow == ":::":
        yield [frame.margin()]
    begin = label.span.begin
    where = f":{begin.line}:{begin.column}" if file.text else ""
    yield [(" " * frame.digits + f"{arrow} ", "frame"), (safe(file.path) + where, "plain")]
    if file.text:
        yield [frame.margin()]
        yield from draw(file, marks, frame)
        return
    for one in marks:
        if one.text:
            yield [(" " * frame.digits + " = ", "frame"), (one.text, one.style)]


def _play(one: Diagnostic, frame: Frame, story: str) -> Iterator[Line]:
    """Yield a play that shows the finding, and the command that plays it."""
    if one.witness is None:
        return
    steps = list(told(one.witness)) or ["nothing is chosen; luck alone is enough"]
    if one.primary.span.file.text:
        yield [frame.margin()]
    yield [("play", "other"), (f": {safe(steps[0])}", "plain")]
    for step in steps[1:]:
        yield [(f"      {safe(step)}", "plain")]
    if (name := named(one)) is not None:
        yield [
            (f"      diana play --witness {name} {safe(story)}", "strong"),
            (" plays it", "plain"),
        ]


def _advice(one: Diagnostic, frame: Frame) -> Iterator[Line]:
    if one.help is None and one.edit is None:
        return
    first, *others = (one.help or "this would mend it:").split("\n")
    if one.primary.span.file.text:
        yield [frame.margin()]
    yield [("help", "help"), (f": {safe(first)}", "plain")]
    for line in others:
        yield [(f"      {safe(line)}", "plain")]
    if one.edit is not None:
        yield from mended(one.edit, frame)
