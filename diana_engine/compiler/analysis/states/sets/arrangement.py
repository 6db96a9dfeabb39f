"""The order of the bits of decision diagrams: what changes together stands together.

A set of states is small where bits that depend on each other are near each other. They come to depend on each other by the
edges of a loop, which change several at once, or change one where another is asked for. So each slot is moved to the middle
of what it is tied to, again and again (the method is known as FORCE), from several orders to begin with; of the orders that were
met, that with the shortest ties is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Edge
from diana_engine.compiler.analysis.states.ranges.liveness import Liveness

__all__ = ["Part", "arranged"]

Part = tuple[bool, int]
"""A slot: whether it is that of a flag, and its number in its kind."""
_Ties = list[tuple[frozenset[Part], int]]
"""Which slots are tied to each other, and by how many edges."""

_STRIDES = (1, 2, 3, 5, 7, 11, 13, 17)
"""The orders to begin with take every so manieth slot in turn."""
_ROUNDS = 30
_PATIENCE = 3
"""How many rounds may go by without a better order."""
_MOST_ASKED = 2
"""How many slots a guard may ask for that ties them; one that asks for all says nothing of any."""


def arranged(liveness: Liveness, parts: Collection[Part]) -> list[Part]:
    """Return `parts`, the slots that matter somewhere, in a good order."""
    natural = list(parts)
    counted = Counter(
        tie for edge in _looping(liveness) if len(tie := _tie(liveness, edge, parts)) > 1
    )
    if not counted:
        return natural
    ties = list(counted.items())
    count = len(natural)
    begun = (
        [natural[at] for at in sorted(range(count), key=lambda at: at * stride % count)]
        for stride in _STRIDES
    )
    return min((_settled(order, ties) for order in begun), key=lambda one: one[0])[1]


def _looping(liveness: Liveness) -> Iterator[Edge]:
    """Yield the edges that somebody may take and come back from."""
    block, taken = liveness.windows.block, liveness.abstract.taken
    for number, edge in enumerate(liveness.model.edges):
        if taken[number] and edge.source != NOWHERE and block[edge.source] == block[edge.target]:
            yield edge


def _tie(liveness: Liveness, edge: Edge, parts: Collection[Part]) -> frozenset[Part]:
    windows = liveness.windows
    block = windows.block[edge.source]
    found = {
        (bool(windows.is_flag[variable]), windows.slot[variable])
        for variable in (*edge.changes, *edge.loose)
        if windows.open_in(variable, block)
    }
    asked = {
        (bool(windows.is_flag[variable]), windows.slot[variable])
        for variable, _ in liveness.atoms_of(edge.guard)
        if windows.open_in(variable, block)
    }
    if len(asked) <= _MOST_ASKED:
        found |= asked
    return frozenset(part for part in found if part in parts)


def _settled(order: list[Part], ties: _Ties) -> tuple[int, list[Part]]:
    """Return the best order that comes of one, after how long its ties are."""
    best = _length(order, ties), order
    idle = 0
    for _ in range(_ROUNDS):
        order = _drawn(order, ties)
        length = _length(order, ties)
        if length < best[0]:
            best, idle = (length, order), 0
        else:
            idle += 1
            if idle == _PATIENCE:
                break
    return best


def _drawn(order: list[Part], ties: _Ties) -> list[Part]:
    """Return the order in which each slot stands by the middle of the ties that it has."""
    at = {part: place for place, part in enumerate(order)}
    pulls = dict.fromkeys(order, 0.0)
    weights = dict.fromkeys(order, 0)
    for tie, count in ties:
        middle = sum(at[part] for part in tie) / len(tie)
        for part in tie:
            pulls[part] += middle * count
            weights[part] += count
    return sorted(
        order, key=lambda part: pulls[part] / weights[part] if weights[part] else at[part]
    )


def _length(order: list[Part], ties: _Ties) -> int:
    at = {part: place for place, part in enumerate(order)}
    return sum(
        count * (max(at[part] for part in tie) - min(at[part] for part in tie))
        for tie, count in ties
    )
