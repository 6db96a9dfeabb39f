"""Prose that collides with YAML: texts that YAML would read as something else.

Each finding says what YAML sees and shows the line as it should be written. Only the shape phase knows which values are
texts for players, so what parses well and still is no text (`prose_as_mapping`, `comment_after_prose`) it asks for here.
"""

from __future__ import annotations

import re

from diana_engine.compiler.load.lines import Line, line_at, quote_edit, quoted, show_quoted, spot
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode
from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

__all__ = [
    "begins_like_template",
    "braces_begin_text",
    "colon_in_text",
    "comment_after_prose",
    "looks_like_template",
    "prose_as_mapping",
    "sign_begins_text",
    "text_after_quote",
]

_TEMPLATE = re.compile(
    r"\{\s*(?:(?:if|elif)\s|else\s*:|(?:sequence|cycle|shuffle)\s*:|once\s*:(?!\s*(?:true|false)\b)|[a-z_][\w.]*\s*\}|\{)"
)
_COMMENT = re.compile(r"[ \t]*(#[^\r\n]*)")
_ID = re.compile(r"[a-z][a-z0-9_]*\Z")

_SIGNS = {
    "*": "YAML takes `*` at the beginning of a value for a reference to another value.",
    "&": "YAML takes `&` at the beginning of a value for a name to refer to.",
    "!": "YAML takes `!` at the beginning of a value for a type.",
    "|": "YAML takes `|` at the beginning of a value for a block of text on the lines below.",
    ">": "YAML takes `>` at the beginning of a value for a block of text on the lines below.",
    "-": "YAML takes `-` at the beginning of a value for an item of a list.",
    "?": "YAML takes `?` at the beginning of a value for a key.",
    "`": "In YAML a value cannot begin with a backtick.",
}


def colon_in_text(line: Line, at: int) -> Diagnostic:
    """Return the finding for ``text: Go: now``; the colon stands at `at`."""
    file = line.file
    first = file.text[line.start : at].strip()
    unsure = bool(_ID.match(first)) and bool(line.key)
    other = (
        f" If `{first}` is a key, it goes on a line of its own below `{line.key}:`, indented."
        if unsure
        else ""
    )
    return diagnose(
        "DIA020",
        spot(file, at),
        "YAML reads this colon, followed by a space, as the end of a key.",
        label="a second key on the same line?",
        help=f"{show_quoted(line)}{other}",
        edit=None if unsure else quote_edit(line),
    )


def sign_begins_text(file: SourceFile, at: int) -> Diagnostic:
    """Return the finding for a value that begins with a sign of YAML's, which stands at `at`."""
    sign, line = file.text[at : at + 1], line_at(file, at)
    alone = line.start == at
    advice = show_quoted(line) if alone else "Put the text that begins here between quotes."
    if sign == "-" and alone:
        advice = f"If it is text, {advice[0].lower()}{advice[1:]} If it is a list, its items go on the lines below."
    return diagnose(
        "DIA021",
        spot(file, at),
        _SIGNS.get(sign, f"In YAML a value cannot begin with `{sign}`."),
        help=advice,
        edit=quote_edit(line) if alone and sign != "-" else None,
    )


def text_after_quote(file: SourceFile, node: ScalarNode, at: int) -> Diagnostic:
    """Return the finding for ``text: "Hello" she said``; `node` is what is quoted, and at `at` the text goes on."""
    line = line_at(file, node.start)
    edit = _requote(line, node) if line.start == node.start else None
    advice = "Put all of the text between quotes, or none of it."
    if line.start == node.start:
        shown = edit.replacement if edit is not None else ""
        advice = (
            show_quoted(line) if len(shown) > 60 or not shown else f"Write `{line.label}{shown}`."
        )
    return diagnose(
        "DIA022",
        spot(file, at, line_at(file, at).end),
        "Text goes on after the closing quote.",
        labels=(Label(node.span(file), "these quotes hold the whole value, as YAML reads it"),),
        help=advice,
        edit=edit,
    )


def _requote(line: Line, node: ScalarNode) -> Edit | None:
    edit = quote_edit(line)
    if edit is None:
        return None
    text, sign = line.file.text, line.value[0]
    inside = text[node.end - 2 : node.end - 1].isspace() or text[node.end : node.end + 1].isalnum()
    if inside and line.value.endswith(sign):
        # `"She says "hi" to me"`, `'don't'`: the outer quotes were meant as YAML's, and not as text.
        return Edit(line.span, quoted(line.value[1:-1]))
    return edit


def braces_begin_text(line: Line, at: int) -> Diagnostic:
    """Return the finding for ``text: {besitos} coins``, of which YAML could not make sense at `at`."""
    sign = line.value[0]
    sure, advice = begins_like_template(line), show_quoted(line)
    label = Label(spot(line.file, at), "here that stops making sense") if at > line.start else None
    return diagnose(
        "DIA023",
        line.file.span(line.start, line.start + 1),
        f"YAML reads `{sign}` at the beginning of a value as {_kind(sign)}.",
        labels=(label,) if label is not None else (),
        help=advice if sure else f"If this is text, {advice[0].lower()}{advice[1:]}",
        edit=quote_edit(line),
    )


def prose_as_mapping(file: SourceFile, key: ScalarNode, node: Node) -> Diagnostic:
    """Return the finding for a text that YAML read as a mapping or a list: ``text: {if has key: x}``."""
    line = line_at(file, node.start)
    sign = file.text[node.start : node.start + 1]
    raw = file.text[node.start : node.end]
    alone = line.start == node.start and line.end == node.end
    advice = show_quoted(line) if alone else f"Put the text between quotes: `{quoted(raw)}`."
    whole = "\n" not in raw and "\r" not in raw
    return diagnose(
        "DIA023",
        node.span(file),
        f"`{key.value}` is a text, but YAML reads `{sign}` at its beginning as {_kind(sign)}.",
        help=advice
        if whole
        else f"Write `{key.value}: |` and put the whole text on the lines below, each indented further.",
        edit=Edit(node.span(file), quoted(raw)) if whole else None,
    )


def looks_like_template(node: Node) -> bool:
    """Return whether a mapping or list that stands where a text should may be that text, without its quotes.

    So it is where it is written with ``{`` or ``[``: lists and groups of keys over several lines are no slip of
    quoting.
    """
    return isinstance(node, MappingNode | SequenceNode) and node.flow


def comment_after_prose(file: SourceFile, node: ScalarNode) -> Diagnostic | None:
    """Return a warning where a text without quotes is cut by `` #``: the rest of its line is a comment to YAML.

    Ask for texts written for players only: after an id or an expression a comment is as it should be.
    """
    if node.style != "plain":
        return None
    found = _COMMENT.match(file.text, node.end)
    if found is None:
        return None
    line = line_at(file, node.end)
    advice = "put the text between quotes"
    if line.start in (node.start, found.start(1)):
        advice = f"write `{line.label}{quoted(line.value)}`"
    return diagnose(
        "DIA024",
        file.span(found.start(1), found.end(1)),
        "YAML takes the rest of this line as a comment; players will not see it.",
        help=f"If it belongs to the text, {advice}. If it is a comment, move it to a line of its own.",
    )


def begins_like_template(line: Line) -> bool:
    """Return whether the value on `line` begins as only a text does: ``{if has key: …``, ``{besitos}``."""
    return _TEMPLATE.match(line.file.text, line.start, line.end) is not None


def _kind(sign: str) -> str:
    return "a group of keys" if sign == "{" else "a list"
