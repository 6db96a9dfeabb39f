"""Locks that are certain though not all states could be looked at: a real play, and proof that nothing leads on from it.

A play that went on for long and met no ending is suspicious. If from where it stands even all that is possible, taking
each value by itself, comes to no ending, then no play does: the player is locked. The first such state of the play comes
after the choice that did it, if from just before that choice some play still ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diana_engine.compiler.analysis.states.graph.model import ALWAYS, NOWHERE, Edge, Model, changed
from diana_engine.compiler.analysis.states.plays.replay import Replay
from diana_engine.compiler.analysis.states.plays.seeking import Plays, play_about
from diana_engine.compiler.analysis.states.ranges.forward import forward
from diana_engine.compiler.analysis.states.results.proved import Proved
from diana_engine.compiler.analysis.states.results.report import PointOfNoReturn, Way
from diana_engine.program.model import Program

__all__ = ["Residue", "residue"]

_MOST = 8
"""How many plays are looked into; each takes a score of analyses."""
_PLAYS_ON = 6
"""How many plays are made to see whether one still ends."""

_State = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Residue:
    """The places where players are locked for certain, and the choices that are known to have done it."""

    proved: Proved
    points: tuple[PointOfNoReturn, ...] = ()


def residue(program: Program, model: Model, plays: Plays, *, vip: bool) -> Residue:
    """Return what plays that met no ending prove of a model in which nothing is opaque, and no end artificial."""
    if model.opaque or any(edge.loose for edge in model.edges):
        return Residue(Proved())
    if any(variable.capped for variable in model.variables):
        # What is beyond the end is taken for the end: of that nothing is certain.
        return Residue(Proved())
    locked: set[int] = set()
    points: dict[Way, PointOfNoReturn] = {}
    replay = Replay(program, model, vip=vip)
    endless = [
        play for play in plays.plays if play and not model.ending[model.edges[play[-1]].target]
    ]
    for play in endless[:_MOST]:
        states = list(_states(model, play))
        first = _first_lost(model, states)
        played = None if first is None else replay.played(play[: first + 1])
        if first is None or played is None:
            continue
        locked.update(place for place, _ in states[first:])
        edge = model.edges[play[first]]
        if first == 0 or model.waits or model.options[edge.option].number < 0:
            # Of who waits it is not told here by which choice.
            continue
        if _some_play_ends(model, states[first - 1]):
            way = (model.places[edge.source], model.options[edge.option].number)
            known = points.get(way)
            witness = (*_ways(model, play[:first]), way)
            if known is None or len(witness) < len(known.witness):
                points[way] = PointOfNoReturn(way, witness, played=played)
    return Residue(Proved(locked=frozenset(locked)), tuple(points[way] for way in sorted(points)))


def _states(model: Model, play: Sequence[int]) -> Iterator[_State]:
    """Yield where a play stands after each of its edges."""
    values = [one.initial for one in model.variables]
    for number in play:
        edge = model.edges[number]
        for variable, change in edge.changes.items():
            values[variable] = changed(values[variable], change)
        yield edge.target, tuple(values)


def _first_lost(model: Model, states: Sequence[_State]) -> int | None:
    """Return the first state of a play from which nothing leads to an ending for certain, if its last one is such."""
    if not _is_lost(model, states[-1]):
        return None
    low, high = 0, len(states) - 1
    while low < high:
        middle = (low + high) // 2
        if _is_lost(model, states[middle]):
            high = middle
        else:
            low = middle + 1
    return high


def _is_lost(model: Model, state: _State) -> bool:
    known = forward(_from(model, state))
    return not any(ends and known.reaches(place) for place, ends in enumerate(model.ending))


def _some_play_ends(model: Model, state: _State) -> bool:
    met = play_about(_from(model, state), _PLAYS_ON)
    return any(model.ending[place] for place in met.reached)


def _from(model: Model, state: _State) -> Model:
    """Return the model of the plays that begin in a state."""
    place, values = state
    changes = {variable: (0, value, value) for variable, value in enumerate(values)}
    begins = Edge(NOWHERE, place, ALWAYS, changes, NOWHERE)
    inn = list(model.inn)
    inn[place] = [*inn[place], len(model.edges)]
    return replace(model, edges=[*model.edges, begins], inn=inn, beginnings=[len(model.edges)])


def _ways(model: Model, play: Sequence[int]) -> Iterator[Way]:
    for number in play:
        edge = model.edges[number]
        if edge.source != NOWHERE and model.rests[edge.source]:
            yield model.places[edge.source], model.options[edge.option].number
