"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.model import Model
from diana_engine.program.model import Call, Choices, Deck, Exit, Next, Program, Wait

__all__ = ["asks_vip", "unfollowed"]


def unfollowed(program: Program, model: Model) -> tuple[str, ...]:
    """Return why nothing can be said about the states of `program`; nothing where all of it is followed in `model`."""
    return (*_ways(program), *_around(program, model))


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


def asks_vip(model: Model) -> bool:
    """Return whether it makes a difference anywhere that a player is VIP."""
    return any(variable.slot == ("vip", "") for variable in model.variables)


def _around(program: Program, model: Model) -> Iterator[str]:
    if any(variable.slot == ("streak", "") for variable in model.variables):
        yield "the streak of a player is asked, and days are not followed yet"
    for mission in program.missions:
        if mission.expires is not None or mission.cooldown:
            yield f"the mission `{mission.id}` knows times, and time is not followed yet"
            break
    if program.combinations:
        yield "what players put together is not followed yet"
