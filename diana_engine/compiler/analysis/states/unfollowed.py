"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.program.model import Call, Choices, Deck, Exit, Next, Program, Wait

__all__ = ["unfollowed"]


def unfollowed(program: Program) -> tuple[str, ...]:
    """Return why nothing can be said about the states of `program`; nothing where all of it is followed."""
    return (*_ways(program), *_around(program))


def _ways(program: Program) -> Iterator[str]:
    for id in program.timed[:1]:
        yield f"the time since `{id}` is asked, and time is not followed yet"
    for id, fragment in program.fragments.items():
        if (why := _way(fragment.exit)) is not None:
            yield f"`{id}` {why}"
            return


def _way(way: Exit) -> str | None:
    match way:
        case Next(_, _, Wait()):
            return "lets players wait, and time is not followed yet"
        case Choices(choices) if any(choice.wait is not None for choice in choices):
            return "has a choice that takes time, and time is not followed yet"
        case Deck():
            return "has a deck, and what decks offer is not followed yet"
        case Call():
            return "calls a sub-story, and these are not followed yet"
        case _:
            return None


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
