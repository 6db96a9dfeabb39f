"""Counters as bits: between which of its cuts a counter is, as a number.

A cut is a value that something may depend on: states whose counters lie between the same cuts behave alike. The cuts that a
slot has anywhere in a story are numbered from 1, and the level of a counter is the highest cut of its place that it
has reached, or 0. Some sixty cuts are so six bits; what an addition makes of them is a relation between six bits and six more,
which is made once for all edges that add as much between the same cuts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diana_engine.compiler.analysis.states.graph.model import Change, changed
from diana_engine.compiler.analysis.states.sets.diagrams import Diagrams, Node, OverBudget

__all__ = ["Levels", "Step", "bits"]

_MOST = 1 << 16
"""How many cuts a counter may have; with more, nothing would be left of the budget but their relations."""


@dataclass(frozen=True, slots=True)
class Step:
    """How an edge moves a counter: to one level for all, or by a relation, whose `back` says what each bit was before.

    A counter that stays where it is has neither.
    """

    level: int | None = None
    relation: Node | None = None
    back: Mapping[str, Node] | None = None


_STAYS = Step()


class Levels:
    """The levels of counters over `diagrams`; `cuts` has the cuts of each slot as bits, where bit `i` stands for `low + i`.

    Raises:
        OverBudget: a counter has too many.
    """

    def __init__(self, diagrams: Diagrams, cuts: Mapping[int, int], low: Sequence[int]) -> None:
        self.diagrams, self._low = diagrams, low
        if any(mask.bit_count() > _MOST for mask in cuts.values()):
            raise OverBudget
        self._number = {
            slot: {bit: number for number, bit in enumerate(bits(mask), start=1)}
            for slot, mask in cuts.items()
        }
        self.names = {slot: _names("c", slot, mask.bit_count()) for slot, mask in cuts.items()}
        self._after = {slot: _names("d", slot, mask.bit_count()) for slot, mask in cuts.items()}
        self._cuts: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        self._among: dict[tuple[int, int, int], Node] = {}
        self._steps: dict[tuple[int, int, int, Change, int], Step] = {}
        self._renamed: dict[int, dict[str, Node]] = {}

    def declare(self, slot: int) -> None:
        """Take the bits of a counter into the order, those before and after an edge side by side."""
        for pair in zip(self.names[slot], self._after[slot], strict=True):
            self.diagrams.declare(pair)

    def at_least(self, slot: int, cut: int) -> Node:
        """Return where a counter has reached one of the cuts of its place."""
        number = self._number[slot].get(cut - self._low[slot], 0)
        return self._of(slot, self._full(slot) >> number << number)

    def some_of(self, slot: int, cuts: int) -> Node:
        """Return where a counter is at a level of a place with these cuts."""
        levels, _ = self._levels(slot, cuts)
        return self._of(slot, 1 | sum(1 << level for level in levels))

    def given(self, slot: int, level: int) -> Iterator[tuple[str, bool]]:
        """Yield the bits of a level."""
        names = self.names[slot]
        for place, name in enumerate(names):
            yield name, bool(level >> (len(names) - 1 - place) & 1)

    def renamed(self, slot: int) -> Mapping[str, Node]:
        """Return for each bit after an edge the bit that it becomes."""
        found = self._renamed.get(slot)
        if found is None:
            pairs = zip(self._after[slot], self.names[slot], strict=True)
            found = self._renamed[slot] = {after: self.diagrams.bit(name) for after, name in pairs}
        return found

    def step(self, slot: int, before: int, after: int, change: Change, least: int) -> Step:
        """Return how a change leads from a place with the cuts `before`, where the counter has `least`, to one with `after`."""
        key = (slot, before, after, change, least)
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._step(*key)
        return found

    def _step(self, slot: int, before: int, after: int, change: Change, least: int) -> Step:
        levels, cuts = self._levels(slot, before)
        levels_after, cuts_after = self._levels(slot, after)
        sources = [0, *levels]
        targets = []
        for value in (least, *cuts):
            reached = bisect_right(cuts_after, changed(value, change))
            targets.append(levels_after[reached - 1] if reached else 0)
        if min(targets) == max(targets):
            return Step(level=targets[0])
        if sources == targets:
            return _STAYS
        return self._related(slot, sources, targets)

    def _related(self, slot: int, sources: list[int], targets: list[int]) -> Step:
        """Return the step that leads from each of `sources` to the one of `targets` beside it."""
        names = self.names[slot]
        ends = [*sources[1:], 1 << len(names)]
        relation = self.diagrams.all
        back = {}
        for place, (name, after) in enumerate(zip(names, self._after[slot], strict=True)):
            bit = len(names) - 1 - place
            set_from = 0
            for source, end, target in zip(sources, ends, targets, strict=True):
                # What lies between two levels of the place never is; with the level below, relations are simpler.
                if target >> bit & 1:
                    set_from |= (1 << end) - (1 << source)
            back[name] = self._of(slot, set_from)
            relation &= self.diagrams.same(self.diagrams.bit(after), back[name])
        return Step(relation=relation, back=back)

    # Sets of levels -------------------------------------------------------------------------------------------------

    def _full(self, slot: int) -> int:
        return (1 << (1 << len(self.names[slot]))) - 1

    def _levels(self, slot: int, cuts: int) -> tuple[list[int], list[int]]:
        """Return the levels that these cuts are, and their values."""
        found = self._cuts.get((slot, cuts))
        if found is None:
            number, low = self._number[slot], self._low[slot]
            places = list(bits(cuts))
            found = [number[bit] for bit in places], [low + bit for bit in places]
            self._cuts[slot, cuts] = found
        return found

    def _of(self, slot: int, levels: int) -> Node:
        """Return where a counter is at one of these levels, as bits."""
        return self._below(slot, 0, levels)

    def _below(self, slot: int, place: int, levels: int) -> Node:
        """Return the same for the bits of a level from `place` on."""
        size = 1 << (len(self.names[slot]) - place)
        if levels in (0, (1 << size) - 1):
            return self.diagrams.all if levels else self.diagrams.none
        key = (slot, place, levels)
        found = self._among.get(key)
        if found is None:
            half = size >> 1
            bit = self.diagrams.bit(self.names[slot][place])
            low = self._below(slot, place + 1, levels & ((1 << half) - 1))
            high = self._below(slot, place + 1, levels >> half)
            found = self._among[key] = bit & high | ~bit & low
        return found


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    while mask:
        lowest = mask & -mask
        mask ^= lowest
        yield lowest.bit_length() - 1


def _names(kind: str, slot: int, cuts: int) -> tuple[str, ...]:
    """Return the bits of a counter, the highest first."""
    return tuple(f"{kind}{slot}_{bit}" for bit in reversed(range(cuts.bit_length())))
