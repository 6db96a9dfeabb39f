"""From the fault that ended the reading of a file to one finding, in a writer's words.

A parser says where it gave up; the mistake may be elsewhere, and of a nature the parser cannot know. Each rule below
looks at the line as its writer sees it and answers when the fault is its own; the first that answers decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from diana_engine.compiler.load.escapes import unknown_escape
from diana_engine.compiler.load.faults import Fault, Kind
from diana_engine.compiler.load.keys import key_missing
from diana_engine.compiler.load.layout import (
    broken_brackets,
    crooked_line,
    missing_colon,
    open_quote,
    second_document,
    tab,
    unknown_yaml,
)
from diana_engine.compiler.load.lines import Line, blank_between, line_at
from diana_engine.compiler.load.prose import (
    begins_like_template,
    braces_begin_text,
    colon_in_text,
    sign_begins_text,
    text_after_quote,
)
from diana_engine.compiler.load.reuse import tag_refused
from diana_engine.compiler.nodes import Node, ScalarNode
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.records import dataclass
from diana_engine.source import SourceFile

__all__ = ["explain"]

_KEY_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class _Case:
    """A fault with what surrounds it.

    `line` is the line of the fault, `last` what was complete last, `bracket` the innermost one that is open.
    """

    file: SourceFile
    kind: Kind
    at: int
    first: int
    line: Line
    last: Node | None
    bracket: int | None

    @property
    def goes_on(self) -> bool:
        """Whether the fault stands right after the last value, on its line."""
        return self.last is not None and blank_between(self.file.text, self.last.end, self.at)

    @property
    def begins_line(self) -> bool:
        """Whether nothing but blanks stands before the fault on its line."""
        return blank_between(self.file.text, self.file.line_starts[self.line.number - 1], self.at)


def explain(file: SourceFile, fault: Fault, last: Node | None, bracket: int | None) -> Diagnostic:
    """Return the one finding for `fault`.

    `last` is the node that was complete last; at `bracket` stands the innermost ``[`` or ``{`` that is still open.
    """
    line = line_at(file, fault.at)
    case = _Case(file, fault.kind, fault.at, fault.first, line, last, bracket)
    for rule in _RULES:
        finding = rule(case)
        if finding is not None:
            return finding
    return _other(case)


def _tab(case: _Case) -> Diagnostic | None:
    text = case.file.text
    if case.kind != "tab" and not (case.kind == "sign" and text[case.at : case.at + 1] == "\t"):
        return None
    at = text.find("\t", case.file.line_starts[case.line.number - 1], case.at + 1)
    return tab(case.file, at if at >= 0 else case.at)


def _directive(case: _Case) -> Diagnostic | None:
    if case.kind != "directive":
        return None
    if case.file.text.startswith("%TAG", case.first):
        return tag_refused(case.file, case.first, case.first + 4)
    message = "YAML reads a line that begins with `%` as an instruction to itself."
    return unknown_yaml(
        case.file, case.first, message, "Delete the line, or indent it if it belongs to a text."
    )


def _quote(case: _Case) -> Diagnostic | None:
    return open_quote(case.file, case.first, None) if case.kind == "quote" else None


def _escape(case: _Case) -> Diagnostic | None:
    if case.kind != "escape":
        return None
    text, at = case.file.text, case.at
    # The parsers point at the backslash, after it, or at the digits that should have followed `\x`.
    if text[at : at + 1] != "\\" or text[max(0, at - 2) : at] in ("\\x", "\\u", "\\U"):
        at = text.rfind("\\", 0, at)
    return unknown_escape(case.file, max(at, 0))


def _template(case: _Case) -> Diagnostic | None:
    """Answer for ``{if has key: a | else: b}``, wherever inside the parser gave up."""
    for place in (case.first, case.at):
        line = line_at(case.file, place)
        if line.start <= place and begins_like_template(line) and not line.key.startswith("{"):
            return braces_begin_text(line, case.at)
    return None


def _sign(case: _Case) -> Diagnostic | None:
    text, line = case.file.text, case.line
    if case.kind == "sign":
        stray = text[case.first : case.first + 1] in (",", "]", "}", "")
        if stray and (case.bracket is not None or line.start != case.first):
            return broken_brackets(case.file, case.first, case.bracket)
        if _HEADER.match(text[case.first : line.end]):
            # No block can begin inside of brackets: one above it was left open.
            inside = case.bracket is not None
            return broken_brackets(case.file, case.first, case.bracket) if inside else None
        return sign_begins_text(case.file, case.first)
    if case.kind in ("dash", "question") and line.start <= case.at:
        return sign_begins_text(case.file, case.at)
    last = case.last
    if isinstance(last, ScalarNode) and case.goes_on and text.startswith("*", last.start):
        return sign_begins_text(case.file, last.start)
    return None


def _after_value(case: _Case) -> Diagnostic | None:
    """Answer where a value is complete and more follows on its line, or indented on the next one."""
    last = case.last
    if last is None or case.kind not in ("entry", "brackets", "colon"):
        return None
    if not (case.goes_on or _goes_on_below(case, last)):
        return None
    if isinstance(last, ScalarNode):
        return _after_quote(case, last)
    begun = line_at(case.file, last.start)
    closes = case.file.text[case.at : case.at + 1] in ("]", "}")
    if not last.flow or case.kind == "brackets" or closes or begun.start != last.start:
        return None
    return braces_begin_text(begun, case.at)


def _after_quote(case: _Case, last: ScalarNode) -> Diagnostic | None:
    if last.style not in ("single", "double"):
        return None
    if case.goes_on and case.file.position(last.start).line != case.line.number:
        return open_quote(case.file, last.start, last.end)
    return text_after_quote(case.file, last, case.at)


def _goes_on_below(case: _Case, last: Node) -> bool:
    """Return whether the line of the fault is more of the text that `last` was taken for."""
    if case.kind != "entry" or not case.begins_line or case.line.key or case.line.dash:
        return False
    above = line_at(case.file, last.end)
    return (
        above.number < case.line.number
        and above.end == last.end
        and above.indent < case.line.indent
    )


def _colon(case: _Case) -> Diagnostic | None:
    if case.kind != "colon":
        return None
    last, file = case.last, case.file
    if isinstance(last, ScalarNode) and last.end <= case.at:
        begun = line_at(file, last.start)
        if begun.number != case.line.number:
            return _colon_below(case, last, begun)
    return colon_in_text(case.line, case.at) if case.line.start <= case.at else None


def _colon_below(case: _Case, last: ScalarNode, begun: Line) -> Diagnostic:
    """Answer for a colon on a line that YAML took for more of the text of the line above."""
    file = case.file
    word = file.text[case.line.begin : case.at].strip()
    if begun.start == last.start and not begun.label:
        return missing_colon(file, begun, last.start, None)
    if _KEY_WORD.match(word):
        more = f" If it belongs to the text above, write `{begun.label}|` and the text on the lines below it."
        return crooked_line(file, case.line.begin, [begun.begin], more)
    return colon_in_text(begun, case.at)


def _no_colon(case: _Case) -> Diagnostic | None:
    if case.kind != "no colon":
        return None
    return missing_colon(case.file, line_at(case.file, case.first), case.first, case.last)


def _brackets(case: _Case) -> Diagnostic | None:
    if case.kind == "brackets":
        return broken_brackets(case.file, case.at, case.first)
    if case.kind == "entry" and case.file.text[case.at : case.at + 1] in ("]", "}"):
        return broken_brackets(case.file, case.at, None)
    return None


def _document(case: _Case) -> Diagnostic | None:
    above = case.file.line(case.line.number - 1)
    return second_document(case.file, case.at) if above.startswith("...") else None


def _crooked(case: _Case) -> Diagnostic | None:
    if case.kind != "entry" or not case.begins_line:
        return None
    if case.file.text.startswith(":", case.at):
        return key_missing(case.file, case.at)
    if not (case.line.key or case.line.dash):
        return missing_colon(case.file, case.line, case.at, case.last)
    starts = [case.first] if case.first < case.at else []
    if not isinstance(case.last, ScalarNode | None) and case.last.start not in starts:
        starts.append(case.last.start)
    return crooked_line(case.file, case.at, starts) if starts else None


def _other(case: _Case) -> Diagnostic:
    if case.kind == "sign" and case.first < len(case.file.text):
        message = "This sign begins a block of text, and YAML does not know it in this form."
        help = "Write `|` alone, and the text on the lines below it, indented."
        return unknown_yaml(case.file, case.first, message, help)
    if case.line.start == case.at and case.file.text.startswith(":", case.at):
        return key_missing(case.file, case.at)
    message = "I cannot read this as YAML: something else should stand here."
    help = "If it belongs to a text, put the whole text between quotes."
    return unknown_yaml(case.file, case.at, message, help)


_RULES: tuple[Callable[[_Case], Diagnostic | None], ...] = (
    _tab,
    _template,
    _directive,
    _quote,
    _escape,
    _sign,
    _after_value,
    _colon,
    _no_colon,
    _brackets,
    _document,
    _crooked,
)
