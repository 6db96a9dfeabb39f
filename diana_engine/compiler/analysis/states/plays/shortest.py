"""Shortest plays into sets of states: forwards by the number of a player's moves, then back from gain to gain.

What is only passed through is no move of a player. So an edge makes a play longer by as many moves as it stands for, and
states are looked at in the order of the shortest plays to them.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from diana_engine.compiler.analysis.states.graph.model import NOWHERE
from diana_engine.compiler.analysis.states.sets.diagrams import Node
from diana_engine.compiler.analysis.states.sets.exact import Exact

__all__ = ["Shortest"]

_Gain = tuple[Node, int, int]
"""States that were new, the edge by which they came, and the look from which it left."""


class Shortest:
    """A search over the certain edges of `exact`; `moves` says how many moves of a player each stands for."""

    def __init__(self, exact: Exact, moves: list[int]) -> None:
        self.exact, self.encoding, self.moves = exact, exact.encoding, moves
        self.model = exact.model
        self.none = exact.diagrams.none
        self.seen = [self.none] * len(self.model.places)
        self.looks: list[tuple[int, int, Node]] = []
        self.gains: dict[tuple[int, int], list[_Gain]] = {}
        self.waiting: list[tuple[int, int]] = []
        self.fresh: dict[tuple[int, int], Node] = {}
        self.found: dict[int, tuple[list[int], int]] = {}

    def plays(self, targets: Mapping[int, Node]) -> dict[int, tuple[list[int], int]]:
        """Return for each edge a shortest play to where it is to be gone: the play's edges, and how many moves they are.

        `targets` holds for each edge the states in which it is to be gone; somebody reaches some of each.

        Raises:
            OverBudget: the search grew beyond the budget.
        """
        found = self.found
        at: dict[int, list[int]] = {}
        for number in targets:
            at.setdefault(self.model.edges[number].source, []).append(number)
        for number in self.model.beginnings:
            if self.exact.certain[number]:
                self._arrive(number, self.encoding.begun(number), self.moves[number], NOWHERE)
        while self.waiting and len(found) < len(targets):
            moves, rank = heapq.heappop(self.waiting)
            place = self.exact.order[rank]
            states = self.fresh.pop((moves, place)) & ~self.seen[place]
            if states == self.none:
                continue
            self.seen[place] = self.seen[place] | states
            self.looks.append((place, moves, states))
            for number in at.get(place, ()):
                if number not in found and states & targets[number] != self.none:
                    found[number] = self._back(states & targets[number]), moves
            self._leave(place, moves, states)
        return found

    def _leave(self, place: int, moves: int, states: Node) -> None:
        out, look = self.model.out[place], len(self.looks) - 1
        self.exact.diagrams.spend(states, len(out))
        for number in out:
            if self.exact.certain[number]:
                arrived = self.encoding.image(self.encoding.move(number), states)
                if arrived != self.none:
                    self._arrive(number, arrived, moves + self.moves[number], look)

    def _arrive(self, number: int, states: Node, moves: int, look: int) -> None:
        place = self.model.edges[number].target
        key = (moves, place)
        gained = states & ~self.seen[place]
        waiting: Node = self.fresh.get(key, self.none)
        gained = gained & ~waiting
        if gained == self.none:
            return
        if waiting == self.none:
            heapq.heappush(self.waiting, (moves, self.exact.rank[place]))
        self.fresh[key] = waiting | gained
        self.gains.setdefault(key, []).append((gained, number, look))

    def _back(self, states: Node) -> list[int]:
        """Return the edges of a play that comes to one of `states`, which are among those of the last look."""
        edges: list[int] = []
        look = len(self.looks) - 1
        while look != NOWHERE:
            place, moves, _ = self.looks[look]
            gained, number, look = next(
                gain for gain in self.gains[moves, place] if gain[0] & states != self.none
            )
            edges.append(number)
            if look != NOWHERE:
                move = self.encoding.move(number)
                states = self.encoding.preimage(move, gained & states) & self.looks[look][2]
        edges.reverse()
        return edges
