"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.program.model import Call, Deck, Next, Program

__all__ = ["unfollowed"]


def unfollowed(program: Program) -> tuple[str, ...]:
    """Return why nothing can be said about the states of `program`; nothing where all of it is followed."""
    return (*_asks(program), *_around(program))


def _asks(program: Program) -> Iterator[str]:
    for id, fragment in program.fragments.items():
        if isinstance(fragment.exit, Next) and fragment.exit.ask is not None:
            yield f"`{id}` asks players for something, and answers are not followed yet"
            return
        if isinstance(fragment.exit, Deck):
            yield f"`{id}` has a deck, and what decks offer is not followed yet"
            return
        if isinstance(fragment.exit, Call):
            yield f"`{id}` calls a sub-story, and these are not followed yet"
            return


def _around(program: Program) -> Iterator[str]:
    uses = Uses()
    for requirement in program.conditions.values():
        uses.requirement(requirement)
    for fragment in program.fragments.values():
        uses.fragment(fragment)
    if uses.asks_vip:
        yield "whether a player is VIP is not followed yet"
    if uses.asks_streak:
        yield "the streak of a player is not followed yet"
    if program.levels is not None:
        yield "levels are not followed yet"
    if program.achievements:
        yield "achievements are not followed yet"
    if program.missions:
        yield "missions are not followed yet"
    if program.combinations:
        yield "combinations are not followed yet"
