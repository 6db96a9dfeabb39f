"""When the sets of states outgrow their budget: the same search without some counters.

Forwards, a counter that is left out may have any value that is known to be possible, so more states are reached than
there are. Backwards, a player at a place counts as able to end only if that is so for every value of it, over
all choices of the place together. So too much is reached and too little can end, and if all that is reached can end, no
player gets locked. A counter is taken back in where the proof first breaks.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import pairwise

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    NOWHERE,
    Model,
)
from diana_engine.compiler.analysis.states.ranges.liveness import NO_CUTS, Cuts, Liveness
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted
from diana_engine.compiler.analysis.states.results.proved import NOTHING, Proved, together
from diana_engine.compiler.analysis.states.sets.diagrams import (
    Diagrams,
    Node,
    OverBudget,
    within_budget,
)
from diana_engine.compiler.analysis.states.sets.encoding import Encoding, Move
from diana_engine.compiler.analysis.states.sets.exact import Exact, Sets
from diana_engine.compiler.analysis.states.sets.findings import findings
from diana_engine.compiler.analysis.states.sets.halls import halls

__all__ = ["sandwiched"]

_NO_SLOTS: frozenset[int] = frozenset()
_MOST_KEPT = 4
"""How many counters are taken back in before the search is given up."""


def sandwiched(
    small: Contracted,
    liveness: Liveness,
    diagrams: Callable[[], Diagrams],
    known: Proved = NOTHING,
) -> Proved:
    """Return what is certain of a model without some of its counters, as far as the budget of `diagrams` reaches.

    What is `known` is not looked for again.
    """
    kept: frozenset[int] = frozenset()
    proved = Proved()
    if not _is_asked(small.whole, known):
        return proved
    safe = bytearray(place in known.unlocked for place in small.place_of)
    while True:
        try:
            with within_budget():
                sandwich = _Sandwich(_Loose(liveness, diagrams(), kept), safe)
                proved = together(proved, findings(small, sandwich, known))
        except OverBudget:
            return proved
        more = sandwich.breaks() - kept
        if not more or len(kept | more) > _MOST_KEPT:
            return proved
        kept |= more


def _is_asked(whole: Model, known: Proved) -> bool:
    """Return whether anything is not known yet that may be denied of everybody."""
    places, options = len(whole.places), len(whole.options)
    return not (
        len(known.reached | known.unreached) == places
        and len(known.stuck | known.unstuck) == places
        and len(known.locked | known.unlocked) == places
        and len(known.opened | known.never_opened) == options
        and len(known.shut | known.never_shut) == options
    )


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

    def cuts_at(self, place: int) -> Cuts:
        """Return the cuts that matter at a place, of counters that are not left out."""
        return self._kept(super().cuts_at(place)) if self.kept else NO_CUTS

    def everywhere(self) -> tuple[int, Cuts]:
        """Return the slots of flags that matter somewhere, and all cuts that do, of counters that are not left out."""
        live, cuts = super().everywhere()
        return live, self._kept(cuts)

    def _kept(self, cuts: Cuts) -> Cuts:
        return {slot: cuts[slot] for slot in self.kept if slot in cuts}

    def loose_at(self, place: int) -> frozenset[int]:
        """Return the slots of counters that are asked for at a place, and not followed."""
        return self._loose_at.get(place, _NO_SLOTS)

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
            slots = set()
            for variable, bound in self._bounds(place):
                slot = self.liveness.slot_of(variable, self.windows.block[place])
                if slot != NOWHERE and slot not in self.kept:
                    slots.add(slot)
                    cuts.setdefault(slot, set()).add(bound)
            if slots:
                self._loose_at[place] = frozenset(slots)
        for slot, found in sorted(cuts.items()):
            self.asked[slot] = tuple(_loose(slot, cut) for cut in sorted(found))
            self.diagrams.declare(self.asked[slot])

    def _bounds(self, place: int) -> Iterator[tuple[int, int]]:
        """Yield what counters are compared with at a place."""
        guards = {self.model.edges[number].guard for number in self.model.out[place]}
        for number in self.model.options_of[place]:
            option = self.model.options[number]
            guards |= {option.open, option.sure}
        for guard in guards - {ALWAYS}:
            for variable, bound in self.liveness.atoms_of(guard):
                if not self.windows.is_flag[variable]:
                    yield variable, bound

    def may(self, who: Node, source: int) -> Node:
        """Return of those `who` go an edge all but what is loose, which may be as it likes."""
        if who in (self.diagrams.all, self.diagrams.none) or not self.loose_at(source):
            return who
        names, ladder = self.apart(self.loose_at(source))
        return self.diagrams.some(names, who & ladder)


class _Sandwich(Exact):
    """The sets of a model, too large forwards and too small backwards; from where it is `safe` everybody can end."""

    def __init__(self, encoding: _Loose, safe: bytearray) -> None:
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
        can_end = self._surely(reached, self.certain, safe)
        self.unproved = {
            place
            for place in self.order
            if can_end[place] != reached[place]
            and reached[place] & ~can_end[place] != self.diagrams.none
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

    def _surely(self, within: list[Node], used: bytearray, safe: bytearray) -> list[Node]:
        """Return for each place who of `within` can end, whatever is loose.

        Who is `within` and never comes there may be told to end where it is safe: of those nothing is said.
        """
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
                if (
                    used[number]
                    and source != NOWHERE
                    and not queued[source]
                    and can_end[source] != within[source]
                ):
                    queued[source] = 1
                    heapq.heappush(waiting, -self.rank[source])

        for place in self.order:
            if self.model.ending[place] or safe[place]:
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
