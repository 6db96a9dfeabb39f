"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.flow import calls_of
from diana_engine.compiler.analysis.states.graph.model import Model
from diana_engine.compiler.analysis.states.lowering.stacks import Stacks
from diana_engine.program.model import Program

__all__ = ["STREAKS", "asks_streak", "asks_vip", "unfollowed"]

STREAKS = "a player begins without a streak, which grows by one on each day that they are there, and ends when one is missed"


def unfollowed(program: Program) -> tuple[str, ...]:
    """Return why nothing can be said about the states of `program`."""
    return tuple(_around(program))


def asks_vip(model: Model) -> bool:
    """Return whether it makes a difference anywhere that a player is VIP."""
    return any(variable.slot == ("vip", "") for variable in model.variables)


def asks_streak(model: Model) -> bool:
    """Return whether it makes a difference anywhere on how many days in a row a player was there."""
    return any(variable.slot == ("streak", "") for variable in model.variables)


def _around(program: Program) -> Iterator[str]:
    calls = any(calls_of(fragment) for fragment in program.fragments.values())
    if calls and (called := Stacks(program).endless) is not None:
        yield f"what `{called}` calls comes back to this call without having returned, again and again"
