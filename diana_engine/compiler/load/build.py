"""From events to nodes, within limits.

Limits, and where they come from (4 MiB of anything, in a fresh process, must be answered in 2 s and 150 MB):

- 32 levels of nesting. The language needs 8; later phases may recurse over nodes, and Python allows 1,000 calls.
- 300,000 values, and one for every four further bytes of a file that is larger than 4 MiB. A node with its text takes
  about 200 bytes; a story of 10,000 fragments has 210,000 values.
- 100 findings. A file with more is of another kind than it claims to be, and reading ends.

What is wrong but leaves no doubt about the rest (a key given twice, a tag) is found and read past. What leaves a hole
that would cause further findings (an alias of a list, a merge key) makes the file unreadable, and so does the first
fault of syntax: one finding for each real mistake.
"""

from __future__ import annotations

from typing import cast

from diana_engine.compiler.load.escapes import forbidden_escape
from diana_engine.compiler.load.events import Event
from diana_engine.compiler.load.keys import check_keys, key_not_text
from diana_engine.compiler.load.layout import open_quote, second_document, swallows_keys
from diana_engine.compiler.load.reuse import Reuse
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode, Style
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

__all__ = ["MAX_DEPTH", "MAX_FINDINGS", "MAX_VALUES", "Builder"]

MAX_DEPTH = 32
"""Lists and mappings inside each other, the outermost included."""

MAX_VALUES = 300_000
"""Nodes in a file of ordinary size: keys, single values, lists and mappings."""

MAX_FINDINGS = 100
"""Findings in a file."""

_STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_KEY_STYLES = frozenset(("plain", "double", "single"))


class _Frame:
    """A list or mapping that is still open; for a mapping, the key that waits for its value."""

    __slots__ = ("_column", "key", "node")

    def __init__(self, node: SequenceNode | MappingNode) -> None:
        self.node = node
        self.key: ScalarNode | None = None
        self._column = -1

    def column(self, text: str) -> int:
        """Return the column, from 0, in which it begins; kept, for its line may be long and often asked for."""
        if self._column < 0:
            self._column = self.node.start - text.rfind("\n", 0, self.node.start) - 1
        return self._column


_NO_KEY = ScalarNode(0, 0, "", "plain")
"""Stands for a key that was refused: its value is read and left out."""


class Builder:
    """Hears the events of one file and builds its nodes.

    `last` is the node that was complete last, which helps to explain a fault of syntax.
    """

    __slots__ = (
        "_cut",
        "_frames",
        "_most",
        "_reuse",
        "_root",
        "_text",
        "_values",
        "_words",
        "file",
        "findings",
        "last",
    )

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._text = file.text
        self._most = file.allows(MAX_VALUES, 4)
        self.findings: list[Diagnostic] = []
        self.last: Node | None = None
        self._root: Node | None = None
        self._cut = False
        self._frames: list[_Frame] = []
        self._reuse = Reuse(file, self.findings)
        self._values = 0
        self._words: dict[str, str] = {}

    def finish(self) -> tuple[Node | None, list[Diagnostic]]:
        """Return the root, or `None` where something is missing in it, and all that was found, in order."""
        self.findings += self._reuse.findings()
        whole = not (self._cut or self._reuse.holes)
        return self._root if whole else None, _in_order(self.findings)

    def broken(self, finding: Diagnostic) -> list[Diagnostic]:
        """Return what was found when reading ended with `finding`, which speaks for all of its line."""
        line = finding.primary.span.begin.line
        others = [one for one in self.findings if one.primary.span.begin.line != line]
        return _in_order([*others, finding])

    @property
    def bracket(self) -> int | None:
        """The offset of the innermost ``[`` or ``{`` that is open."""
        brackets = (frame.node.start for frame in reversed(self._frames) if frame.node.flow)
        # A pair `[a: b]` is a mapping without a sign of its own.
        return next((start for start in brackets if self._text[start] in "[{"), None)

    def document(self, event: Event) -> bool:
        """Hear that a document begins: there may be one."""
        if self._root is None:
            return False
        return self._cut_off(second_document(self.file, event.start_mark.index))

    def scalar(self, event: Event) -> bool:
        """Hear a single value."""
        self._values += 1
        node = ScalarNode(
            event.start_mark.index, event.end_mark.index, event.value, _STYLES[event.style]
        )
        if self._values > self._most:
            return self._too_many(node.start)
        if event.anchor is not None or event.tag is not None:
            self._reuse.scalar(node, event.anchor, event.tag)
        if node.style != "plain" and self._is_cut_by(node):
            return True
        return self._attach(node)

    def alias(self, event: Event) -> bool:
        """Hear a reference to a named value."""
        self._values += 1
        start, end = event.start_mark.index, event.end_mark.index
        if self._values > self._most:
            return self._too_many(start)
        waiting = [frame.key for frame in self._frames[-2:] if frame.key is not None]
        merging = any(key.value == "<<" for key in waiting)
        return self._attach(self._reuse.alias(event.anchor or "", start, end, merging=merging))

    def open_sequence(self, event: Event) -> bool:
        """Hear that a list begins."""
        return self._open(
            event, SequenceNode(event.start_mark.index, -1, [], bool(event.flow_style))
        )

    def open_mapping(self, event: Event) -> bool:
        """Hear that a mapping begins."""
        return self._open(
            event, MappingNode(event.start_mark.index, -1, [], bool(event.flow_style))
        )

    def close(self, event: Event) -> bool:
        """Hear that the innermost list or mapping ends."""
        node = self._frames.pop().node
        # The end of a block is heard when the next one begins, any number of lines below.
        block_end = self.last.end if self.last is not None else node.start
        node.end = event.end_mark.index if node.flow else max(node.start, block_end)
        if isinstance(node, MappingNode):
            node.pairs, found, merges = check_keys(self.file, node.pairs, MAX_FINDINGS)
            self.findings += found
            self._reuse.holes |= merges
        return self._attach(node)

    def _open(self, event: Event, node: SequenceNode | MappingNode) -> bool:
        if len(self._frames) == MAX_DEPTH:
            message = f"This is nested more than {MAX_DEPTH} levels deep."
            return self._cut_off(
                diagnose(
                    "DIA010",
                    self.file.span(node.start, node.start + 1),
                    message,
                    help="If these brackets belong to a text, put the text between quotes; if not, remove some.",
                )
            )
        self._values += 1
        if self._values > self._most:
            return self._too_many(node.start)
        if event.anchor is not None or event.tag is not None:
            self._reuse.collection(node.start, event.anchor, event.tag)
        self._frames.append(_Frame(node))
        return False

    def _attach(self, node: Node) -> bool:
        self.last = node
        if not self._frames:
            self._root = node
            return self._is_hopeless()
        frame = self._frames[-1]
        parent = frame.node
        if type(parent) is SequenceNode:
            parent.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node)
        else:
            if frame.key is not _NO_KEY:
                cast(MappingNode, parent).pairs.append((frame.key, node))
            frame.key = None
        return bool(self.findings or self._reuse.anchors) and self._is_hopeless()

    def _key(self, node: Node) -> ScalarNode:
        if type(node) is ScalarNode and node.value and node.style in _KEY_STYLES:
            # The same few words are the keys of every fragment: one copy of each is enough.
            node.value = self._words.setdefault(node.value, node.value)
            start = node.start
            if start >= 2 and self._text[start - 2 : start] == "? ":
                self.findings.append(key_not_text(self.file, node))
            return node
        if self._is_template(node):
            # `text: {{besitos}}`: the shape phase, which knows that `text` is a text, says it better.
            return ScalarNode(node.start, node.end, self._text[node.start : node.end], "plain")
        self.findings.append(key_not_text(self.file, node))
        return _NO_KEY

    def _is_template(self, node: Node) -> bool:
        """Return whether `node`, a key, is the inner part of ``{{besitos}}``."""
        parent = self._frames[-1].node
        if not isinstance(node, MappingNode) or not isinstance(parent, MappingNode):
            return False
        between = self._text[parent.start : node.start]
        return node.flow and parent.flow and not parent.pairs and between.strip() == "{"

    def _is_cut_by(self, node: ScalarNode) -> bool:
        """Look closer at a value in quotes or a block; return whether reading ends with it."""
        start, end = node.start, node.end
        if node.style in ("literal", "folded"):
            # libyaml lets a block go on over the empty lines below it.
            node.end = start + len(self._text[start:end].rstrip(" \t\r\n"))
            return False
        if node.style == "double" and (finding := forbidden_escape(self.file, node)) is not None:
            self.findings.append(finding)
        if self._text.find("\n", start, end) >= 0 and self._swallows(node):
            return self._cut_off(open_quote(self.file, start, end))
        return False

    def _swallows(self, node: ScalarNode) -> bool:
        block = next((frame for frame in reversed(self._frames) if not frame.node.flow), None)
        return block is not None and swallows_keys(self._text, node, block.column(self._text))

    def _too_many(self, at: int) -> bool:
        message = f"This file holds more than {self._most:,} values, which is more than I read."
        help = "Divide it into several files in `chapters/`."
        return self._cut_off(diagnose("DIA011", self.file.span(at, at), message, help=help))

    def _is_hopeless(self) -> bool:
        self._cut |= len(self.findings) + len(self._reuse.anchors) >= MAX_FINDINGS
        return self._cut

    def _cut_off(self, finding: Diagnostic) -> bool:
        self.findings.append(finding)
        self._cut = True
        return True


def _in_order(findings: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(findings, key=lambda finding: finding.sort_key)[:MAX_FINDINGS]
