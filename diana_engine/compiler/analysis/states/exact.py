"""All states of a model, as one set for each place: those that plays come to, and those that can still end.

Forwards, a place is looked at with what has come to it since the last time, places in their order; what leads from a
place back to itself, as from the hub of many rooms, is followed there until nothing new comes. Backwards from the
endings it is the same the other way round. What is opaque is followed twice: as if it were always possible, and as if it
never were. What both say is so.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from diana_engine.compiler.analysis.states.diagrams import Node
from diana_engine.compiler.analysis.states.encoding import Encoding, Move
from diana_engine.compiler.analysis.states.model import NOWHERE

__all__ = ["Exact", "OverBudget", "Sets"]

_WORK = 20
"""How many times the budget of nodes may be worked on altogether."""


_SELDOM = 20_000
"""After how much work the nodes are counted again: counting is dear."""


class OverBudget(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """The decision diagrams have grown beyond the budget."""


@dataclass(frozen=True, slots=True)
class Sets:
    """For each place, the states that plays `reached`, and those of them that `can_end`."""

    reached: list[Node]
    can_end: list[Node]


class Exact:
    """The sets of a model over `encoding`.

    `most` are those with all edges: nobody comes further, and nobody else can end. `least` are those with certain edges
    only: so far somebody comes, and these can end for certain; without opaque edges the two are the same.
    """

    _work = 0
    _next_count = 0

    def __init__(self, encoding: Encoding, nodes: int) -> None:
        self.encoding, self.nodes = encoding, nodes
        self.diagrams = encoding.diagrams
        self.model, self.order = encoding.model, encoding.windows.order
        self.rank = [NOWHERE] * len(self.model.places)
        for number, place in enumerate(self.order):
            self.rank[place] = number
        taken = encoding.liveness.abstract.taken
        everything = self._leaving(taken)
        self.certain = bytearray(
            taken[number] and edge.certain for number, edge in enumerate(self.model.edges)
        )
        reached = self._forwards(everything, taken)
        self.most = Sets(reached, self._backwards(reached, taken))
        self.least = self.most
        if self.certain != taken:
            sure = self._forwards(self._leaving(self.certain), self.certain)
            self.least = Sets(sure, self._backwards(reached, self.certain))

    def spend(self, nodes: int) -> None:
        """Count work on so many nodes.

        Raises:
            OverBudget: that is too much.
        """
        self._work += nodes
        if self._work < self._next_count:
            return
        self._next_count = self._work + min(_SELDOM, self.nodes)
        if self._work > _WORK * self.nodes or self.diagrams.size() > self.nodes:
            raise OverBudget

    # Fixpoints ------------------------------------------------------------------------------------------------------

    def _leaving(self, used: bytearray) -> list[tuple[list[int], list[int]]]:
        """Return for each place the edges back to itself, and the others."""
        edges, found = self.model.edges, []
        for place, out in enumerate(self.model.out):
            loops = [n for n in out if used[n] and edges[n].target == place]
            found.append((loops, [n for n in out if used[n] and edges[n].target != place]))
        return found

    def _forwards(self, leaving: list[tuple[list[int], list[int]]], used: bytearray) -> list[Node]:
        encoding, none, edges = self.encoding, self.diagrams.none, self.model.edges
        reached = [none] * len(self.model.places)
        fresh = list(reached)
        waiting: list[int] = []

        def arrive(place: int, states: Node) -> None:
            if fresh[place] == none:
                heapq.heappush(waiting, self.rank[place])
            reached[place] |= states
            fresh[place] |= states

        for number in self.model.beginnings:
            if used[number]:
                arrive(edges[number].target, encoding.begun(number))
        while waiting:
            place = self.order[heapq.heappop(waiting)]
            states, fresh[place] = fresh[place], none
            loops, others = leaving[place]
            self.spend(len(states) * (len(loops) + len(others)))
            if loops:
                grown = self._around([encoding.move(n) for n in loops], states, reached[place])
                states = states | grown
                reached[place] |= grown
            for number in others:
                target = edges[number].target
                gained = encoding.image(encoding.move(number), states)
                if gained != none:
                    gained = gained & ~reached[target]
                    if gained != none:
                        arrive(target, gained)
        return reached

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
            self.spend(len(states) * len(loops))
        return found

    def _backwards(self, within: list[Node], used: bytearray) -> list[Node]:
        encoding, none, edges = self.encoding, self.diagrams.none, self.model.edges
        can_end = [none] * len(within)
        inn = self.model.inn
        waiting: list[int] = []
        queued = bytearray(len(within))
        for place in self.order:
            if self.model.ending[place] and within[place] != none:
                can_end[place] = within[place]
                queued[place] = 1
                heapq.heappush(waiting, -self.rank[place])
        while waiting:
            place = self.order[-heapq.heappop(waiting)]
            queued[place] = 0
            self.spend(len(can_end[place]) * len(inn[place]))
            loops = [n for n in inn[place] if used[n] and edges[n].source == place]
            if loops:
                self._back_around([encoding.move(n) for n in loops], place, can_end, within)
            states = can_end[place]
            for number in inn[place]:
                source = edges[number].source
                if not used[number] or source in (place, NOWHERE) or within[source] == none:
                    continue
                if can_end[source] == within[source]:
                    continue
                gained = encoding.preimage(encoding.move(number), states) & within[source]
                grown = can_end[source] | gained
                if grown != can_end[source]:
                    can_end[source] = grown
                    if not queued[source]:
                        queued[source] = 1
                        heapq.heappush(waiting, -self.rank[source])
        return can_end

    def _back_around(
        self, loops: list[Move], place: int, can_end: list[Node], within: list[Node]
    ) -> None:
        """Let those end at `place` who come by loops to where they can."""
        growing = True
        while growing and can_end[place] != within[place]:
            before = can_end[place]
            for move in loops:
                gained = self.encoding.preimage(move, can_end[place]) & within[place]
                can_end[place] = can_end[place] | gained
            growing = can_end[place] != before
            self.spend(len(before) * len(loops))
