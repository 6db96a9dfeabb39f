"""The luck that a play takes: a seed that brings it, and all that it can bring before the first choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diana_engine.compiler.analysis.states.plays.replay import let_pass, let_rest
from diana_engine.compiler.analysis.states.plays.tape import Tape, Trying
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.expressions.draw import draw
from diana_engine.expressions.terms import NUMBER_LIMIT
from diana_engine.play.actions import Pass
from diana_engine.play.rules import EndlessPassage, act, begin
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.model import Program

__all__ = ["Budget", "beginnings", "seeded"]


@dataclass(slots=True)
class Budget:
    """How many steps may still be made; what is left is left for the next finding."""

    steps: int

    def spend(self) -> bool:
        """Take one; return whether there was one."""
        self.steps -= 1
        return self.steps >= 0


def beginnings(program: Program, budget: Budget) -> Iterator[Played]:
    """Yield where plays come to rest for the first time, each with the draws that bring it there."""
    tape, seed = Tape(program), Trying(0, {})
    seed.tape = tape
    for _ in tape.runs():
        if not budget.spend():
            return
        try:
            walk = begin(program, seed)
        except EndlessPassage:
            continue
        yield Played((), replace(walk.state(), seed=0), draws=tape.drawn())


def seeded(program: Program, played: Played, budget: Budget) -> int | None:
    """Return a seed with which the same moves come to the same with nothing laid down, or `None` within the budget."""
    seed, still = 0, list(_still_drawn(program, played))
    while budget.steps > 0:
        walk = _again(program, played, seed, budget)
        if (
            walk is not None
            and replace(walk.state(), seed=0) == played.state
            and all(draw(seed, walk.entry, place, size) in alike for place, size, alike in still)
        ):
            return seed
        seed += 1
    return None


def _still_drawn(program: Program, played: Played) -> Iterator[tuple[str, int, range]]:
    """Yield what is drawn where a play stands, and with it all that no requirement tells from it."""
    drawn = {place: value for (_, place), value in played.drawn.items()}
    for (place, size), values in Tape(program).values.items() if drawn else ():
        if place in drawn:
            after = [value for value in values if value > drawn[place]]
            yield place, size, range(drawn[place], after[0] if after else size)


def _again(program: Program, played: Played, seed: int, budget: Budget) -> Walk | None:
    """Return the play, or `None` where a move is refused, the story never rests, or the budget is spent."""
    before = PlayerState(seed, program.start, vip_until=NUMBER_LIMIT if played.vip else 0)
    try:
        walk = begin(program, seed, before=before)
        for step in played.steps:
            let_rest(walk, step.move)
            if isinstance(step.move, Pass):
                let_pass(walk, step.move)
            elif not budget.spend() or act(walk, step.move) is not None:
                return None
    except EndlessPassage:
        return None
    return walk
