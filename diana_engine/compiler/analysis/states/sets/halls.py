"""Places between which everybody goes to and fro: what is so of one of them is so of all.

A room that everybody may enter and leave, and that changes nothing which is asked for later, is met in the same states as
the hall before it, and whoever can end in one can end in the other. So such places have their sets of states in common,
and a garden of twenty rooms is followed as if it were one place.
"""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Model
from diana_engine.compiler.analysis.states.sets.encoding import Encoding
from diana_engine.compiler.analysis.ways import components

__all__ = ["halls"]


def halls(encoding: Encoding, used: bytearray) -> list[int]:
    """Return for each place the first one of its hall; the edges with a mark in `used` are there."""
    model, diagrams = encoding.model, encoding.diagrams
    quiet = [number for number in _inner(encoding, used) if _keeps_flags(encoding, number)]
    # Few edges lie in rings, and only of those it must be known for certain that they do nothing.
    idle = [
        number
        for number in _in_rings(model, quiet)
        if encoding.guard(model.edges[number].guard, model.edges[number].source) == diagrams.all
        and encoding.move(number).is_idle(diagrams)
    ]
    found, first = list(range(len(model.places))), dict[int, int]()
    group_of = _groups(model, idle)
    for place in encoding.windows.order:
        if place in group_of:
            found[place] = first.setdefault(group_of[place], place)
    return found


def _inner(encoding: Encoding, used: bytearray) -> Iterator[int]:
    """Yield the edges between places of the same block: only there do ways lead back."""
    model, block = encoding.model, encoding.windows.block
    for number, edge in enumerate(model.edges):
        source, target = edge.source, edge.target
        if not used[number] or source in (NOWHERE, target) or model.ending[source]:
            continue
        if block[source] == block[target]:
            yield number


def _keeps_flags(encoding: Encoding, number: int) -> bool:
    """Return whether an edge touches no flag that matters, and the same ones matter on both of its sides."""
    edge, live = encoding.model.edges[number], encoding.liveness.live
    effect = encoding.liveness.abstract.slots.effect(number)
    touched = effect.set | effect.clear | effect.loose if effect is not None else 0
    return live[edge.source] == live[edge.target] and not touched & live[edge.source]


def _in_rings(model: Model, edges: list[int]) -> Iterator[int]:
    """Yield those of `edges` by which one can go and, by others, come back."""
    group_of = _groups(model, edges)
    for number in edges:
        edge = model.edges[number]
        if group_of[edge.source] == group_of.get(edge.target):
            yield number


def _groups(model: Model, edges: list[int]) -> dict[int, int]:
    """Return for the sources of `edges` a number that those share which these join to each other and back."""
    ways: dict[int, list[int]] = {}
    for number in edges:
        ways.setdefault(model.edges[number].source, []).append(model.edges[number].target)
    groups = components(ways, ways)
    return {place: number for number, group in enumerate(groups) for place in group}
