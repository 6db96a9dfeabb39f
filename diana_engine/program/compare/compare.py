"""The differences between two versions of a story, each with how grave it is and whom it reaches."""

from __future__ import annotations

from diana_engine.program.compare.around import compare_around, compare_story
from diana_engine.program.compare.fragments import compare_fragments
from diana_engine.program.compare.match import match
from diana_engine.program.compare.model import Comparison
from diana_engine.program.compare.values import compare_items, compare_variables
from diana_engine.program.model import Program

__all__ = ["compare"]


def compare(old: Program, new: Program) -> Comparison:
    """Return what is different in `new`, in the order: story, variables, items, fragments with their choices, the rest."""
    matched = match(old, new)
    return Comparison(
        (
            *compare_story(matched),
            *compare_variables(matched),
            *compare_items(matched),
            *compare_fragments(matched),
            *compare_around(matched),
        )
    )
