"""What the ways on from a fragment have in common, whichever kind they are."""

from __future__ import annotations

from diana_engine.program.model import Ask, Branch, Call, Choice, Choices, Deck, Exit, Next, Wait

__all__ = ["ask_of", "branches_of", "choices_of", "wait_of"]


def choices_of(way: Exit) -> tuple[Choice, ...]:
    """Return the choices that were written there, in their order."""
    return way.choices if isinstance(way, Choices | Deck) else ()


def branches_of(way: Exit) -> tuple[Branch, ...]:
    """Return the branches of its `next`: of these the first that holds is taken, at once or after a sub-story."""
    return way.branches if isinstance(way, Next | Call | Deck) else ()


def ask_of(way: Exit) -> Ask | None:
    """Return what is asked of the player there, if anything."""
    return way.ask if isinstance(way, Next) else None


def wait_of(way: Exit) -> Wait | None:
    """Return what is waited for there, if anything."""
    return way.wait if isinstance(way, Next) else None
