"""What a player waits for: looked up in the program, so that the state need hold no more than when it is over."""

from __future__ import annotations

from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.play.state import Waiting
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Next, Program, Remind, Wait

__all__ = ["reminder_at", "way_ahead"]


def way_ahead(program: Program, fragment: FragmentId, waiting: Waiting | None) -> Wait | None:
    """Return the wait that a player who stands in `fragment` is in; none where the story has lost it since."""
    if waiting is None:
        return None
    if waiting.choice is not None:
        choice = _choice(program, fragment, waiting.choice)
        return choice.wait if choice is not None else None
    onward = program.fragments[fragment].exit
    return onward.wait if isinstance(onward, Next) else None


def reminder_at(program: Program, fragment: FragmentId, waiting: Waiting | None) -> Remind | None:
    """Return what a player who stands there is reminded with: the reminder of the choice on whose way it is, or its own."""
    if waiting is not None and waiting.choice is not None:
        choice = _choice(program, fragment, waiting.choice)
        return choice.remind if choice is not None else None
    return program.fragments[fragment].remind


def _choice(program: Program, fragment: FragmentId, key: ChoiceKey) -> Choice | None:
    choices = choices_of(program.fragments[fragment].exit)
    return next((choice for choice in choices if choice.key == key), None)
