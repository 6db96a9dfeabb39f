"""When the sets of states outgrow their budget: the same search without some counters.

Forwards, a counter that is left out may have any value that is known to be possible, so more states are reached than
there are. Backwards, a player at a place counts as able to end only if that is so for every value of it, over
all choices of the place together. So too much is reached and too little can end, and if all that is reached can end, no
player gets locked. A counter is taken back in where the proof first breaks.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import pairwise

from diana_engine.compiler.analysis.states.contraction import Contracted
from diana_engine.compiler.analysis.states.diagrams import (
    Backend,
    Diagrams,
    Node,
    OverBudget,
    within_budget,
)
from diana_engine.compiler.analysis.states.encoding import Encoding, Move
from diana_engine.compiler.analysis.states.exact import Exact, Sets
from diana_engine.compiler.analysis.states.findings import findings
from diana_engine.compiler.analysis.states.halls import halls
from diana_engine.compiler.analysis.states.liveness import Cuts, Liveness
from diana_engine.compiler.analysis.states.model import (
    ALWAYS,
    NOWHERE,
)
from diana_engine.compiler.analysis.states.proved import Proved, together

__all__ = ["sandwiched"]

_MOST_KEPT = 4
"""How many counters are taken back in before the search is given up."""


def sandwiched(
    small: Contracted, liveness: Liveness, nodes: int, backend: Backend | None = None
) -> Proved:
    """Return what is certain of a model without some of its counters, as far as `nodes` reach."""
    kept: frozenset[int] = frozenset()
    proved = Proved()
    while True:
        try:
            with within_budget():
                encoding = _Loose(liveness, Diagrams(backend, nodes), kept)
                sandwich = _Sandwich(encoding)
                proved = together(proved, findings(small, sandwich))
        except OverBudget:
            return proved
        more = sandwich.breaks() - kept
        if not more or len(kept | more) > _MOST_KEPT:
            return proved
        kept |= more


class _Loose(Encoding):
    """The places and edges of a model over diagrams, where only the counters in the slots `kept` are followed.

    What a guard asks of another counter is a bit of its own, that means something only at the place of the guard.
    """

    def __init__(self, liveness: Liveness, diagrams: Diagrams, kept: frozenset[int]) -> None:
        self.kept = kept
        self.asked: dict[int, tuple[str, ...]] = {}
        self._apart: dict[frozenset[int], tuple[tuple[str, ...], Node]] = {}
        self._loose_at: dict[int, frozenset[int]] = {}
        super().__init__(liveness, diagrams)

    def followed(self, cuts: Cuts) -> Cuts:
        """Return those of `cuts` whose counters are not left out."""
        return {slot: cuts[slot] for slot in self.kept if slot in cuts}

    def loose_at(self, place: int) -> frozenset[int]:
        """Return the slots of counters that are asked for at a place, and not followed."""
        found = self._loose_at.get(place)
        if found is None:
            block = self.windows.block[place]
            slots = {
                self.liveness.slot_of(variable, block)
                for variable, _ in self._bounds(place)
                if not self.windows.is_flag[variable]
            }
            found = self._loose_at[place] = frozenset(slots - self.kept - {NOWHERE})
        return found

    def apart(self, slots: frozenset[int]) -> tuple[tuple[str, ...], Node]:
        """Return the bits of these slots, and the values that they can have together."""
        found = self._apart.get(slots)
        if found is None:
            ladder = self.diagrams.all
            names: list[str] = []
            for slot in sorted(slots):
                names += self.asked[slot]
                for lower, upper in pairwise(self.asked[slot]):
                    ladder &= self.diagrams.bit(lower) | ~self.diagrams.bit(upper)
            found = self._apart[slots] = (tuple(names), ladder)
        return found

    def preimage(self, move: Move, states: Node) -> Node:
        """Return whom the edge can lead into `states`, whatever is loose there."""
        names = [name for names in self.asked.values() for name in names]
        return super().preimage(move, self.diagrams.some(names, states))

    def into(self, move: Move, states: Node) -> Node:
        """Return whom the edge leads into `states`, which say nothing of what is loose."""
        return super().preimage(move, states)

    def _counter(self, slot: int, cut: int, place: int) -> Node:
        known = self._certain_cut(slot, cut, place)
        if known is not None or slot in self.kept:
            return super()._counter(slot, cut, place)
        return self.diagrams.bit(_loose(slot, cut))

    def _declare(self) -> None:
        super()._declare()
        cuts: dict[int, set[int]] = {}
        for place in self.windows.order:
            for variable, bound in self._bounds(place):
                slot = self.liveness.slot_of(variable, self.windows.block[place])
                if slot not in {NOWHERE, *self.kept} and not self.windows.is_flag[variable]:
                    cuts.setdefault(slot, set()).add(bound)
        for slot, found in sorted(cuts.items()):
            self.asked[slot] = tuple(_loose(slot, cut) for cut in sorted(found))
            self.diagrams.declare(self.asked[slot])

    def _bounds(self, place: int) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for number in self.model.out[place]:
            found |= self.liveness.atoms_of(self.model.edges[number].guard)
        for number in self.model.options_of[place]:
            option = self.model.options[number]
            found |= self.liveness.atoms_of(option.open) | self.liveness.atoms_of(option.sure)
        return found

    def _made(self, number: int) -> Move:
        made = super()._made(number)
        edge = self.model.edges[number]
        if edge.guard is ALWAYS or edge.source == NOWHERE or not self.loose_at(edge.source):
            return made
        names, ladder = self.apart(self.loose_at(edge.source))
        return replace(made, who=made.who & ladder, forgotten=(*made.forgotten, *names))


class _Sandwich(Exact):
    """The sets of a model, too large forwards and too small backwards."""

    def __init__(self, encoding: _Loose) -> None:
        self.encoding: _Loose = encoding
        self.diagrams = encoding.diagrams
        self.model, self.order = encoding.model, encoding.windows.order
        self.rank = [NOWHERE] * len(self.model.places)
        for number, place in enumerate(self.order):
            self.rank[place] = number
        taken = encoding.liveness.abstract.taken
        self.certain = bytearray(
            taken[number] and edge.certain for number, edge in enumerate(self.model.edges)
        )
        self.hall = halls(encoding, self.certain)
        reached = self._forwards(self._ways(taken), taken)
        can_end = self._surely(reached, self.certain)
        self.unproved = {
            place for place in self.order if reached[place] & ~can_end[place] != self.diagrams.none
        }
        # Nobody is said to come anywhere, or to be locked: that these sets cannot tell.
        nobody = [self.diagrams.none] * len(reached)
        whoever = [self.diagrams.all] * len(reached)
        self.most = Sets(
            [
                states & encoding.apart(encoding.loose_at(place))[1]
                if encoding.loose_at(place)
                else states
                for place, states in enumerate(reached)
            ],
            whoever,
        )
        self.least = Sets(nobody, can_end)

    def breaks(self) -> frozenset[int]:
        """Return the counters that are asked for where the proof first breaks: all ways on from there are proved."""
        found: set[int] = set()
        for place in self.unproved:
            behind = {self.model.edges[number].target for number in self.model.out[place]}
            if not behind & self.unproved - {place}:
                found |= self.encoding.loose_at(place)
        return frozenset(found)

    def _surely(self, within: list[Node], used: bytearray) -> list[Node]:
        """Return for each place who of `within` can end, whatever is loose."""
        none, edges, out, inn = (
            self.diagrams.none,
            self.model.edges,
            self.model.out,
            self.model.inn,
        )
        can_end = [none] * len(within)
        waiting: list[int] = []
        queued = bytearray(len(within))

        def look_before(place: int) -> None:
            for number in inn[place]:
                source = edges[number].source
                if used[number] and source != NOWHERE and not queued[source]:
                    queued[source] = 1
                    heapq.heappush(waiting, -self.rank[source])

        for place in self.order:
            if self.model.ending[place] and within[place] != none:
                can_end[place] = within[place]
        for place in self.order:
            if can_end[place] != none:
                look_before(place)
        while waiting:
            place = self.order[-heapq.heappop(waiting)]
            queued[place] = 0
            if can_end[place] == within[place]:
                continue
            leaving = [n for n in out[place] if used[n] and can_end[edges[n].target] != none]
            loops = any(edges[n].target == place for n in out[place])
            before = can_end[place]
            while True:
                known = can_end[place]
                can_end[place] = known | self._sure(place, leaving, can_end) & within[place]
                self.diagrams.spend(can_end[place], len(leaving))
                if not loops or can_end[place] == known:
                    break
                leaving = [n for n in out[place] if used[n] and can_end[edges[n].target] != none]
            if can_end[place] != before:
                look_before(place)
        return can_end

    def _sure(self, place: int, leaving: list[int], can_end: list[Node]) -> Node:
        """Return who at `place` can go to where one can end, whatever is loose."""
        encoding, diagrams = self.encoding, self.diagrams
        found = diagrams.none
        for number in leaving:
            target = self.model.edges[number].target
            found |= encoding.into(encoding.move(number), can_end[target])
        if encoding.loose_at(place):
            names, ladder = encoding.apart(encoding.loose_at(place))
            found = diagrams.every(names, found | ~ladder)
        return found


def _loose(slot: int, cut: int) -> str:
    return f"l{slot}_{cut}"
