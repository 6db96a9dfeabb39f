"""One line of a file as its writer sees it: what comes before the value, and the value."""

from __future__ import annotations

import re

from diana_engine.diagnostics.model import Edit
from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Line", "blank_between", "line_at", "quote_edit", "quoted", "show_quoted", "spot"]

# Lengths are bounded, so that no line, however long, is searched more than once.
_KEY = re.compile(
    r"""("[^"\\\r\n]{0,99}"|'[^'\r\n]{0,99}'|[^\s"'\[\]{}#&*!|>%@`,:-][^:#\r\n]{0,99}?)[ \t]{0,9}:(?=\s|\Z)"""
)
_BLANKS = re.compile(r"[ \t]*")
_COMMENT = re.compile(r"(?<=[ \t])#")
_SHORT = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart; `start` and `end` are the offsets of its value, which is empty when they are equal.

    `indent` counts the columns before its key, or before its last dash where it has no key.
    """

    file: SourceFile
    number: int
    indent: int
    dash: bool
    key: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """What stands after key or dash, without blanks around it; a comment is not taken off."""
        return self.file.text[self.start : self.end]

    @property
    def begin(self) -> int:
        """The offset of its key, or of its last dash."""
        return self.file.line_starts[self.number - 1] + self.indent

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(self.file, self.start, self.end)

    @property
    def label(self) -> str:
        """What to write before the value when the line is shown."""
        return f"{'- ' if self.dash else ''}{f'{self.key}: ' if self.key else ''}"

    @property
    def continues(self) -> bool:
        """Whether the next line that says anything is indented further, and so belongs to the value."""
        for number in range(
            self.number + 1, min(self.number + 100, len(self.file.line_starts) + 1)
        ):
            text = self.file.line(number)
            if text.strip(" \t"):
                return len(text) - len(text.lstrip(" \t")) > self.indent
        return False

    @property
    def comment(self) -> int | None:
        """The offset in the file of a ``#`` that follows a blank in the value."""
        found = _COMMENT.search(self.file.text, self.start, self.end)
        return found.start() if found is not None else None


def line_at(file: SourceFile, offset: int) -> Line:
    """Return the line on which the character at `offset` stands."""
    number = file.position(offset).line
    begin = file.line_starts[number - 1]
    end = begin + len(file.line(number).rstrip(" \t"))
    at = _skip(file.text, begin, end)
    indent, dash = at - begin, False
    while file.text.startswith("-", at) and (at + 1 >= end or file.text[at + 1] in " \t"):
        indent, dash = at - begin, True
        at = _skip(file.text, at + 1, end)
    key = _KEY.match(file.text, at, end)
    if key is None:
        return Line(file, number, indent, dash, "", at, end)
    start = _skip(file.text, key.end(), end)
    return Line(file, number, at - begin, dash, key[1], start, end)


def spot(file: SourceFile, at: int, end: int | None = None) -> Span:
    """Return the span of the character at `at`, or up to `end`; at the end of the file it is a point."""
    return Span(file, min(at, len(file.text)), min(max(end or 0, at + 1), len(file.text)))


def quoted(text: str) -> str:
    """Return `text` as it is written between quotes: the kind that needs the fewest signs inside."""
    single = "'" + text.replace("'", "''") + "'"
    double = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return double if len(double) <= len(single) else single


def show_quoted(line: Line) -> str:
    """Return a sentence that shows the line with its value between quotes."""
    if line.continues:
        head = f"{line.label}|"
        return f"Write `{head}` and put the whole text on the lines below, each indented further."
    end = line.end if line.comment is None else line.comment
    shown = quoted(_short(line.file.text[line.start : end].rstrip(" \t")))
    return f"Put the text between quotes: `{line.label}{shown}`."


def quote_edit(line: Line) -> Edit | None:
    """Return the edit that quotes the value, where it is all on its line and no ``#`` makes its end doubtful."""
    if line.continues or line.comment is not None or not line.label:
        return None
    return Edit(line.span, quoted(line.value))


def blank_between(text: str, start: int, end: int) -> bool:
    """Return whether nothing but blanks, and no line end, stands from `start` to `end`."""
    return start <= end and _skip(text, start, end) == end


def _skip(text: str, start: int, end: int) -> int:
    blanks = _BLANKS.match(text, start, end)
    assert blanks is not None, "no blanks at all are a match too"
    return blanks.end()


def _short(text: str) -> str:
    return (
        text if len(text) <= _SHORT else f"{text[: _SHORT - 15].rstrip()} … {text[-14:].lstrip()}"
    )
