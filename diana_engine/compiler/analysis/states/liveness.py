"""What can still matter at each place, found backwards from what is asked.

Where ``gold >= 5`` lies behind ``gold += 2``, it asks here for 3. So each place gets the flags that some way on may
still ask for, and for each counter the cuts: between which values something may yet depend on it. Two states that no cut
tells apart behave alike for ever. Where earning and spending in a loop would ask for ever more of a counter without a
declared end, its cuts stop at the artificial one, and the place is named in `truncated`.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple, assert_never

from diana_engine.compiler.analysis.states.forward import Abstract
from diana_engine.compiler.analysis.states.model import (
    LIMIT,
    NOWHERE,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Edge,
    Guard,
    Never,
)

__all__ = ["Liveness"]

Cuts = dict[int, int]
"""For each slot of a counter its cuts, as bits: bit `i` stands for `low + i`."""
_NO_CUTS: Cuts = {}


class _Step(NamedTuple):
    """How an edge brings back what matters at its target: which flags it leaves alone, and what it does to counters."""

    kept: int
    counters: dict[int, tuple[int, int, int]]
    loose: frozenset[int]


class Liveness:
    """For each place the slots of flags that matter, as bits of `live`, and `cuts`.

    `low` and `high` are the ends of each slot of a counter. What is certain of all who come to a place, as
    `abstract` has it, does not matter there.
    """

    def __init__(self, abstract: Abstract) -> None:
        self.abstract = abstract
        self.model, self.windows = abstract.model, abstract.windows
        places = len(self.model.places)
        self.live = [0] * places
        self.cuts: list[Cuts] = [_NO_CUTS] * places
        self.truncated: dict[int, set[int]] = {}
        self._ends()
        self._atoms: dict[Guard, frozenset[tuple[int, int]]] = {}
        self._steps: dict[int, _Step | None] = {}
        self._run()
        self._forget_certain()

    def range(self, place: int, slot: int) -> tuple[int, int]:
        """Return what the counter in `slot` can be at `place`."""
        state = self.abstract.at[place]
        if state is None:
            return self.low[slot], self.high[slot]
        low, high = state[2][slot]
        return max(low, self.low[slot]), min(high, self.high[slot])

    def slot_of(self, variable: int, block: int) -> int:
        """Return the slot of a variable in a block, or `NOWHERE` where it has its initial value for certain."""
        return self.windows.slot[variable] if self.windows.open_in(variable, block) else NOWHERE

    # Ends -----------------------------------------------------------------------------------------------------------

    def _ends(self) -> None:
        windows = self.windows
        low = [LIMIT] * windows.counters
        high = [-LIMIT] * windows.counters
        for ranges in {state[2] for state in self.abstract.at if state is not None}:
            for slot, (least, most) in enumerate(ranges):
                low[slot] = min(low[slot], least)
                high[slot] = max(high[slot], most)
        declared_low = [LIMIT] * windows.counters
        declared_high = [-LIMIT] * windows.counters
        self.capped = [False] * windows.counters
        for variable, one in enumerate(self.model.variables):
            slot = windows.slot[variable]
            if slot != NOWHERE and not windows.is_flag[variable]:
                declared_low[slot] = min(declared_low[slot], one.low)
                declared_high[slot] = max(declared_high[slot], one.high)
                self.capped[slot] |= one.capped
        self.low = [max(*pair) for pair in zip(low, declared_low, strict=True)]
        self.high = [min(*pair) for pair in zip(high, declared_high, strict=True)]
        self._full = [
            ((1 << (most - least + 1)) - 1) & ~1 if most > least else 0
            for least, most in zip(self.low, self.high, strict=True)
        ]

    # Backwards ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        order, edges = self.windows.order, self.model.edges
        rank = [NOWHERE] * len(self.live)
        for number, place in enumerate(order):
            rank[place] = -number
            self.live[place], self.cuts[place] = self._asked(place)
        waiting = [rank[place] for place in order]
        heapq.heapify(waiting)
        queued = bytearray(len(self.live))
        for place in order:
            queued[place] = 1
        out, inn, ending, taken = (
            self.model.out,
            self.model.inn,
            self.model.ending,
            self.abstract.taken,
        )
        while waiting:
            place = order[-heapq.heappop(waiting)]
            queued[place] = 0
            if ending[place] or not self._grown(place, out[place]):
                continue
            for number in inn[place]:
                source = edges[number].source
                if taken[number] and source != NOWHERE and not queued[source]:
                    queued[source] = 1
                    heapq.heappush(waiting, rank[source])

    def _grown(self, place: int, out: list[int]) -> bool:
        """Take over what matters behind the edges of a place; return whether those before it must know of it."""
        live, cuts = self.live[place], dict(self.cuts[place])
        edges, taken = self.model.edges, self.abstract.taken
        for number in out:
            if not taken[number]:
                continue
            edge = edges[number]
            behind, cut = self.live[edge.target], self.cuts[edge.target]
            if not behind and not cut:
                continue
            step = self._step(number, edge)
            if step is None:
                live |= behind
                for slot, mask in cut.items():
                    cuts[slot] = cuts.get(slot, 0) | mask
                continue
            live |= behind & step.kept
            for slot, mask in cut.items():
                if slot not in step.loose:
                    before = self._shifted(place, slot, mask, step.counters.get(slot))
                    if before:
                        cuts[slot] = cuts.get(slot, 0) | before
        if live == self.live[place] and cuts == self.cuts[place]:
            return False
        self.live[place], self.cuts[place] = live, cuts
        return True

    def _shifted(
        self, place: int, slot: int, mask: int, change: tuple[int, int, int] | None
    ) -> int:
        """Return the cuts before a change for those after it: a cut at or below its least or above its most is none."""
        if change is None:
            return mask
        k, least, most = change
        low, high = self.low[slot], self.high[slot]
        drop = max(0, min(least - low, high - low) + 1)
        mask = (mask >> drop) << drop
        if most < high:
            mask &= (1 << max(0, most - low + 1)) - 1
        if not mask:
            return 0
        # A long way up, all cuts are out of reach; a shift by so much would only cost memory.
        moved = mask >> k if k >= 0 else mask << min(-k, high - low + 1)
        if self.capped[slot]:
            moved |= self._at_the_ends(place, slot, mask, moved, k)
        return moved & self._full[slot]

    def _at_the_ends(self, place: int, slot: int, mask: int, moved: int, k: int) -> int:
        """Return a cut for those who come to an artificial end, where more than that end is asked for."""
        found = 0
        if moved & ~(self._full[slot] | 1):
            found |= 1 << (self.high[slot] - self.low[slot])
        if self.low[slot] < 0 and k > 0 and mask & ((1 << k) - 1):
            found |= 2
        if found:
            self.truncated.setdefault(place, set()).add(slot)
        return found

    def _step(self, number: int, edge: Edge) -> _Step | None:
        if number not in self._steps:
            effect = self.abstract.slots.effect(edge)
            self._steps[number] = (
                None
                if effect is None
                else _Step(
                    ~(effect.set | effect.clear | effect.loose),
                    {slot: (k, least, most) for slot, k, least, most in effect.counters},
                    frozenset(slot for slot, _, _ in effect.loose_counters),
                )
            )
        return self._steps[number]

    # What is asked --------------------------------------------------------------------------------------------------

    def _asked(self, place: int) -> tuple[int, Cuts]:
        """Return what the guards at a place ask for."""
        model = self.model
        live, cuts = 0, _NO_CUTS
        guards = {model.edges[n].guard for n in model.out[place] if self.abstract.taken[n]}
        for number in model.options_of[place]:
            guards |= {model.options[number].open, model.options[number].sure}
        block = self.windows.block[place]
        for guard in guards:
            for variable, bound in self.atoms_of(guard):
                slot = self.slot_of(variable, block)
                if slot == NOWHERE:
                    continue
                if self.windows.is_flag[variable]:
                    live |= 1 << slot
                elif self.low[slot] < bound <= self.high[slot]:
                    cuts = cuts or {}
                    cuts[slot] = cuts.get(slot, 0) | 1 << (bound - self.low[slot])
                elif self.capped[slot]:
                    self.truncated.setdefault(place, set()).add(slot)
                    cuts = cuts or {}
                    cuts[slot] = cuts.get(slot, 0) | 2 | 1 << (self.high[slot] - self.low[slot])
        return live, cuts

    def atoms_of(self, guard: Guard) -> frozenset[tuple[int, int]]:
        """Return the comparisons that a guard is made of."""
        match guard:
            case Always() | Never():
                return frozenset()
            case AtLeast(variable, bound) | Below(variable, bound):
                return frozenset([(variable, bound)])
            case AllOf(parts) | AnyOf(parts):
                found = self._atoms.get(guard)
                if found is None:
                    found = self._atoms[guard] = frozenset().union(
                        *[self.atoms_of(part) for part in parts]
                    )
                return found
            case _:
                assert_never(guard)

    def _forget_certain(self) -> None:
        """Drop what is the same for all who come to a place."""
        for place in self.windows.order:
            state = self.abstract.at[place]
            if state is None:
                continue
            may_set, may_clear, _ = state
            self.live[place] &= may_set & may_clear
            cuts = self.cuts[place]
            if cuts:
                self.cuts[place] = {
                    slot: kept
                    for slot, mask in cuts.items()
                    if (kept := mask & self._between(slot, *self.range(place, slot)))
                }

    def _between(self, slot: int, low: int, high: int) -> int:
        """Return the cuts that tell apart values from `low` to `high`."""
        base = self.low[slot]
        return (1 << max(0, high - base + 1)) - (1 << max(0, low - base + 1)) if high > low else 0
