"""What a story wishes of its own findings: the manifest's `checks:`, and `ignore:` at a place."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.syntax.story import ParsedIgnore, ParsedLevel
from diana_engine.compiler.wishes.ignored import check_ignored, without_ignored
from diana_engine.compiler.wishes.levels import check_levels, needless_levels, with_levels
from diana_engine.diagnostics.model import Diagnostic

__all__ = ["as_wished"]

_OF_PLAYS = ("DIA5", "DIA63")
"""How the codes begin of what only the plays of a story show."""


def as_wished(
    levels: Sequence[ParsedLevel],
    places: Sequence[ParsedIgnore],
    found: list[Diagnostic],
    *,
    complete: bool,
    undecided: bool = False,
) -> list[Diagnostic]:
    """Return the findings as the story wishes to be told of them, and what is wrong with its wishes.

    Where the story was not looked at to the end (`complete` is false), no wish is called needless; where not all plays
    were (`undecided`), none about what plays come to.
    """
    left = without_ignored(places, found, complete=complete)
    left += [*check_levels(levels), *check_ignored(places)]
    left += needless_levels(levels, left) if complete else []
    if undecided:
        codes = [one.code for one in levels] + [one.code for one in places]
        open_ = {(one.file.path, one.start) for one in codes if one.text.startswith(_OF_PLAYS)}
        left = [
            one
            for one in left
            if one.code != "DIA126" or one.primary.span.sort_key[:2] not in open_
        ]
    return with_levels(levels, left)
