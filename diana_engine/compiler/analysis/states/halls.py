"""Places between which everybody goes to and fro: what is so of one of them is so of all.

A room that everybody may enter and leave, and that changes nothing which is asked for later, is met in the same states as
the hall before it, and whoever can end in one can end in the other. So such places have their sets of states in common,
and a garden of twenty rooms is followed as if it were one place.
"""

from __future__ import annotations

from diana_engine.compiler.analysis.states.encoding import Encoding
from diana_engine.compiler.analysis.states.model import NOWHERE
from diana_engine.compiler.analysis.ways import components

__all__ = ["halls"]


def halls(encoding: Encoding, used: bytearray) -> list[int]:
    """Return for each place the first one of its hall; the edges with a mark in `used` are there."""
    model, block = encoding.model, encoding.windows.block
    ways: dict[int, list[int]] = {}
    for number, edge in enumerate(model.edges):
        source, target = edge.source, edge.target
        if not used[number] or source in (NOWHERE, target) or model.ending[source]:
            continue
        # Only within a block do ways lead back.
        if block[source] == block[target] and encoding.move(number).is_idle(encoding.diagrams):
            ways.setdefault(source, []).append(target)
    found, first = list(range(len(model.places))), dict[int, int]()
    group_of = {
        place: number for number, group in enumerate(components(ways, ways)) for place in group
    }
    for place in encoding.windows.order:
        if place in group_of:
            found[place] = first.setdefault(group_of[place], place)
    return found
