"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from diana_engine.program.model import Call, Deck, Next, Program

__all__ = ["unfollowed"]


def unfollowed(program: Program) -> str | None:
    """Return why nothing can be said about the states of `program`, or `None` where all of it is followed."""
    for id, fragment in program.fragments.items():
        if isinstance(fragment.exit, Next) and fragment.exit.ask is not None:
            return f"`{id}` asks players for something, and answers are not followed yet"
        if isinstance(fragment.exit, Deck):
            return f"`{id}` has a deck, and what decks offer is not followed yet"
        if isinstance(fragment.exit, Call):
            return f"`{id}` calls a sub-story, and these are not followed yet"
    return None
