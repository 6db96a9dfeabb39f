"""What a YAML file says, and where: single values, lists and mappings, with their offsets.

Nodes are made by the hundred thousand, so they are slotted and, unlike other values of the engine, not frozen. Every
single value is text; what it is to be (a number, a switch) the shape phase decides. Where each character of a value
stands in the file is worked out only when somebody asks: most values are never pointed into.
"""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.spelling import Spelling, Style, spelling
from diana_engine.records import dataclass
from diana_engine.source import Located, SourceFile, Span

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "Style"]


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A single value: its token from `start` to `end`, quotes or block indicator included.

    Where nothing is written after a key, `value` is empty, `style` is plain, and `start` equals `end`.
    """

    start: int
    end: int
    value: str
    style: Style

    def span(self, file: SourceFile) -> Span:
        """Return where the token stands."""
        return Span(file, self.start, self.end)

    def located(self, file: SourceFile) -> Located:
        """Return the value with the place of each of its characters in `file`."""
        if self.style == "plain" and self.end - self.start == len(self.value):
            return Located(self.value, file, self.start, self.end)
        places = _Places(file, self)
        return Located(self.value, file, self.start, self.end, places.offsets, places.end)


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list: its items in order; `flow` when it is written between ``[`` and ``]``."""

    start: int
    end: int
    items: list[Node]
    flow: bool

    def span(self, file: SourceFile) -> Span:
        """Return where the list stands, from its first sign to the end of its last item."""
        return Span(file, self.start, self.end)


@dataclass(slots=True, eq=False)
class MappingNode:
    """Keys with their values in order, each key once; `flow` when it is written between ``{`` and ``}``."""

    start: int
    end: int
    pairs: list[tuple[ScalarNode, Node]]
    flow: bool

    def span(self, file: SourceFile) -> Span:
        """Return where the mapping stands, from its first key or ``{`` to the end of its last value."""
        return Span(file, self.start, self.end)

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, or `None` when the key is not there."""
        return next((value for known, value in self.pairs if known.value == key), None)


Node = ScalarNode | SequenceNode | MappingNode
"""Anything that a YAML file can hold."""


class _Places:
    """The places of a value's characters, found when first asked for and then kept."""

    __slots__ = ("_file", "_node", "_spelling")

    def __init__(self, file: SourceFile, node: ScalarNode) -> None:
        self._file, self._node = file, node
        self._spelling: Spelling | None = None

    def offsets(self) -> Sequence[int]:
        if self._spelling is None:
            self._spelling = spelling(self._file.text, self._node)
        return self._spelling

    def end(self, index: int) -> int:
        self.offsets()
        assert self._spelling is not None
        return self._spelling.end(index)
