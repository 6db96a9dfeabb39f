"""What can still matter at each place, found backwards from what is asked.

Where ``gold >= 5`` lies behind ``gold += 2``, it asks here for 3. So each place gets the flags that some way on may
still ask for, and for each counter the cuts: between which values something may yet depend on it. Two states that no cut
tells apart behave alike for ever. Where earning and spending in a loop would ask for ever more of a counter without a
declared end, its cuts stop at the artificial one, and the place is named in `truncated`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple, assert_never

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    LIMIT,
    NOWHERE,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Change,
    Guard,
    Never,
)
from diana_engine.compiler.analysis.states.ranges.forward import Abstract
from diana_engine.compiler.analysis.states.ranges.known import Effect

__all__ = ["NO_CUTS", "Cuts", "Liveness"]

Cuts = Mapping[int, int]
"""For each slot of a counter its cuts, as bits: bit `i` stands for `low + i`."""
NO_CUTS: Cuts = {}


class _Step(NamedTuple):
    """How an edge brings back what matters at its target: which bits it leaves alone, and what it does to counters."""

    kept: int
    counters: tuple[tuple[int, int, int, int], ...]


class Liveness:
    """For each place the slots of flags that matter, as bits of `live`, and the cuts of its counters.

    `low` and `high` are the ends of each slot of a counter. What is certain of all who come to a place, as
    `abstract` has it, does not matter there. While it is found out all of it is one number for each place: a bit for each
    slot of a flag, and behind them for each slot of a counter as many as it has cuts.
    """

    def __init__(self, abstract: Abstract) -> None:
        self.abstract = abstract
        self.model, self.windows = abstract.model, abstract.windows
        self.truncated: dict[int, set[int]] = {}
        self._ends()
        self._atoms: dict[Guard, frozenset[tuple[int, int]]] = {}
        self._steps: dict[int, _Step | None] = {}
        self._found = [0] * len(self.model.places)
        self._run()
        self._forget_certain()
        self.live = [found & self._flags for found in self._found]
        self._cuts: dict[int, Cuts] = {}

    def cuts_at(self, place: int) -> Cuts:
        """Return the cuts that matter at a place."""
        known = self._cuts.get(place)
        if known is None:
            found = self._found[place]
            known = self._cuts[place] = self._unpacked(found) if found > self._flags else NO_CUTS
        return known

    def has_same_cuts(self, place: int, other: int) -> bool:
        """Return whether the same cuts matter at two places."""
        return not (self._found[place] ^ self._found[other]) & ~self._flags

    def everywhere(self) -> tuple[int, Cuts]:
        """Return the slots of flags that matter somewhere, and all cuts that do."""
        found = reduce(or_, set(self._found), 0)
        return found & self._flags, self._unpacked(found)

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
        self._lay_out()

    def _lay_out(self) -> None:
        """Give each slot of a counter its bits, wide ones last: numbers are as long as their last bit."""
        begin = len(self.windows.owners) - self.windows.counters
        self._flags = (1 << begin) - 1
        self._begin = [0] * self.windows.counters
        for slot in sorted(range(self.windows.counters), key=lambda one: self._full[one]):
            self._begin[slot] = begin
            begin += self._full[slot].bit_length()

    def _unpacked(self, found: int) -> Cuts:
        pairs = zip(self._begin, self._full, strict=True)
        masks = (found >> begin & full for begin, full in pairs)
        return {slot: mask for slot, mask in enumerate(masks) if mask}

    # Backwards ------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        order, edges = self.windows.order, self.model.edges
        rank = [NOWHERE] * len(self._found)
        for number, place in enumerate(order):
            rank[place] = -number
            self._found[place] = self._asked(place)
        waiting = [rank[place] for place in order]
        heapq.heapify(waiting)
        queued = bytearray(len(self._found))
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
        found = self._found[place]
        edges, taken = self.model.edges, self.abstract.taken
        for number in out:
            behind = self._found[edges[number].target]
            if behind and taken[number]:
                step = self._step(number)
                found |= behind if step is None else self._before(place, step, behind)
        if found == self._found[place]:
            return False
        self._found[place] = found
        return True

    def _before(self, place: int, step: _Step, behind: int) -> int:
        """Return what matters before an edge, for what does behind it."""
        found = behind & step.kept
        for slot, k, least, most in step.counters:
            mask = behind >> self._begin[slot] & self._full[slot]
            if mask:
                found |= self._shifted(place, slot, mask, (k, least, most)) << self._begin[slot]
        return found

    def _shifted(self, place: int, slot: int, mask: int, change: Change) -> int:
        """Return the cuts before a change for those after it: a cut at or below its least or above its most is none."""
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

    def _step(self, number: int) -> _Step | None:
        if number not in self._steps:
            effect = self.abstract.slots.effect(number)
            self._steps[number] = None if effect is None else self._led(effect)
        return self._steps[number]

    def _led(self, effect: Effect) -> _Step:
        moved = effect.set | effect.clear | effect.loose
        for slot, *_ in (*effect.counters, *effect.loose_counters):
            moved |= self._full[slot] << self._begin[slot]
        loose = {slot for slot, _, _ in effect.loose_counters}
        return _Step(~moved, tuple(one for one in effect.counters if one[0] not in loose))

    # What is asked --------------------------------------------------------------------------------------------------

    def _asked(self, place: int) -> int:
        """Return what the guards at a place ask for."""
        model = self.model
        found = 0
        guards = {model.edges[n].guard for n in model.out[place] if self.abstract.taken[n]}
        for number in model.options_of[place]:
            _, _, opens, sure, _ = model.options[number]
            guards.add(opens)
            guards.add(sure)
        guards.discard(ALWAYS)
        block = self.windows.block[place]
        for guard in guards:
            for variable, bound in self.atoms_of(guard):
                slot = self.slot_of(variable, block)
                if slot == NOWHERE:
                    continue
                if self.windows.is_flag[variable]:
                    found |= 1 << slot
                else:
                    found |= self._cuts_of(place, slot, bound) << self._begin[slot]
        return found

    def _cuts_of(self, place: int, slot: int, bound: int) -> int:
        """Return the cuts for a counter that is compared with a bound."""
        low, high = self.low[slot], self.high[slot]
        if low < bound <= high:
            return 1 << (bound - low)
        if not self.capped[slot]:
            return 0
        self.truncated.setdefault(place, set()).add(slot)
        return (2 | 1 << (high - low)) & self._full[slot]

    def atoms_of(self, guard: Guard) -> frozenset[tuple[int, int]]:
        """Return the comparisons that a guard is made of."""
        found = self._atoms.get(guard)
        if found is None:
            match guard:
                case Always() | Never():
                    found = frozenset()
                case AtLeast(variable, bound) | Below(variable, bound):
                    found = frozenset([(variable, bound)])
                case AllOf(parts) | AnyOf(parts):
                    found = frozenset().union(*[self.atoms_of(part) for part in parts])
                case _:
                    assert_never(guard)
            self._atoms[guard] = found
        return found

    def _forget_certain(self) -> None:
        """Drop what is the same for all who come to a place."""
        counters = ~self._flags
        between: dict[int, int] = {}
        for place in self.windows.order:
            state = self.abstract.at[place]
            if state is None:
                continue
            may_set, may_clear, ranges = state
            kept = may_set & may_clear & self._flags
            if self._found[place] & counters:
                # Many places have what is known of counters in common, as one and the same.
                apart = between.get(id(ranges))
                if apart is None:
                    apart = between[id(ranges)] = self._between(ranges)
                kept |= apart
            self._found[place] &= kept

    def _between(self, ranges: Sequence[tuple[int, int]]) -> int:
        """Return the cuts that tell apart the values that counters may have."""
        found = 0
        for slot, (least, most) in enumerate(ranges):
            base, top, full = self.low[slot], self.high[slot], self._full[slot]
            if least > base or most < top:
                low, high = max(least, base), min(most, top)
                cuts = (1 << max(0, high - base + 1)) - (1 << max(0, low - base + 1))
                full = full & cuts if high > low else 0
            found |= full << self._begin[slot]
        return found
