"""The search through sets of states: one decision diagram of what matters for each fragment.

Forwards it finds all states that plays can come to, backwards from the endings those that can still end. Both go a
way at a time, always with all that is known so far, and a fragment with one way in only is looked at as soon as it is
reached: so a hub's sixty rooms are one round, not sixty.
"""

from __future__ import annotations

import heapq

from diana_engine.compiler.analysis.states.bits import Node
from diana_engine.compiler.analysis.states.moves import Moves
from diana_engine.compiler.analysis.states.report import Facts, PointOfNoReturn, Way
from diana_engine.compiler.analysis.states.symbolic_moves import Arrival, Opening, SymbolicMoves
from diana_engine.compiler.analysis.states.trace import Trace
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Ending

__all__ = ["OverBudget", "Symbolic"]


class OverBudget(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """The decision diagrams have grown beyond the budget."""


class _Work:
    """What is still to be looked at, the lowest rank first, and what of each way was.

    It is no closure: the manager of the diagrams must not go before its nodes, as it may in a cycle.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[int, FragmentId]] = []
        self.done: dict[Arrival, Node] = {}
        self._queued: set[FragmentId] = set()

    def add(self, rank: int, id: FragmentId) -> None:
        """Let `id` be looked at."""
        if id not in self._queued:
            self._queued.add(id)
            heapq.heappush(self.waiting, (rank, id))

    def next(self) -> FragmentId:
        """Return the fragment to look at now."""
        _, id = heapq.heappop(self.waiting)
        self._queued.discard(id)
        return id


class Symbolic:
    """All states of a program and its moves, as sets."""

    def __init__(self, moves: Moves, nodes: int) -> None:
        self.program, self.nodes = moves.program, nodes
        self.work = 0
        self.made = SymbolicMoves(moves)
        self.bits = self.made.bits
        self.rank = {id: number for number, id in enumerate(moves.in_order())}
        self.openings: dict[FragmentId, list[Opening]] = {}
        self.leaving: dict[FragmentId, list[Arrival]] = {}
        self.coming: dict[FragmentId, list[Arrival]] = {id: [] for id in self.rank}
        for id in self.rank:
            self.openings[id], self.leaving[id] = self.made.leaving(id)
            for arrival in self.leaving[id]:
                self.coming[arrival.to].append(arrival)
            self._check()
        self.beginnings = list(self.made.beginnings())
        self.reached: dict[FragmentId, Node] = dict.fromkeys(self.rank, self.bits.false)
        self.can_end: dict[FragmentId, Node] = dict.fromkeys(self.rank, self.bits.false)
        self._forwards()
        self._backwards()

    # Fixpoints ------------------------------------------------------------------------------------------------------

    def _forwards(self) -> None:
        work = _Work()
        for begin in self.beginnings:
            self.reached[begin.to] |= begin.image(self.bits.true)
            work.add(self.rank[begin.to], begin.to)
        while work.waiting:
            self._look_ahead(work.next(), 0, work)

    def _look_ahead(self, id: FragmentId, within: int, work: _Work) -> None:
        reached, false = self.reached, self.bits.false
        for arrival in self.leaving[id]:
            fresh = reached[id] & ~work.done.get(arrival, false)
            if fresh == false:
                continue
            work.done[arrival] = reached[id]
            to = arrival.to
            grown = reached[to] | arrival.image(fresh)
            if grown != reached[to]:
                reached[to] = grown
                self._check(grown)
                if within < _DEEP and len(self.coming[to]) == 1:
                    self._look_ahead(to, within + 1, work)
                else:
                    work.add(self.rank[to], to)

    def _backwards(self) -> None:
        work = _Work()
        for id in self.rank:
            if self._is_ending(id) and self.reached[id] != self.bits.false:
                self.can_end[id] = self.reached[id]
                work.add(-self.rank[id], id)
        while work.waiting:
            self._look_back(work.next(), 0, work)

    def _look_back(self, id: FragmentId, within: int, work: _Work) -> None:
        can_end, false = self.can_end, self.bits.false
        for arrival in self.coming[id]:
            fresh = can_end[id] & ~work.done.get(arrival, false)
            if fresh == false:
                continue
            work.done[arrival] = can_end[id]
            source = arrival.source
            grown = can_end[source] | (arrival.preimage(fresh) & self.reached[source])
            if grown != can_end[source]:
                can_end[source] = grown
                self._check(grown)
                if within < _DEEP and len(self.coming[source]) == 1:
                    self._look_back(source, within + 1, work)
                else:
                    work.add(-self.rank[source], source)

    def _check(self, grown: Node | None = None) -> None:
        """Count what was worked on: a diagram that grows slowly is looked at again and again."""
        self.work += len(grown) if grown is not None else 1
        if self.bits.size() > self.nodes or self.work > _WORK * self.nodes:
            raise OverBudget

    def _is_ending(self, id: FragmentId) -> bool:
        return isinstance(self.program.fragments[id].exit, Ending)

    # Verdicts -------------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        """Return all that is true of every play."""
        false = self.bits.false
        reached = frozenset(id for id in self.rank if self.reached[id] != false)
        opened: set[Way] = set()
        shut: set[Way] = set()
        stuck: set[FragmentId] = set()
        for id in reached:
            nothing = self.reached[id]
            for one in self.openings[id]:
                if self.reached[id] & one.who != false:
                    opened.add((id, one.number))
                if self.reached[id] & ~one.who != false:
                    shut.add((id, one.number))
                nothing &= ~one.who
            if nothing != false and not self._is_ending(id):
                stuck.add(id)
        return Facts(
            complete=True,
            reached=reached,
            stuck=frozenset(stuck),
            locked=frozenset(id for id in reached if self.reached[id] & ~self.can_end[id] != false),
            opened=frozenset(opened),
            shut=frozenset(shut),
            points=self._points(),
            bounded=tuple(sorted(self._bounded())),
            states=0,
        )

    def _points(self) -> tuple[PointOfNoReturn, ...]:
        losing: dict[Way, Node] = {}
        for id in self.rank:
            for arrival in self.leaving[id]:
                safe = arrival.preimage(self.can_end[arrival.to])
                bad = self.can_end[id] & arrival.who & ~safe
                if bad != self.bits.false:
                    way = (id, arrival.number)
                    losing[way] = losing.get(way, self.bits.false) | bad
        if not losing:
            return ()
        plays = Trace(self).shortest(losing)
        return tuple(PointOfNoReturn(way, (*plays[way], way)) for way in sorted(losing))

    def _bounded(self) -> set[str]:
        return {
            slot[1]
            for id in self.rank
            for arrival in self.leaving[id]
            for slot, over in arrival.beyond
            if self.reached[id] & over != self.bits.false
        }


_WORK = 5
"""How many times the budget of nodes may be worked on altogether."""
_DEEP = 200
"""How far a chain of fragments with one way in is followed at once."""
