"""Formatting in a text: from a row of characters, marks and line breaks to a tree.

The small Markdown: ``*italic*``, ``**bold**``, ``||spoiler||``, ``[text](address)`` and lines that begin with ``>``. A mark
opens where a character follows it and closes where one stands before it, so ``2 * 3`` is no formatting. Formatting
ends with its paragraph, and never crosses the edge of an option in braces.
"""

from __future__ import annotations

from dataclasses import field

from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.syntax import FormatSyntax, InlineSyntax, PlainSyntax, TextSyntax
from diana_engine.expressions.text import Formatting
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["MAX_WARNINGS", "LineBreak", "Mark", "Piece", "QuoteMark", "assemble"]

MAX_WARNINGS = 5
"""In one stretch of text; where more marks have no partner, they were hardly meant as marks."""

_FORMATTING: dict[str, Formatting] = {"*": "italic", "**": "bold", "||": "spoiler"}


@dataclass(frozen=True, slots=True)
class Mark:
    """``*``, ``**``, ``***`` or ``||``, and what it can do where it stands."""

    sign: str
    start: int
    end: int
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line."""


@dataclass(frozen=True, slots=True)
class QuoteMark:
    """A ``>`` at the beginning of a line."""


Piece = InlineSyntax | Mark | LineBreak | QuoteMark


def assemble(pieces: list[Piece], source: Located) -> tuple[TextSyntax, list[Diagnostic]]:
    """Return the tree of `pieces`, and a warning for each mark without a partner, which is then shown as it stands."""
    found: list[Diagnostic] = []
    parts: list[InlineSyntax] = []
    block: list[Piece] = []
    for line, is_quote, starts_block in _lines(pieces):
        if starts_block and block:
            parts += _block(block, source, found)
            block = []
        block += [QuoteMark(), *line] if is_quote and starts_block else line
    parts += _block(block, source, found)
    return tuple(_merged(parts)), found


def _lines(pieces: list[Piece]) -> list[tuple[list[Piece], bool, bool]]:
    """Cut into lines, each with its line break; say which are quoted and which begin a block."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        lines[-1].append(piece)
        if isinstance(piece, LineBreak):
            lines.append([])
    cut: list[tuple[list[Piece], bool, bool]] = []
    before_quoted, before_blank = False, True
    for line in lines:
        quoted = bool(line) and isinstance(line[0], QuoteMark)
        body = line[1:] if quoted else line
        blank = all(isinstance(piece, LineBreak) for piece in body) and not quoted
        cut.append((body, quoted, quoted != before_quoted or (before_blank and not quoted)))
        before_quoted, before_blank = quoted, blank
    return cut


def _block(pieces: list[Piece], source: Located, found: list[Diagnostic]) -> list[InlineSyntax]:
    if not (pieces and isinstance(pieces[0], QuoteMark)):
        return _inline(pieces, source, found)
    body = pieces[1:]
    closing = isinstance(body[-1], LineBreak) if body else False
    quote = FormatSyntax(
        "quote", tuple(_merged(_inline(body[:-1] if closing else body, source, found)))
    )
    return [quote, PlainSyntax("\n")] if closing else [quote]


@dataclass(slots=True)
class _Frame:
    """Formatting that was opened (`mark`, or `None` at the bottom), and what stands in it so far."""

    mark: Mark | None
    parts: list[InlineSyntax] = field(default_factory=list)


def _inline(pieces: list[Piece], source: Located, found: list[Diagnostic]) -> list[InlineSyntax]:
    stack = [_Frame(None)]
    for piece in pieces:
        match piece:
            case Mark():
                _apply(piece, stack, source, found)
            case LineBreak():
                stack[-1].parts.append(PlainSyntax("\n"))
            case QuoteMark():
                stack[-1].parts.append(PlainSyntax(">"))
            case _:
                stack[-1].parts.append(piece)
    while len(stack) > 1:
        _give_up(stack, source, found)
    return stack[0].parts


def _apply(mark: Mark, stack: list[_Frame], source: Located, found: list[Diagnostic]) -> None:
    for part in _split(mark, stack):
        # A mark does not open within its own kind, so no more than one of each is ever open.
        is_open = any(frame.mark and frame.mark.sign == part.sign for frame in stack)
        if part.closes and is_open:
            while (top := stack[-1].mark) and top.sign != part.sign:
                _give_up(stack, source, found)
            frame = stack.pop()
            stack[-1].parts.append(
                FormatSyntax(_FORMATTING[part.sign], tuple(_merged(frame.parts)))
            )
        elif part.opens and not is_open:
            stack.append(_Frame(part))
        else:
            if part.opens or part.closes:
                _warn(part, source, found, "closes nothing" if part.closes else "opens nothing new")
            stack[-1].parts.append(PlainSyntax(part.sign))


def _split(mark: Mark, stack: list[_Frame]) -> list[Mark]:
    if mark.sign != "***":
        return [mark]
    inner = stack[-1].mark
    sizes = (1, 2) if inner and inner.sign == "*" and mark.closes else (2, 1)
    middle = mark.start + sizes[0]
    return [
        Mark("*" * sizes[0], mark.start, middle, mark.opens, mark.closes),
        Mark("*" * sizes[1], middle, mark.end, mark.opens, mark.closes),
    ]


def _give_up(stack: list[_Frame], source: Located, found: list[Diagnostic]) -> None:
    frame = stack.pop()
    if frame.mark:
        _warn(frame.mark, source, found, "is opened and never closed")
        stack[-1].parts.append(PlainSyntax(frame.mark.sign))
    stack[-1].parts += frame.parts


def _warn(mark: Mark, source: Located, found: list[Diagnostic], what: str) -> None:
    if len(found) == MAX_WARNINGS:
        return
    span = source.span(mark.start, mark.end)
    escaped = "".join(f"\\{character}" for character in mark.sign)
    found.append(
        diagnose(
            "DIA701",
            span,
            f"This `{mark.sign}` {what}, so players will see it as it stands.",
            help=f"Write it in pairs around what it formats, in one paragraph; or write `{escaped}` for the sign itself.",
            edit=Edit(span, escaped),
        )
    )


def _merged(parts: list[InlineSyntax]) -> list[InlineSyntax]:
    merged: list[InlineSyntax] = []
    for part in parts:
        if isinstance(part, PlainSyntax) and merged and isinstance(last := merged[-1], PlainSyntax):
            merged[-1] = PlainSyntax(last.characters + part.characters)
        elif not (isinstance(part, PlainSyntax) and not part.characters):
            merged.append(part)
    return merged
