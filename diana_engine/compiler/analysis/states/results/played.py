"""A play that shows something, as the rules of play made it."""

from __future__ import annotations

from dataclasses import dataclass

from diana_engine.expressions.draw import Drawn
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.actions import Move
from diana_engine.play.state import PlayerState

__all__ = ["Played", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A move that was made where the player stood in `fragment`; `number` is that of the way it goes, 0 for none."""

    fragment: FragmentId
    number: int
    move: Move


@dataclass(frozen=True, slots=True)
class Played:
    """A play that the rules of play made: every move, where it comes to and when, and what was drawn on the way.

    Draws are told as the number of the entry, the place, and the value. `vip` says whether the player was VIP at first.
    """

    steps: tuple[Step, ...]
    state: PlayerState
    now: int = 0
    draws: tuple[tuple[int, str, int], ...] = ()
    vip: bool = False

    @property
    def drawn(self) -> dict[Drawn, int]:
        """What was drawn in the entry where the player stands: looked at again, it is the same."""
        entry = self.state.entry
        return {(at, place): value for at, place, value in self.draws if at == entry}
