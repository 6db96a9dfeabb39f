"""What the ways on from a fragment have in common, whichever kind they are."""

from __future__ import annotations

from diana_engine.program.model import Branch, Call, Choice, Choices, Exit, Next

__all__ = ["branches_of", "choices_of"]


def choices_of(way: Exit) -> tuple[Choice, ...]:
    """Return the choices that were written there, in their order."""
    return way.choices if isinstance(way, Choices) else ()


def branches_of(way: Exit) -> tuple[Branch, ...]:
    """Return the branches of its `next`: of these the first that holds is taken, at once or after a sub-story."""
    return way.branches if isinstance(way, Next | Call) else ()
