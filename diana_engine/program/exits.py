"""What the ways on from a fragment have in common, whichever kind they are, and how they are numbered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import (
    Ask,
    Branch,
    Call,
    Choice,
    Choices,
    Deck,
    Ending,
    Exit,
    Fragment,
    Next,
    Return,
    Wait,
)

__all__ = [
    "Dealt", "Onward", "Otherwise", "ask_of", "branches_of", "choices_of", "passes_by", "wait_of", "ways_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dealt:
    """A storylet that a deck may offer."""

    storylet: FragmentId


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Where a deck leads that has nothing to offer."""

    to: FragmentId


Onward = Choice | Branch | Dealt | Otherwise | Call | Return
"""One way on from a fragment."""

# Asked for at every fragment by every walk: a union written at its place is made anew each time.
_WITH_CHOICES = (Choices, Deck)
_WITH_BRANCHES = (Next, Call, Deck)


def ways_of(way: Exit) -> tuple[Onward, ...]:
    """Return the ways on, in the order in which reports number them from 1.

    Choices and branches come as they were written. A deck has a way for each of its storylets, the highest in priority
    first, then its choices, or, without any, its `otherwise`. A call is one way, and so is a return.
    """
    match way:
        case Choices(choices):
            return choices
        case Next(branches):
            return branches
        case Call() | Return():
            return (way,)
        case Deck(storylets, _, otherwise, choices):
            away = (Otherwise(otherwise),) if otherwise is not None and not choices else ()
            return (*map(Dealt, storylets), *choices, *away)
        case Ending():
            return ()
        case _:
            assert_never(way)


def passes_by(fragment: Fragment) -> bool:
    """Return whether a player passes a deck, without a word, where it has nothing to offer."""
    match fragment.exit:
        case Deck(otherwise=otherwise, choices=choices):
            return otherwise is not None and not choices and not fragment.shows
        case _:
            return False


def choices_of(way: Exit) -> tuple[Choice, ...]:
    """Return the choices that were written there, in their order."""
    return way.choices if isinstance(way, _WITH_CHOICES) else ()


def branches_of(way: Exit) -> tuple[Branch, ...]:
    """Return the branches of its `next`: of these the first that holds is taken, at once or after a sub-story."""
    return way.branches if isinstance(way, _WITH_BRANCHES) else ()


def ask_of(way: Exit) -> Ask | None:
    """Return what is asked of the player there, if anything."""
    return way.ask if isinstance(way, Next) else None


def wait_of(way: Exit) -> Wait | None:
    """Return what is waited for there, if anything."""
    return way.wait if isinstance(way, Next) else None
