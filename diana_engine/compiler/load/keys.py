"""Keys: text, and each once in its mapping."""

from __future__ import annotations

from diana_engine.compiler.load.lines import spot
from diana_engine.compiler.load.reuse import merge_refused
from diana_engine.compiler.nodes import Node, ScalarNode
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

__all__ = ["Pairs", "check_keys", "key_missing", "key_not_text"]

Pairs = list[tuple[ScalarNode, Node]]


def check_keys(file: SourceFile, pairs: Pairs, most: int) -> tuple[Pairs, list[Diagnostic], bool]:
    """Return `pairs` with each key once and no ``<<``, what was found, and whether there was a ``<<``.

    There are `most` findings of each kind at most.
    """
    names = {key.value for key, _ in pairs}
    found: list[Diagnostic] = []
    merges = [pair for pair in pairs if _is_merge(pair[0])] if "<<" in names else []
    if merges:
        found += [merge_refused(file, *merge) for merge in merges[:most]]
        pairs = [pair for pair in pairs if not _is_merge(pair[0])]
        names = {key.value for key, _ in pairs}
    if len(names) < len(pairs):
        pairs, repeats = _without_repeats(file, pairs, most)
        found += repeats
    return pairs, found, bool(merges)


def _is_merge(key: ScalarNode) -> bool:
    return key.value == "<<" and key.style == "plain"


def _without_repeats(file: SourceFile, pairs: Pairs, most: int) -> tuple[Pairs, list[Diagnostic]]:
    first: dict[str, ScalarNode] = {}
    kept: Pairs = []
    repeats: list[ScalarNode] = []
    for pair in pairs:
        key = pair[0]
        if first.setdefault(key.value, key) is key:
            kept.append(pair)
        else:
            repeats.append(key)
    return kept, [_repeated(file, key, first[key.value]) for key in repeats[:most]]


def key_not_text(file: SourceFile, node: Node) -> Diagnostic:
    """Return the finding for a key that is a list, a mapping, nothing at all, or marked with ``?``."""
    if not isinstance(node, ScalarNode):
        message = "This is a list or a group of keys, where a key should be."
        help = "Write a single word as the key; if the line is text, put it between quotes."
    elif node.value:
        message = "This key is written in a way that stories do not use."
        help = "Write the key on one line, with a colon and its value after it."
    else:
        return key_missing(file, node.start)
    return diagnose("DIA016", node.span(file), message, help=help)


def key_missing(file: SourceFile, at: int) -> Diagnostic:
    """Return the finding for a colon, or a ``?``, with no key."""
    message = "A key is missing here, before the colon."
    help = "Write a key before it, or put the text between quotes."
    return diagnose("DIA016", spot(file, at), message, help=help)


def _repeated(file: SourceFile, key: ScalarNode, first: ScalarNode) -> Diagnostic:
    return diagnose(
        "DIA012",
        key.span(file),
        f"The key `{_short(key.value)}` stands here a second time.",
        labels=(Label(first.span(file), "first here"),),
        help="A key can stand only once in its place: rename one of them, or delete it.",
    )


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
