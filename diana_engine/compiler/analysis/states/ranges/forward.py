"""What is known of all players at each place, by following the story forwards.

Every player who comes to a place is within what is known there: where nothing is known nobody comes, and a guard that
nobody within it meets is never met. So `no`, `never` and `always` of this layer are proofs; it proves no `yes`. It is
linear in practice: places are looked at in their order, and a range that keeps growing goes on to the next constant that
some guard asks for.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    LIMIT,
    NOWHERE,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Guard,
    Model,
    Never,
)
from diana_engine.compiler.analysis.states.ranges.known import (
    NOTHING,
    Effect,
    InSlots,
    Need,
    State,
    beginning,
    changed,
    joined,
    refined,
)
from diana_engine.compiler.analysis.states.reductions.windows import Windows, windows_of

__all__ = ["Abstract", "forward"]

_PATIENCE = 4
"""How often what is known of a place may grow before its ranges are widened."""


@dataclass(frozen=True, slots=True)
class Abstract:
    """What is known of all players at each place of `model`, and which edges somebody may take."""

    model: Model
    windows: Windows
    slots: InSlots
    at: list[State | None]
    taken: bytearray

    def reaches(self, place: int) -> bool:
        """Return whether somebody may come to `place`; if not, nobody does."""
        return self.at[place] is not None

    def possible(self, place: int, guard: Guard) -> bool:
        """Return whether somebody at `place` may meet `guard`; if not, nobody does."""
        return self._some(place, guard, met=True)

    def certain(self, place: int, guard: Guard) -> bool:
        """Return whether everybody who comes to `place` meets `guard`; true where nobody comes."""
        return not self._some(place, guard, met=False)

    def _some(self, place: int, guard: Guard, *, met: bool) -> bool:
        state = self.at[place]
        if state is None:
            return False
        if guard is ALWAYS:
            return met
        need = self.slots.need(guard, self.windows.block[place], met=met)
        return need is not None and (need is NOTHING or refined(state, need) is not None)

    def range(self, place: int, variable: int) -> tuple[int, int] | None:
        """Return the least and the most that `variable` can be at `place`, or `None` if nobody comes there.

        Nothing narrower than its declaration is known of a variable that nobody reads from `place` on. The most is
        `LIMIT` where a variable without a declared bound may grow for ever.
        """
        state, one = self.at[place], self.model.variables[variable]
        if state is None:
            return None
        windows, block = self.windows, self.windows.block[place]
        if windows.open_in(variable, block):
            return self.within(state, variable)
        if windows.first[variable] > block:
            return one.initial, one.initial
        return one.low, LIMIT if one.capped else one.high

    def within(self, state: State, variable: int) -> tuple[int, int]:
        """Return the least and the most that a variable can be in `state`, of a place in its window."""
        slot = self.windows.slot[variable]
        if not self.windows.is_flag[variable]:
            return state[2][slot]
        return 1 - (state[1] >> slot & 1), state[0] >> slot & 1


def forward(model: Model) -> Abstract:
    """Return what is known of all players at each place of `model`."""
    windows = windows_of(model)
    slots = InSlots(model, windows)
    return _Forward(model, windows, slots).run()


class _Forward:
    """The states of knowledge as they grow."""

    def __init__(self, model: Model, windows: Windows, slots: InSlots) -> None:
        self.model, self.windows, self.slots = model, windows, slots
        self.at: list[State | None] = [None] * len(model.places)
        self.taken = bytearray(len(model.edges))
        self.steps: dict[int, tuple[Need | None, Effect | None]] = {}
        self.grown: dict[int, int] = {}
        self.thresholds = _thresholds(model, windows)
        self.rank = [NOWHERE] * len(model.places)
        for number, place in enumerate(windows.order):
            self.rank[place] = number
        self.queued = bytearray(len(model.places))
        self.here = NOWHERE
        self.waiting: list[int] = []
        self.later: list[int] = []

    def run(self) -> Abstract:
        """Follow the story until nothing more becomes possible."""
        for number in self.model.beginnings:
            self._take(number, beginning(self.windows))
        out, ending, order = self.model.out, self.model.ending, self.windows.order
        while self.waiting or self.later:
            self._come_round()
            self.here = heapq.heappop(self.waiting)
            place = order[self.here]
            self.queued[place] = 0
            state = self.at[place]
            if state is not None and not ending[place]:
                for number in out[place]:
                    self._take(number, state)
        return Abstract(self.model, self.windows, self.slots, self.at, self.taken)

    def _come_round(self) -> None:
        """Go round a loop again before leaving it, but only once all of it was looked at.

        So what the rooms of a hub bring back is known together when the hub is looked at next.
        """
        block, order = self.windows.block, self.windows.order
        if self.later and (
            not self.waiting or block[order[self.waiting[0]]] != block[order[self.later[0]]]
        ):
            for rank in self.later:
                heapq.heappush(self.waiting, rank)
            self.later.clear()

    def _take(self, number: int, state: State) -> None:
        """Let those of `state` who can go along the edge do so."""
        step = self.steps.get(number)
        if step is None:
            step = self.steps[number] = self._step(number)
        need, effect = step
        if need is None:
            return
        if need is not NOTHING:
            met = refined(state, need)
            if met is None:
                return
            state = met
        self.taken[number] = 1
        if effect is not None:
            state = changed(state, effect)
        self._arrive(self.model.edges[number].target, state)

    def _step(self, number: int) -> tuple[Need | None, Effect | None]:
        edge, block = self.model.edges[number], self.windows.block
        before = NOWHERE if edge.source < 0 else block[edge.source]
        need = self.slots.need(edge.guard, before)
        return need, None if need is None else self.slots.effect(number)

    def _arrive(self, place: int, state: State) -> None:
        known = self.at[place]
        if known is not None:
            grown = joined(known, state)
            if grown == known:
                return
            times = self.grown[place] = self.grown.get(place, 0) + 1
            state = grown if times < _PATIENCE else self._widened(known, grown)
        self.at[place] = state
        if not self.queued[place]:
            self.queued[place] = 1
            rank = self.rank[place]
            if rank > self.here:
                heapq.heappush(self.waiting, rank)
            else:
                self.later.append(rank)

    def _widened(self, known: State, grown: State) -> State:
        """Return `grown` with each range that grew gone on to the next threshold."""
        ranges = list(grown[2])
        for slot, (old, new) in enumerate(zip(known[2], grown[2], strict=True)):
            if old != new:
                steps = self.thresholds[slot]
                low, high = new
                if low < old[0]:
                    low = steps[bisect_right(steps, low) - 1]
                if high > old[1]:
                    high = steps[bisect_left(steps, high)]
                ranges[slot] = (low, high)
        return grown[0], grown[1], tuple(ranges)


def _thresholds(model: Model, windows: Windows) -> list[list[int]]:
    """Return for each slot of a counter where its range may rest, from all that is asked of its variables."""
    found: list[set[int]] = [{-LIMIT, LIMIT} for _ in range(windows.counters)]

    def of(variable: int) -> set[int] | None:
        slot = windows.slot[variable]
        return None if slot == NOWHERE or windows.is_flag[variable] else found[slot]

    for variable, one in enumerate(model.variables):
        steps = of(variable)
        if steps is not None:
            steps |= {one.low, one.high, one.initial}
    if windows.counters:
        for variable, bound in _bounds(model):
            steps = of(variable)
            if steps is not None:
                steps |= {bound - 1, bound}
    return [sorted(steps) for steps in found]


def _bounds(model: Model) -> Iterator[tuple[int, int]]:
    """Yield every comparison of a variable; guards share parts, and each is looked at once."""
    waiting: list[Guard] = [edge.guard for edge in model.edges]
    for option in model.options:
        waiting += (option.open, option.sure)
    seen: set[Guard] = set()
    while waiting:
        guard = waiting.pop()
        if guard in seen:
            continue
        seen.add(guard)
        match guard:
            case AtLeast(variable, bound) | Below(variable, bound):
                yield variable, bound
            case AllOf(guards) | AnyOf(guards):
                waiting += guards
            case Always() | Never():
                pass
            case _:
                assert_never(guard)
