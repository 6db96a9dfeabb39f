"""A play that shows a finding, as it is told: every step in the writer's words, with a seed that brings its luck."""

from __future__ import annotations

from diana_engine.compiler.analysis.proofs.luck import Budget, seeded
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.diagnostics.model import Witness

__all__ = ["witness"]


def witness(places: Places, played: Played, seeds: Budget) -> Witness:
    """Return the play as it is told; its draws are laid down where no seed is found for them."""
    steps = tuple(map(places.step, played.steps))
    if not played.draws:
        return Witness(steps, vip=played.vip)
    seed = seeded(places.program, played, seeds)
    if seed is None:
        return Witness(steps, laid=played.draws, vip=played.vip)
    return Witness(steps, seed, vip=played.vip)
