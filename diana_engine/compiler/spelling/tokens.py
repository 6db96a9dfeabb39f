"""Where each character of a value stands in the file: YAML's rules of spelling, read once more.

libyaml says where a token begins and ends, and what it means; not which character came from where. So the token is
read again here, into pieces that remember their places, by the rules that libyaml itself follows (`scanner.c`): quotes,
escapes, folded lines, blocks. The pieces must spell the same value; should they ever not, there are no places, and
findings point at the whole token.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from diana_engine.compiler.spelling.blocks import block_pieces
from diana_engine.compiler.spelling.pieces import Piece, Written, folded, line_ends

__all__ = ["Spelling", "spelling"]

_BREAK = r"(?:\r\n?|\n)"
_FOLD = rf"(?P<fold>[ \t]*{_BREAK}[ \t\r\n]*)"
_ESCAPE = r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\r\n])"
# Runs are taken whole, so that a line is one piece, and a blank is looked at twice however many there are.
_PLAIN = re.compile(rf"{_FOLD}|[^ \t\r\n]+(?:[ \t]+[^ \t\r\n]+)*|[ \t]+")
_SINGLE = re.compile(rf"{_FOLD}|(?P<escape>'')|[^ \t\r\n']+(?:[ \t]+[^ \t\r\n']+)*|[ \t]+")
_DOUBLE = re.compile(
    rf"{_FOLD}|(?P<joint>\\{_BREAK}[ \t\r\n]*)|(?P<escape>{_ESCAPE})|[^ \t\r\n\\]+(?:[ \t]+[^ \t\r\n\\]+)*|[ \t]+"
)

_ESCAPES = dict(
    zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True)
)


class Spelling(Sequence[int]):
    """The offset in the file of each character of a value.

    It is kept as runs of characters that stand side by side: a block of text is one run a line.
    """

    __slots__ = ("_ats", "_firsts", "_length", "_widths")

    def __init__(self) -> None:
        self._firsts, self._ats, self._widths = array("I"), array("I"), array("I")
        self._length = 0

    def add(self, piece: Piece) -> str:
        """Take the next piece, and return its characters."""
        characters, at, width = piece
        self._firsts.append(self._length)
        self._ats.append(at)
        self._widths.append(width)
        self._length += len(characters)
        return characters

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        index %= self._length
        run = bisect_right(self._firsts, index) - 1
        return self._ats[run] + index - self._firsts[run]

    def end(self, index: int) -> int:
        """Return the offset after the spelling of the character at `index`."""
        run = bisect_right(self._firsts, index) - 1
        return self[index] + (self._widths[run] or 1)


def spelling(text: str, node: Written) -> Spelling:
    """Return the places of the characters of `node` in `text`; an empty spelling when they cannot be told."""
    found = Spelling()
    spelled = "".join([found.add(piece) for piece in _pieces(text, node)])
    return found if spelled == node.value else Spelling()


def _pieces(text: str, node: Written) -> Iterator[Piece]:
    match node.style:
        case "plain":
            return _flow_pieces(_PLAIN, text, node.start, node.end)
        case "single":
            return _flow_pieces(_SINGLE, text, node.start + 1, node.end - 1)
        case "double":
            return _flow_pieces(_DOUBLE, text, node.start + 1, node.end - 1)
        case "literal" | "folded":
            return block_pieces(text, node)


def _flow_pieces(tokens: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Piece]:
    for token in tokens.finditer(text, start, end):
        match token.lastgroup:
            case "fold":
                yield from folded(line_ends(text, token.start(), token.end()))
            case "joint":
                # A backslash takes its line end away, and only that one.
                yield from islice(line_ends(text, token.start(), token.end()), 1, None)
            case "escape":
                yield _escaped(token.group()), token.start(), token.end() - token.start()
            case _:
                yield token.group(), token.start(), 0


def _escaped(escape: str) -> str:
    if escape == "''":
        return "'"
    if len(escape) == 2:
        return _ESCAPES.get(escape[1], "")
    code = int("0x" + escape[2:], 0)
    return chr(code) if code <= 0x10FFFF else ""
