"""The pieces of block scalars: text after ``|``, line by line, and after ``>``, folded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from diana_engine.compiler.spelling.pieces import Piece, Written, folded, line_ends

__all__ = ["block_pieces"]

_HEADER = re.compile(r"[|>]([-+0-9]*)[^\r\n]*(?:\r\n?|\n|\Z)")
_LINE = re.compile(r"( *)([^\r\n]*)(?:\r\n?|\n|\Z)")
# Possessive (`*+`), for else millions of lines would be remembered, in case one is to be given back.
_EMPTY_LINES = re.compile(r"(?:[ \t]*(?:\r\n?|\n))*+(?:[ \t]*\Z)?")


def block_pieces(text: str, node: Written) -> Iterator[Piece]:
    """Yield the pieces of the block `node`, by the steps of libyaml's `yaml_parser_scan_block_scalar`."""
    # The token ends with its last visible character; the empty lines below it may be part of the value.
    end = _match(_EMPTY_LINES, text, node.end, len(text)).end()
    header = _match(_HEADER, text, node.start, end)
    indent = _indent(text, node.value, header.end(), end)
    empty = re.compile(rf"(?: {{0,{indent}}}(?:\r\n?|\n))*+")
    # `gap` is where the characters of the last line end; `deep`, whether that line began with a blank.
    gap, begun, deep, at = header.end(), False, True, header.end()
    while at < end:
        line = _match(_LINE, text, _match(empty, text, at, end).end(), end)
        start = line.start() + min(len(line[1]), indent)
        if start == line.end(2):
            break
        was_deep, deep = deep, text[start] in " \t"
        ends = line_ends(text, gap, line.start())
        folds = node.style == "folded" and begun and not was_deep and not deep
        yield from folded(ends) if folds else ends
        yield text[start : line.end(2)], start, 0
        gap, begun, at = line.end(2), True, line.end()
    yield from _chomped(line_ends(text, gap, end), header[1], begun)


def _chomped(ends: Iterator[Piece], signs: str, begun: bool) -> Iterator[Piece]:
    """Yield which of the last line ends are kept: by default that of the last line, with ``+`` all, with ``-`` none."""
    last = next(ends, None) if begun else None
    if last is not None and "-" not in signs:
        yield last
    if "+" in signs:
        yield from ends


def _indent(text: str, value: str, start: int, end: int) -> int:
    """Return how many blanks before each line belong to the file and not to the value.

    A number in the header counts from the block around it, which a single value does not know; but its first line
    with characters shows it, once in the file and once in the value. Where no line has any, all blanks do.
    """
    shown = value.lstrip("\n")
    above = islice(line_ends(text, start, end), len(value) - len(shown))
    first = max((at + width for _, at, width in above), default=start)
    if not shown:
        return len(text)
    return len(_match(_LINE, text, first, end)[1]) - (len(shown) - len(shown.lstrip(" ")))


def _match(pattern: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str]:
    found = pattern.match(text, start, end)
    assert found is not None, "these patterns match anywhere, a header at the sign of a block"
    return found
