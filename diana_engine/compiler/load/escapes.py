"""Escapes between double quotes that YAML does not know, or that stand for what has no place in a story."""

from __future__ import annotations

import re

from diana_engine.compiler.load.characters import find_forbidden, named, why
from diana_engine.compiler.nodes import ScalarNode
from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile, Span

__all__ = ["forbidden_escape", "unknown_escape"]

_HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\U0000[dD][89a-fA-F][0-9a-fA-F]{2}")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_ESCAPE = re.compile(r"\\(?:[xuU][0-9A-Fa-f]{0,8}|[^\r\n])?")


def forbidden_escape(file: SourceFile, node: ScalarNode) -> Diagnostic | None:
    """Return what is wrong with the escapes of `node`, which stands between double quotes and was read."""
    found = find_forbidden(node.value)
    if found is None:
        return None
    place = node.located(file).span(found, found + 1)
    # libyaml refuses half a character, PyYAML's own parser does not; the finding is the same.
    half = "\ud800" <= node.value[found] <= "\udfff"
    return unknown_escape(file, place.start) if half else _forbidden(place, node.value[found])


def unknown_escape(file: SourceFile, at: int) -> Diagnostic:
    """Return the finding for a backslash between double quotes, at `at`, that begins nothing YAML knows."""
    pair, half = _PAIR.match(file.text, at), _HALF.match(file.text, at)
    if pair is not None:
        return _pair(file.span(at, pair.end()))
    if half is not None:
        return _forbidden(file.span(at, half.end()), chr(int("0x" + half.group()[2:], 0)))
    found = _ESCAPE.match(file.text, at)
    span = file.span(at, found.end() if found is not None else at)
    spelled = file.text[span.start : span.end]
    return diagnose(
        "DIA029",
        span,
        f"`{spelled}` means nothing between double quotes.",
        help=f"Write `\\{spelled}`, or put the text between single quotes, where a backslash is only a sign.",
        edit=Edit(file.span(at, at), "\\"),
    )


def _pair(span: Span) -> Diagnostic:
    spelled = span.file.text[span.start : span.end]
    halves = spelled.encode("ascii").decode("unicode_escape")
    meant = halves.encode("utf-16", "surrogatepass").decode("utf-16")
    message = f"`{spelled}` are two halves of one character."
    help = f"Write the character itself: `{meant}`."
    return diagnose("DIA029", span, message, help=help, edit=Edit(span, meant))


def _forbidden(span: Span, character: str) -> Diagnostic:
    spelled = span.file.text[span.start : span.end]
    message = f"`{spelled}` means {named(character)}, which has no place in a story."
    return diagnose("DIA006", span, message, help=why(character))
