"""What the points and numbers of a program that have no end can come to, told by their names and choices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diana_engine.compiler.analysis.states.economy.farming import farmable
from diana_engine.compiler.analysis.states.economy.looks import Looks
from diana_engine.compiler.analysis.states.graph.model import LIMIT, NOWHERE, Model, Slot
from diana_engine.compiler.analysis.states.plays.replay import Replay
from diana_engine.compiler.analysis.states.reductions.contraction import counted
from diana_engine.compiler.analysis.states.results.report import Earning, Way
from diana_engine.program.model import Points, Program, WholeNumber

__all__ = ["earnings", "endless"]


def endless(program: Program) -> tuple[Slot, ...]:
    """Return the points and numbers for which no `max` is declared."""
    return tuple(
        ("value", name)
        for name, variable in program.variables.items()
        if isinstance(variable, Points | WholeNumber) and variable.maximum >= LIMIT
    )


def earnings(program: Program, looks: Looks, *, vip: bool = False) -> tuple[Earning, ...]:
    """Return whether each of the endless can be gained without end; all of them must be variables of the model.

    A gain that the rules of play do not make when they go along the loop is not told.
    """
    model = looks.model
    named = {name for _, name in endless(program)}
    if not named:
        return ()
    # What can be gained only so often has an end, though none is declared.
    found = {name: Earning(name, "no") for name in sorted(named)}
    replay: Replay | None = None  # to begin it, all of the model is walked
    for one in farmable(looks, [v for v, x in enumerate(model.variables) if x.slot[1] in named]):
        name = model.variables[one.variable].slot[1]
        play, loop = tuple(_ways(model, one.play)), tuple(_ways(model, one.loop))
        found[name] = Earning(name, one.found, one.gain, play, loop)
        if one.found == "yes":
            replay = replay or Replay(program, model, vip=vip)
            played = replay.played((*one.play, *one.loop))
            found[name] = (
                Earning(name, "unknown") if played is None else replace(found[name], played=played)
            )
    return tuple(found.values())


def _ways(model: Model, edges: tuple[int, ...]) -> Iterator[Way]:
    """Yield what the player does on the way along `edges`."""
    for number in edges:
        edge = model.edges[number]
        if edge.option != NOWHERE and counted(model, edge):
            option = model.options[edge.option]
            yield model.places[option.place], option.number
