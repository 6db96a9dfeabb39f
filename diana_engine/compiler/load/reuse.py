"""What YAML offers to reuse and to type values, and stories do without: anchors, aliases, merge keys, tags.

A story says each thing where it is, and Diana has its own ways to say a thing once (`choices:`, `call:`, `conditions:`);
what refers to itself or grows by referring (a 400-byte file can stand for gigabytes) never gets further than here.
Often nobody meant any of this: ``text: *sighs`` is prose, and is read as prose.
"""

from __future__ import annotations

import re
from dataclasses import field

from diana_engine.compiler.load.prose import sign_begins_text
from diana_engine.compiler.nodes import Node, ScalarNode
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Reuse", "merge_refused", "tag_refused"]

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)++")
_MOST_LABELS = 5


@dataclass(slots=True)
class _Anchor:
    """A name that was given to a node: to `node`, or to a list or mapping. `aliases` are the first few."""

    span: Span
    node: ScalarNode | None
    aliases: list[Span] = field(default_factory=list)
    merged: bool = False


@dataclass(slots=True)
class Reuse:
    """The anchors of one file; `holes` when a value is missing for want of them. What is plain at once goes to `found`."""

    file: SourceFile
    found: list[Diagnostic]
    anchors: list[_Anchor] = field(default_factory=list)
    holes: bool = False
    _known: dict[str, _Anchor] = field(default_factory=dict)

    def scalar(self, node: ScalarNode, anchor: str | None, tag: str | None) -> None:
        """Note that `node` has a name or a type, and take them off its token."""
        start = node.start
        properties = _PROPERTIES.match(self.file.text, start, node.end)
        node.start = properties.end() if properties is not None else start
        if not node.value and node.style == "plain":
            node.start = node.end
        if anchor is not None:
            self._name(anchor, start, node)
        elif tag is not None:
            self._type(start, node)

    def collection(self, start: int, anchor: str | None, tag: str | None) -> None:
        """Note that a list or mapping has a name or a type."""
        if anchor is not None:
            self._name(anchor, start, None)
        if tag is not None:
            at = self.file.text.find("!", start)
            self.found.append(tag_refused(self.file, at, self._word_end(at)))

    def alias(self, name: str, start: int, end: int, *, merging: bool) -> ScalarNode:
        """Return what stands in the place of an alias: its text, where nothing has that name."""
        anchor, span = self._known.get(name), self.file.span(start, end)
        if anchor is None:
            if not merging:
                self.found.append(sign_begins_text(self.file, start))
            return ScalarNode(start, end, self.file.text[start:end], "plain")
        if merging:
            anchor.merged = True
        else:
            if len(anchor.aliases) < _MOST_LABELS:
                anchor.aliases.append(span)
            self.holes |= anchor.node is None
        # One value for another costs nothing; a list or mapping in many places would cost everything.
        return ScalarNode(start, end, anchor.node.value if anchor.node is not None else "", "plain")

    def findings(self) -> list[Diagnostic]:
        """Return what there is to say of the names, once all of the file was read."""
        return [
            finding for anchor in self.anchors if (finding := self._finding(anchor)) is not None
        ]

    def _name(self, name: str, start: int, node: ScalarNode | None) -> None:
        anchor = _Anchor(self.file.span(start, start + 1 + len(name)), node)
        self.anchors.append(anchor)
        self._known[name] = anchor

    def _type(self, start: int, node: ScalarNode) -> None:
        text = self.file.text
        if text[start + 1 : start + 2] not in ("!", "<") and self._is_prose(start, node):
            self.found.append(self._as_prose(start, node))
        else:
            self.found.append(tag_refused(self.file, start, self._word_end(start)))

    def _finding(self, anchor: _Anchor) -> Diagnostic | None:
        start, node = anchor.span.start, anchor.node
        if not anchor.aliases:
            if anchor.merged:
                return None
            if node is not None and self._is_prose(start, node):
                return self._as_prose(start, node)
        name = self.file.text[start + 1 : anchor.span.end]
        return diagnose(
            "DIA013",
            anchor.span,
            f"`&{name}` gives a name to a value, to use it again; stories do not use YAML's names.",
            labels=tuple(Label(alias, "used again here") for alias in anchor.aliases),
            help="Write the value in each place where it is needed.",
        )

    def _is_prose(self, start: int, node: ScalarNode) -> bool:
        return node.style == "plain" and "\n" not in self.file.text[start : node.end]

    def _as_prose(self, start: int, node: ScalarNode) -> Diagnostic:
        node.start, node.value = start, self.file.text[start : node.end]
        return sign_begins_text(self.file, start)

    def _word_end(self, start: int) -> int:
        word = re.compile(r"\S*").match(self.file.text, start)
        return word.end() if word is not None else start


def tag_refused(file: SourceFile, start: int, end: int) -> Diagnostic:
    """Return the finding for a tag, which tells YAML what type a value has."""
    return diagnose(
        "DIA015",
        file.span(start, end),
        "This is a tag: it tells YAML of what type a value is. Stories do not use tags.",
        help="Delete it: Diana knows from the key what a value must be. If it is text, put the text between quotes.",
    )


def merge_refused(file: SourceFile, key: ScalarNode, value: Node) -> Diagnostic:
    """Return the finding for the key ``<<``, which copies keys from elsewhere."""
    return diagnose(
        "DIA014",
        key.span(file),
        "`<<` copies keys from another place; stories do not use it.",
        labels=(Label(value.span(file), "this would be copied"),),
        help="Write the keys here.",
    )
