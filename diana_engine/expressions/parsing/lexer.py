"""From the characters of an expression to its tokens.

Signs that other languages use (``&&``, ``!``, ``≥``) are read as the word that is meant, and reported: one mistake, one
finding, and the rest of the expression is still checked.
"""

from __future__ import annotations

import re
from typing import Literal

from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["Token", "TokenKind", "tokenise"]

TokenKind = Literal["word", "number", "quoted", "sign", "end"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>\d+(?:[.,]\d+)?(?!\w))
    | (?P<word>\w+(?:\.\w+)*)
    | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“[^”]*”|«[^»]*»)
    | (?P<sign>\+=|-=|==|!=|>=|<=|=>|=<|<>|&&|\|\||\*\*|[-+*()<>=!≥≤≠&|/%,])
    """,
    re.VERBOSE,
)
_MEANT = {
    "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not", "≥": ">=", "≤": "<=", "≠": "!=", "=>": ">=", "=<": "<=",
    "<>": "!=",
}  # fmt: skip
_WORDS = {"and", "or", "not"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class Token:
    """A token and its offsets; made by the hundred thousand, so not frozen. For a number, `text` is its digits; for a quoted text, what stands in the quotes."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokenise(source: Located, start: int, end: int) -> tuple[list[Token], list[Diagnostic]]:
    """Return the tokens of ``source.text[start:end]``, the last one of kind ``end``, and what was wrong with them."""
    tokens: list[Token] = []
    found: list[Diagnostic] = []
    offset = start
    while offset < end:
        match = _TOKEN.match(source.text, offset, end)
        if match is None:
            if not any(finding.code in ("DIA112", "DIA113") for finding in found):
                found.append(_unreadable(source, offset, end))
            # What follows a quote that never closes is prose: nothing in it can be read.
            offset = end if source.text[offset] in "\"'“«" else offset + 1
            continue
        offset = match.end()
        if match.lastgroup != "space":
            tokens.append(_token(match, source, found))
    tokens.append(Token("end", "", end, end))
    return tokens, found


def _token(match: re.Match[str], source: Located, found: list[Diagnostic]) -> Token:
    text, start, end = match.group(), match.start(), match.end()
    match match.lastgroup:
        case "number":
            return Token("number", _whole(text, source, start, found), start, end)
        case "quoted":
            return Token("quoted", _ESCAPE.sub(r"\1", text[1:-1]), start, end)
        case "sign" if text in _MEANT:
            meant = _MEANT[text]
            found.append(
                diagnose(
                    "DIA111",
                    source.span(start, end),
                    f"`{text}` is not a sign of this language.",
                    help=f"Write `{meant}`.",
                    edit=Edit(source.span(start, end), meant),
                )
            )
            return Token("word" if meant in _WORDS else "sign", meant, start, end)
        case "sign":
            return Token("sign", text, start, end)
        case _:
            return Token("word", text, start, end)


def _whole(text: str, source: Located, start: int, found: list[Diagnostic]) -> str:
    if len(text) <= 15 and text.isdecimal():
        return text
    digits = re.split("[.,]", text)[0]
    span = source.span(start, start + len(text))
    if digits != text:
        found.append(
            diagnose(
                "DIA114",
                span,
                f"`{text}` is not a whole number.",
                help="All numbers in a story are whole.",
            )
        )
    elif len(digits.lstrip("0")) > 15:
        found.append(
            diagnose(
                "DIA114",
                span,
                "This number is too large.",
                help="Numbers may have up to fifteen digits.",
            )
        )
        return "0"
    return digits


def _unreadable(source: Located, offset: int, end: int) -> Diagnostic:
    character = source.text[offset]
    if character in "\"'“«":
        return diagnose(
            "DIA112",
            source.span(offset, end),
            "This quote is opened and never closed.",
            label="opened here",
            help="Close it with the same mark.",
        )
    return diagnose(
        "DIA113",
        source.span(offset, offset + 1),
        f"I cannot read `{character}` in an expression.",
        help="An expression is made of names, whole numbers, words like `and`, `or`, `not`, `has`, and comparisons "
        "like `>=`.",
    )
