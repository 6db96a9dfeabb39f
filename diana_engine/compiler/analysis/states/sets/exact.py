"""All states of a model, as one set for each place: those that plays come to, and those that can still end.

Forwards, a place is looked at with what has come to it since the last time, places in their order; what leads from a
place back to itself, as from the hub of many rooms, is followed there until nothing new comes. Backwards from the
endings it is the same the other way round. Places of one hall (`halls`) have one set. What is opaque is followed twice: as if
it were always possible, and as if it never were. What both say is so.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from diana_engine.compiler.analysis.states.graph.model import NOWHERE
from diana_engine.compiler.analysis.states.sets.diagrams import Node
from diana_engine.compiler.analysis.states.sets.encoding import Encoding, Move
from diana_engine.compiler.analysis.states.sets.halls import halls

__all__ = ["Exact", "Sets"]


@dataclass(frozen=True, slots=True)
class Sets:
    """For each place, the states that plays `reached`, and those of them that `can_end`."""

    reached: list[Node]
    can_end: list[Node]


@dataclass(frozen=True, slots=True)
class _Ways:
    """For each hall the edges that stay in it and change something, those that leave it, and those that come in."""

    around: list[list[int]]
    out: list[list[int]]
    inn: list[list[int]]


class Exact:
    """The sets of a model over `encoding`.

    `most` are those with all edges: nobody comes further, and nobody else can end. `least` are those with certain edges
    only: so far somebody comes, and these can end for certain; without opaque edges the two are the same.
    """

    def __init__(self, encoding: Encoding) -> None:
        self.encoding, self.diagrams = encoding, encoding.diagrams
        self.model, self.order = encoding.model, encoding.windows.order
        self.rank = [NOWHERE] * len(self.model.places)
        for number, place in enumerate(self.order):
            self.rank[place] = number
        taken = encoding.liveness.abstract.taken
        self.certain = bytearray(
            taken[number] and edge.certain for number, edge in enumerate(self.model.edges)
        )
        self.hall = halls(encoding, self.certain)
        everything = self._ways(taken)
        reached = self._forwards(everything, taken)
        self.most = Sets(reached, self._backwards(everything, reached))
        self.least = self.most
        if self.certain != taken:
            sure = self._ways(self.certain)
            self.least = Sets(self._forwards(sure, self.certain), self._backwards(sure, reached))

    # Fixpoints ------------------------------------------------------------------------------------------------------

    def _ways(self, used: bytearray) -> _Ways:
        places = range(len(self.model.places))
        ways = _Ways([[] for _ in places], [[] for _ in places], [[] for _ in places])
        hall = self.hall
        for number, edge in enumerate(self.model.edges):
            if not used[number] or edge.source == NOWHERE:
                continue
            source, target = hall[edge.source], hall[edge.target]
            if source != target:
                ways.out[source].append(number)
                ways.inn[target].append(number)
            elif edge.source == edge.target or not self._idle(number):
                ways.around[source].append(number)
        return ways

    def _idle(self, number: int) -> bool:
        return self.encoding.move(number).is_idle(self.diagrams)

    def _of_all(self, sets: list[Node]) -> list[Node]:
        """Return the sets of all places, from those of halls."""
        return [sets[hall] for hall in self.hall]

    def _forwards(self, ways: _Ways, used: bytearray) -> list[Node]:
        encoding, none, edges, hall = (
            self.encoding,
            self.diagrams.none,
            self.model.edges,
            self.hall,
        )
        reached = [none] * len(hall)
        fresh = list(reached)
        waiting: list[int] = []

        def arrive(place: int, states: Node) -> None:
            if fresh[place] == none:
                heapq.heappush(waiting, self.rank[place])
            reached[place] |= states
            fresh[place] |= states

        for number in self.model.beginnings:
            if used[number]:
                arrive(hall[edges[number].target], encoding.begun(number))
        while waiting:
            rank = heapq.heappop(waiting)
            place = self.order[rank]
            states, fresh[place] = fresh[place], none
            around, out = ways.around[place], ways.out[place]
            self.diagrams.spend(states, len(around) + len(out), rank / len(self.order))
            if around:
                grown = self._around([encoding.move(n) for n in around], states, reached[place])
                states = states | grown
                reached[place] |= grown
            for number in out:
                target = hall[edges[number].target]
                gained = encoding.image(encoding.move(number), states)
                if gained != none and gained != reached[target]:
                    gained = gained & ~reached[target]
                    if gained != none:
                        arrive(target, gained)
        return self._of_all(reached)

    def _around(self, loops: list[Move], states: Node, known: Node) -> Node:
        """Return what comes of `states` by going loops again and again, and was not known."""
        encoding, none = self.encoding, self.diagrams.none
        found = none
        growing = True
        while growing:
            growing = False
            for move in loops:
                gained = encoding.image(move, states) & ~known
                if gained != none:
                    known = known | gained
                    states = states | gained
                    found = found | gained
                    growing = True
                self.diagrams.spend(states)
        return found

    def _backwards(self, ways: _Ways, reached: list[Node]) -> list[Node]:
        encoding, none, edges, hall = (
            self.encoding,
            self.diagrams.none,
            self.model.edges,
            self.hall,
        )
        can_end = [none] * len(hall)
        waiting: list[int] = []
        queued = bytearray(len(hall))
        for place in self.order:
            if self.model.ending[place] and reached[place] != none:
                can_end[place] = reached[place]
                queued[place] = 1
                heapq.heappush(waiting, -self.rank[place])
        while waiting:
            place = self.order[-heapq.heappop(waiting)]
            queued[place] = 0
            around, inn = ways.around[place], ways.inn[place]
            self.diagrams.spend(can_end[place], len(inn))
            if around:
                moves = [encoding.move(number) for number in around]
                can_end[place] = self._back_around(moves, can_end[place], reached[place])
            states = can_end[place]
            for number in inn:
                source = hall[edges[number].source]
                known, within = can_end[source], reached[source]
                if known == within:
                    continue
                grown = known | encoding.preimage(encoding.move(number), states) & within
                if grown != known:
                    can_end[source] = grown
                    if not queued[source]:
                        queued[source] = 1
                        heapq.heappush(waiting, -self.rank[source])
        return self._of_all(can_end)

    def _back_around(self, loops: list[Move], states: Node, within: Node) -> Node:
        """Return those of `within` who come by loops to `states`."""
        growing = True
        while growing and states != within:
            before = states
            for move in loops:
                states = states | self.encoding.preimage(move, states) & within
                self.diagrams.spend(states)
            growing = states != before
        return states
