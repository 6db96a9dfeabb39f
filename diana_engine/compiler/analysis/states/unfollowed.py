"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.lowering.stacks import Stacks
from diana_engine.compiler.analysis.states.model import Model
from diana_engine.program.model import Program

__all__ = ["asks_vip", "unfollowed"]


def unfollowed(program: Program, model: Model) -> tuple[str, ...]:
    """Return why nothing can be said about the states of `program`; nothing where all of it is followed in `model`."""
    return tuple(_around(program, model))


def asks_vip(model: Model) -> bool:
    """Return whether it makes a difference anywhere that a player is VIP."""
    return any(variable.slot == ("vip", "") for variable in model.variables)


def _around(program: Program, model: Model) -> Iterator[str]:
    if (called := Stacks(program).endless) is not None:
        yield f"what `{called}` calls comes back to this call without having returned, again and again"
    if any(variable.slot == ("streak", "") for variable in model.variables):
        yield "the streak of a player is asked, and days are not followed yet"
