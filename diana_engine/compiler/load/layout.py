"""Mistakes of layout: tabs, lines that do not line up, colons and brackets that are missing, quotes left open."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diana_engine.compiler.load.lines import Line, line_at, quoted, spot
from diana_engine.compiler.nodes import Node, ScalarNode
from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

__all__ = [
    "broken_brackets",
    "crooked_line",
    "missing_colon",
    "open_quote",
    "second_document",
    "swallows_keys",
    "tab",
    "unknown_yaml",
]

_NO_BLANK = re.compile(r"(?:[a-z][a-z0-9_]*:|-)(?=[^-\s:/])")
_SWALLOWED = re.compile(r"[\r\n]( *)(?:- +)*[a-z][a-z0-9_]*:[ \t\r\n]")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"[^\s:]*")


def tab(file: SourceFile, at: int) -> Diagnostic:
    """Return the finding for a tab where only spaces may stand."""
    return diagnose(
        "DIA007",
        spot(file, at),
        "This tab stands where YAML allows only spaces.",
        help="Indent with spaces, two for each step; most editors can turn tabs into spaces.",
    )


def open_quote(file: SourceFile, start: int, end: int | None) -> Diagnostic:
    """Return the finding for a quote at `start` that is never closed, or only by a later one that ends at `end`."""
    sign, line = file.text[start], line_at(file, start)
    later = file.span(end - 1, end) if end is not None else None
    help = f"Close it with another `{sign}` at the end of the text."
    if line.start == start and sign not in line.value[1:] and len(line.value) < 60:
        help = f"Close it: `{line.label}{line.value}{sign}`."
        if sign == "'":
            help += f" If it is an apostrophe, write `{line.label}{quoted(line.value)}`."
    return diagnose(
        "DIA025",
        spot(file, start),
        "This quote is never closed."
        if later is None
        else "This quote is not closed where its text ends.",
        labels=(Label(later, "this one closes it, as YAML reads it"),) if later is not None else (),
        help=help,
    )


def swallows_keys(text: str, node: ScalarNode, column: int) -> bool:
    """Return whether the quotes of `node` hold lines that look like keys of the block around, which begins in `column`.

    YAML wants the lines of a quoted text indented further than the block; libyaml does not insist, and would hide that
    a quote was left open.
    """
    keys = _SWALLOWED.finditer(text, node.start, node.end)
    return any(len(key[1]) <= column for key in keys)


def missing_colon(file: SourceFile, line: Line, at: int, last: Node | None) -> Diagnostic:
    """Return the finding for a line that should be ``key: value``.

    What stands there begins at `at`; `last` is what was complete last.
    """
    close = _NO_BLANK.match(file.text, at)
    if close is not None:
        return _missing_blank(file, close, line.end)
    help = "If it belongs to the text above, write `|` after its key and the whole text on the lines below, indented."
    labels: tuple[Label, ...] = ()
    if isinstance(last, ScalarNode) and last.style in ("literal", "folded"):
        help = "If it belongs to the text above, indent it as far as the first line of that text, and further than its key."
    if _ID.fullmatch(file.text, at, line.end):
        help = f"If it is a key, write `{file.text[at : line.end]}:`. {help}"
    above = line_at(file, max(0, file.line_starts[line.number - 1] - 1))
    if above.number < line.number and above.comment is not None:
        labels = (
            Label(file.span(above.comment, above.end), "a text ends where ` #` begins a comment"),
        )
    message = "I expected a key with a colon and a blank after it here."
    return diagnose("DIA027", spot(file, at, line.end), message, labels=labels, help=help)


def _missing_blank(file: SourceFile, sign: re.Match[str], end: int) -> Diagnostic:
    at = sign.end()
    return diagnose(
        "DIA027",
        spot(file, at - 1),
        f"A blank is missing after `{sign.group()}`.",
        help=f"Write `{sign.group()} {file.text[at : max(at, end)][:40]}`.",
        # A line that begins with a dash may be what somebody says in the text above.
        edit=Edit(file.span(at, at), " ") if sign.group() != "-" else None,
    )


def crooked_line(file: SourceFile, at: int, starts: Sequence[int], more: str = "") -> Diagnostic:
    """Return the finding for a line that lines up with none of those before it.

    `at` is its first character; at `starts` stand the first characters of what it could go on with. `more` is help.
    """
    columns = sorted({file.position(start).column for start in starts})
    here = file.position(at).column
    message = f"This begins in column {here}, but what it can belong with begins in column {_either(columns)}."
    above = file.position(max(starts))
    help = f"Move it to column {_either(columns)}"
    help += f"; or line {above.line} to column {here}." if above.column > here else "."
    if here in columns:
        message = "This does not go on with what was begun above it."
        help = "It goes below the key that it belongs to, indented further."
    if file.text.startswith("-", starts[0]) and not file.text.startswith("-", at):
        help = "Above it stands a list: each item begins with `- `, and what belongs to an item lines up inside it."
    return diagnose(
        "DIA026",
        spot(file, at, _word_end(file, at)),
        message,
        labels=tuple(
            Label(spot(file, start), f"column {file.position(start).column}") for start in starts
        ),
        help=help + more,
    )


def broken_brackets(file: SourceFile, at: int, bracket: int | None) -> Diagnostic:
    """Return the finding for the list or group at `bracket` that breaks off at `at`, or for a sign outside of any."""
    found, here = file.text[at : at + 1], spot(file, at)
    help = "Items are separated by commas; a text with a comma, a colon, a brace or a bracket needs quotes."
    if bracket is None:
        message = f"This `{found}` closes nothing."
        return diagnose("DIA028", here, message, help=f"Delete it. {help}")
    sign = file.text[bracket]
    close = "]" if sign == "[" else "}"
    if file.position(bracket).line != file.position(at).line or not found:
        message, label = (
            f"This `{sign}` is not closed with `{close}`.",
            Label(here, "here it cannot go on"),
        )
        help = f"Close it with `{close}`. {help}"
        return diagnose("DIA028", spot(file, bracket), message, labels=(label,), help=help)
    message = (
        "Nothing stands before this comma."
        if found == ","
        else f"I expected `,` or `{close}` here."
    )
    label = Label(spot(file, bracket), f"inside this `{sign}`")
    return diagnose("DIA028", here, message, labels=(label,), help=help)


def second_document(file: SourceFile, at: int) -> Diagnostic:
    """Return the finding for a second document, which begins at `at`."""
    return diagnose(
        "DIA009",
        spot(file, at, at + 3 if file.text.startswith("---", at) else None),
        "A second document begins here, and a file holds one.",
        help="Delete the line that divides them, or move what follows it into a file of its own.",
    )


def unknown_yaml(file: SourceFile, at: int, message: str, help: str | None = None) -> Diagnostic:
    """Return the finding for what has no code of its own."""
    return diagnose("DIA017", spot(file, at), message, help=help)


def _either(columns: Sequence[int]) -> str:
    return " or ".join(str(column) for column in columns)


def _word_end(file: SourceFile, at: int) -> int:
    word = _WORD.match(file.text, at)
    return word.end() if word is not None else at
