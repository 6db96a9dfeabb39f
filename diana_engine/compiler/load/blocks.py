"""The pieces of block scalars: text after ``|``, line by line, and after ``>``, folded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from diana_engine.compiler.load.pieces import Piece
from diana_engine.compiler.nodes import ScalarNode

__all__ = ["block_pieces"]

_HEADER = re.compile(r"[|>]([-+0-9]*)[^\r\n]*(?:\r\n?|\n|\Z)")
_LINE = re.compile(r"( *)([^\r\n]*)(\r\n?|\n|\Z)")


def block_pieces(text: str, node: ScalarNode) -> Iterator[Piece]:
    """Yield the pieces of the block `node`, by the steps of libyaml's `yaml_parser_scan_block_scalar`."""
    header = _HEADER.match(text, node.start, node.end)
    if header is None:
        return
    indent = _indent(text, node, header.end())
    folds = node.style == "folded"
    ended: Piece | None = (
        None  # the end of the last line with characters, not yet known to be folded
    )
    blank: list[Piece] = []  # the ends of the empty lines that follow it
    deep = True  # whether the last line began with a blank: what is indented further is not folded
    for line in _lines(text, header.end(), node.end):
        start = line.start() + min(len(line[1]), indent)
        end = _piece(line)
        if start == line.end(2):
            blank.extend(end)
            continue
        now_deep = text[start] in " \t"
        if ended is not None and folds and not deep and not now_deep:
            if not blank:
                yield " ", ended[1], ended[2]
        elif ended is not None:
            yield ended
        yield from blank
        yield text[start : line.end(2)], start, 0
        blank, deep = [], now_deep
        ended = end[0] if end else None
    if "-" not in header[1] and ended is not None:
        yield ended
    if "+" in header[1]:
        yield from blank


def _lines(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    while start < end:
        line = _LINE.match(text, start, end)
        assert line is not None, "any text begins with a line"
        yield line
        start = line.end()


def _piece(line: re.Match[str]) -> list[Piece]:
    """Return the end of `line` as a piece, or nothing at the end of the file."""
    return [("\n", line.start(3), len(line[3]))] if line[3] else []


def _indent(text: str, node: ScalarNode, start: int) -> int:
    """Return how many blanks before each line belong to the file and not to the value.

    A number in the header counts from the block around it, which a single value does not know; but its first line
    with characters shows it, once in the file and once in the value.
    """
    value = node.value
    above = len(value) - len(value.lstrip("\n"))
    if above == len(value):
        return len(text)
    first = next(islice(_lines(text, start, node.end), above, None), None)
    shown = value[above:]
    return len(first[1]) - (len(shown) - len(shown.lstrip(" "))) if first is not None else 0
