"""From where an ending can always be reached, going by what is known of all players at each place.

An ending is safe. A place is safe if everybody who may come there meets the requirement of some way to a place that
is safe already; so from a safe place an ending is reached in finitely many moves, whatever a player is. This
proves most stories free of soft-locks at once. It proves none of them locked.
"""

from __future__ import annotations

from diana_engine.compiler.analysis.states.ranges.forward import Abstract
from diana_engine.compiler.analysis.states.ranges.known import NOTHING, Need, State, refined
from diana_engine.compiler.analysis.states.results.proved import Proved

__all__ = ["attracted", "proved_by"]


def proved_by(abstract: Abstract) -> Proved:
    """Return what is certain from what is known of all players: what nobody can do, and what everybody can."""
    model = abstract.model
    never_opened, never_shut = set(), set()
    for number, option in enumerate(model.options):
        if not abstract.possible(option.place, option.open):
            never_opened.add(number)
        if abstract.certain(option.place, option.sure):
            never_shut.add(number)
    safe = attracted(abstract)
    unreached = frozenset(
        place for place in range(len(model.places)) if not abstract.reaches(place)
    )
    unlocked = frozenset(place for place in range(len(model.places)) if safe[place]) | unreached
    unstuck = {
        place
        for place in range(len(model.places))
        if place not in unlocked and _everybody_moves(abstract, place)
    }
    return Proved(
        unreached=unreached,
        unstuck=unlocked | unstuck,
        unlocked=unlocked,
        never_opened=frozenset(never_opened),
        never_shut=frozenset(never_shut),
    )


def attracted(abstract: Abstract) -> bytearray:
    """Return for each place whether everybody who comes there can reach an ending."""
    model = abstract.model
    safe = bytearray(len(model.places))
    waiting = [
        place for place, ending in enumerate(model.ending) if ending and abstract.reaches(place)
    ]
    for place in waiting:
        safe[place] = 1
    left: dict[int, _Left] = {}
    while waiting:
        for number in model.inn[waiting.pop()]:
            edge = model.edges[number]
            place = edge.source
            if place < 0 or safe[place] or not edge.certain or not abstract.taken[number]:
                continue
            if place not in left:
                left[place] = _Left(abstract, place)
            if left[place].without(number):
                safe[place] = 1
                waiting.append(place)
                del left[place]
    return safe


def _everybody_moves(abstract: Abstract, place: int) -> bool:
    left = _Left(abstract, place)
    return any(
        abstract.model.edges[number].certain and left.without(number)
        for number in abstract.model.out[place]
    )


class _Left:
    """Those who may come to a place and cannot take any of the ways looked at so far."""

    def __init__(self, abstract: Abstract, place: int) -> None:
        self.abstract, self.block = abstract, abstract.windows.block[place]
        self.state: State | None = abstract.at[place]
        self.split: list[Need] = []

    def without(self, number: int) -> bool:
        """Leave out those who can take this edge, too; return whether nobody is left."""
        if self.state is None:
            return True
        guard = self.abstract.model.edges[number].guard
        need = self.abstract.slots.need(guard, self.block, met=False)
        if need is None:
            self.state = None
        elif need is not NOTHING:
            self._narrow(need)
        return self.state is None

    def _narrow(self, need: Need) -> None:
        # What is known narrows what an `either` of an earlier way leaves, which narrows what is known.
        if need.either:
            self.split.append(need)
        while self.state is not None:
            before = self.state
            self.state = refined(before, need)
            for one in self.split:
                if self.state is not None:
                    self.state = refined(self.state, one)
            if not self.split or self.state == before:
                return
