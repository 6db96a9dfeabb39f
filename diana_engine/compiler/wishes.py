"""What a story wishes of its own findings: the manifest's `checks:`, and `ignore:` at a place."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.ignored import check_ignored, without_ignored
from diana_engine.compiler.levels import check_levels, needless_levels, with_levels
from diana_engine.compiler.syntax import ParsedIgnore, ParsedLevel
from diana_engine.diagnostics.model import Diagnostic

__all__ = ["as_wished"]


def as_wished(
    levels: Sequence[ParsedLevel],
    places: Sequence[ParsedIgnore],
    found: list[Diagnostic],
    *,
    complete: bool,
) -> list[Diagnostic]:
    """Return the findings as the story wishes to be told of them, and what is wrong with its wishes.

    Where the story was not looked at to the end (`complete` is false), no wish is called needless.
    """
    left = without_ignored(places, found, complete=complete)
    left += [*check_levels(levels), *check_ignored(places)]
    left += needless_levels(levels, left) if complete else []
    return with_levels(levels, left)
