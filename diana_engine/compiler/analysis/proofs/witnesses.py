"""A play that shows a finding, as it is told: every step in the writer's words, with a seed that brings its luck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from diana_engine.compiler.analysis.proofs.fate import Budget, Move, Stand, seeded
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.report import Way
from diana_engine.diagnostics.model import Witness, WitnessStep
from diana_engine.play.actions import Answer

__all__ = ["witness"]


def witness(places: Places, ways: Sequence[Way], stand: Stand | None, seeds: Budget) -> Witness:
    """Return the play along these ways that comes to `stand`; its draws are laid down where no seed is found for them."""
    steps = tuple(_steps(places, ways, stand))
    if stand is None or not stand.draws:
        return Witness(steps)
    seed = seeded(places.program, stand, seeds)
    return Witness(steps, laid=stand.draws) if seed is None else Witness(steps, seed)


def _steps(places: Places, ways: Sequence[Way], stand: Stand | None) -> Iterator[WitnessStep]:
    resting = [way for way in ways if places.program.fragments[way[0]].rests]
    moves: tuple[Move | None, ...] = stand.moves if stand is not None else ()
    for way, move in zip_longest(resting, moves):
        if way is not None:
            yield places.step(way, move.typed if isinstance(move, Answer) else None)
