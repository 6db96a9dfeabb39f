"""From a writer's text to its tree: what stands in braces, escapes and links; `markup` does the formatting."""

from __future__ import annotations

import re
from dataclasses import field
from typing import cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.parsing.markup import LineBreak, Mark, Piece, QuoteMark, assemble
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.expressions.syntax import (
    AlternativesSyntax,
    BranchSyntax,
    Expression,
    InlineSyntax,
    LinkSyntax,
    PlainSyntax,
    ShowSyntax,
    TextSyntax,
    WhenSyntax,
)
from diana_engine.expressions.text import Order
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["MAX_TEXT_DEPTH", "parse_text"]

MAX_TEXT_DEPTH = 20
"""How deeply braces may stand in braces."""

_SPECIAL = re.compile(r"[\\{}*|\[\n>]")
_MARKUP = re.compile(r"[\\{}*|\[>]")
_WITHOUT_QUOTES = re.compile(r"[\\{}*|\[]|\n(?=\n)|(?<=\n)\n")
"""Where nothing is quoted, the end of a line means something only beside an empty one."""
_HEAD = re.compile(r"\s*(\w+)\s*:")
_IF = re.compile(r"\s*if(?!\w)")
_UNTIL_COLON = re.compile(r"""(?:[^:{}|"\n]|"(?:[^"\\\n]|\\.)*")*""")
_UNTIL_BRACE = re.compile(r"""(?:[^{}"\n]|"(?:[^"\\\n]|\\.)*")*""")
_ELIF = re.compile(r"\s*elif(?!\w)")
_ELSE = re.compile(r"\s*else\s*:")
_LINK = re.compile(r"\[([^\[\]\n]*)\]\(([^()\s]*)\)")
_ADDRESS = re.compile(r"(?:https?://|tg://|mailto:)[^\s]+\Z")
_ORDERS = ("sequence", "cycle", "shuffle", "once")


@dataclass(slots=True)
class _Reader:
    """A place in the text, and the findings so far; `end` bounds what is read."""

    source: Located
    end: int
    offset: int = 0
    depth: int = 0
    found: list[Diagnostic] = field(default_factory=list)
    special: re.Pattern[str] = _SPECIAL

    def sees(self, text: str) -> bool:
        return self.source.text.startswith(text, self.offset, self.end)

    def report(
        self, code: str, start: int, end: int, message: str, help: str | None = None
    ) -> None:
        self.found.append(diagnose(code, self.source.span(start, end), message, help=help))

    def stop(self) -> None:
        """Read nothing more: what follows a broken brace cannot be told apart."""
        self.offset = self.end


def parse_text(source: Located) -> tuple[TextSyntax, list[Diagnostic]]:
    """Parse the whole of `source` as a text for players. What could not be read is left out of the tree."""
    text = source.text
    end = len(text.rstrip())
    begin = len(text) - len(text.lstrip())
    if begin < end and _MARKUP.search(text, begin, end) is None:
        # Most texts are nothing but words.
        return (PlainSyntax(text[begin:end]),), []
    special = _SPECIAL if ">" in text else _WITHOUT_QUOTES
    reader = _Reader(source, end, offset=min(begin, end), special=special)
    return _text(reader, inside=False), reader.found


def _text(reader: _Reader, *, inside: bool) -> TextSyntax:
    pieces = _pieces(reader, inside)
    if inside:
        _strip_end(pieces)
    tree, found = assemble(pieces, reader.source)
    reader.found += found
    return tree


def _strip_end(pieces: list[Piece]) -> None:
    while pieces:
        last = pieces[-1]
        if isinstance(last, PlainSyntax) and last.characters.rstrip():
            pieces[-1] = PlainSyntax(last.characters.rstrip())
            return
        if not isinstance(last, PlainSyntax | LineBreak):
            return
        pieces.pop()


def _pieces(reader: _Reader, inside: bool) -> list[Piece]:
    """Read up to the end, or inside braces up to the ``|`` or ``}`` that ends this option."""
    pieces: list[Piece] = []
    text = reader.source.text
    while reader.offset < reader.end:
        match = reader.special.search(text, reader.offset, reader.end)
        stop = match.start() if match else reader.end
        if stop > reader.offset:
            pieces.append(PlainSyntax(text[reader.offset : stop]))
            reader.offset = stop
        if match and not _special(reader, match.group(), inside, pieces):
            break
    return pieces


def _special(reader: _Reader, character: str, inside: bool, pieces: list[Piece]) -> bool:
    """Read what begins with a special character; return false where the option ends before it."""
    offset = reader.offset
    reader.offset += 1
    match character:
        case "\\":
            pieces.append(_escape(reader))
        case "{":
            if (brace := _brace(reader, offset)) is not None:
                pieces.append(brace)
        case "}" | "|" if inside and not (character == "|" and _is_spoiler(reader, offset)):
            reader.offset = offset
            return False
        case "}":
            help = "Remove it, or write `\\}` for a brace that players see."
            reader.report("DIA131", offset, offset + 1, "This `}` closes nothing.", help)
        case "*":
            pieces.append(_mark(reader, offset, "*"))
        case "|" if reader.sees("|"):
            pieces.append(_mark(reader, offset, "|"))
        case "[":
            pieces.append(_link(reader, offset))
        case "\n":
            pieces.append(LineBreak())
        case ">" if _at_line_start(reader, pieces):
            pieces.append(QuoteMark())
            reader.offset += reader.sees(" ")
        case _:
            pieces.append(PlainSyntax(character))
    return True


def _escape(reader: _Reader) -> PlainSyntax:
    following = reader.source.text[reader.offset : min(reader.offset + 1, reader.end)]
    if following and following in "\\{}*|[]>":
        reader.offset += 1
        return PlainSyntax(following)
    return PlainSyntax("\\")


def _at_line_start(reader: _Reader, pieces: list[Piece]) -> bool:
    if pieces:
        return isinstance(pieces[-1], LineBreak)
    return reader.depth == 0


def _mark(reader: _Reader, start: int, character: str) -> Mark:
    text = reader.source.text
    end = start
    longest = 3 if character == "*" else 2
    while end < reader.end and text[end] == character and end - start < longest:
        end += 1
    before = text[start - 1 : start] if start else ""
    after = text[end : end + 1] if end < reader.end else ""
    reader.offset = end
    opens = bool(after) and not after.isspace()
    closes = bool(before) and not before.isspace()
    return Mark(text[start:end], start, end, opens, closes)


def _is_spoiler(reader: _Reader, offset: int) -> bool:
    """Whether ``||`` stands at a word, so that it is no pair of empty options."""
    text = reader.source.text
    if not text.startswith("||", offset, reader.end):
        return False
    before, after = text[offset - 1 : offset], text[offset + 2 : offset + 3]
    return not (before.isspace() and (after.isspace() or after in ("", "}")))


def _link(reader: _Reader, start: int) -> InlineSyntax:
    match = _LINK.match(reader.source.text, start, reader.end)
    if match is None:
        return PlainSyntax("[")
    if not _ADDRESS.match(match.group(2)):
        help = "An address begins with `https://`, `http://`, `tg://` or `mailto:`."
        reader.report(
            "DIA702",
            match.start(2),
            match.end(2),
            "This is no address that a link can lead to.",
            help,
        )
        return PlainSyntax("[")
    inner = _Reader(
        reader.source, match.end(1), match.start(1), reader.depth + 1, reader.found, reader.special
    )
    text = _text(inner, inside=False)
    reader.offset = match.end()
    return LinkSyntax(match.group(2), text)


# Braces -------------------------------------------------------------------------------------------------------------


def _brace(reader: _Reader, start: int) -> InlineSyntax | None:
    text = reader.source.text
    if reader.depth >= MAX_TEXT_DEPTH:
        help = "Give the inner parts fragments or named conditions of their own."
        reader.report("DIA134", start, start + 1, "These braces are nested too deeply.", help)
        reader.stop()
        return None
    reader.depth += 1
    try:
        if match := _IF.match(text, reader.offset, reader.end):
            reader.offset = match.end()
            return _when(reader, start)
        match = _HEAD.match(text, reader.offset, reader.end)
        if match and match.group(1) in _ORDERS:
            reader.offset = match.end()
            return _alternatives(reader, start, cast(Order, match.group(1)))
        if match:
            _unknown_word(reader, start, match)
            return None
        return _show(reader, start)
    finally:
        reader.depth -= 1


def _show(reader: _Reader, start: int) -> InlineSyntax | None:
    match = _UNTIL_BRACE.match(reader.source.text, reader.offset, reader.end)
    stop = match.end() if match else reader.end
    if not reader.source.text.startswith("}", stop, reader.end):
        _unclosed(reader, start)
        return None
    inner = reader.source.text[reader.offset : stop]
    value: Expression | None = None
    if not inner.strip():
        help = "Write a name in it, like `{besitos}`; or `\\{` for a brace that players see."
        reader.report("DIA133", start, stop + 1, "There is nothing in these braces.", help)
    elif "|" in inner:
        help = "Write `{sequence: … | …}`, `{cycle: … | …}`, `{shuffle: … | …}` or `{if …: … | else: …}`."
        reader.report(
            "DIA132", start, stop + 1, "These options do not say how one of them is chosen.", help
        )
    else:
        value = _expression(reader, reader.offset, stop)
    reader.offset = stop + 1
    return ShowSyntax(value)


def _expression(reader: _Reader, start: int, end: int) -> Expression | None:
    value, found = parse_expression(reader.source, start, end)
    reader.found += found
    return value


def _unknown_word(reader: _Reader, start: int, match: re.Match[str]) -> None:
    word = match.group(1)
    known = closest(word, (*_ORDERS, "if"))
    help = (
        f"Did you mean `{known}`?"
        if known
        else "Known are `if`, `sequence`, `cycle`, `shuffle` and `once`."
    )
    if word in ("elif", "else"):
        help = f"`{word}` is written within the braces of an `if`, after a `|`."
    reader.report(
        "DIA132",
        match.start(1),
        match.end(1),
        f"I do not know what `{word}:` does in braces.",
        help,
    )
    reader.offset = match.end()
    _options(reader, start)


def _alternatives(reader: _Reader, start: int, order: Order) -> InlineSyntax | None:
    options = _options(reader, start)
    return None if options is None else AlternativesSyntax(order, options)


def _options(reader: _Reader, start: int) -> tuple[TextSyntax, ...] | None:
    """Read ``a | b | c}``; `None` when the brace never closes."""
    options = [_option(reader)]
    while reader.sees("|"):
        reader.offset += 1
        options.append(_option(reader))
    return tuple(options) if _closed(reader, start) else None


def _option(reader: _Reader) -> TextSyntax:
    text = reader.source.text
    while reader.offset < reader.end and text[reader.offset].isspace():
        reader.offset += 1
    return _text(reader, inside=True)


def _closed(reader: _Reader, start: int) -> bool:
    if reader.sees("}"):
        reader.offset += 1
        return True
    _unclosed(reader, start)
    return False


def _unclosed(reader: _Reader, start: int) -> None:
    help = "Close it with `}` where it ends; or write `\\{` for a brace that players see."
    # An inner brace that never closes leaves the outer ones open too: that is one mistake.
    if not any(finding.code in ("DIA130", "DIA134") for finding in reader.found):
        reader.report("DIA130", start, start + 1, "This `{` is never closed.", help)
    reader.stop()


def _when(reader: _Reader, start: int) -> InlineSyntax | None:
    branches = [_branch(reader)]
    text = reader.source.text
    while reader.sees("|"):
        bar = reader.offset
        reader.offset += 1
        if match := _ELIF.match(text, reader.offset, reader.end):
            reader.offset = match.end()
            branch = _branch(reader)
        elif match := _ELSE.match(text, reader.offset, reader.end):
            reader.offset = match.end()
            branch = BranchSyntax(None, True, _option(reader))
        else:
            help = "After `|` comes `elif` and a condition, or `else`; write `\\|` for a bar that players see."
            reader.report(
                "DIA135", bar, bar + 1, "I expected `elif …:` or `else:` after this bar.", help
            )
            branch = BranchSyntax(None, False, _option(reader))
        if branches[-1].otherwise:
            help = "`else:` comes last, once."
            reader.report("DIA135", bar, bar + 1, "Nothing can follow `else:`.", help)
        branches.append(branch)
    return WhenSyntax(tuple(branches)) if _closed(reader, start) else None


def _branch(reader: _Reader) -> BranchSyntax:
    match = _UNTIL_COLON.match(reader.source.text, reader.offset, reader.end)
    stop = match.end() if match else reader.end
    if not reader.source.text.startswith(":", stop, reader.end):
        if stop < reader.end:
            help = "Write it as `{if trust >= 3: what is shown then}`."
            reader.report("DIA135", stop, stop + 1, "I expected a `:` after the condition.", help)
        reader.offset = stop
        return BranchSyntax(None, False, _option(reader))
    requirement = _expression(reader, reader.offset, stop)
    reader.offset = stop + 1
    return BranchSyntax(requirement, False, _option(reader))
