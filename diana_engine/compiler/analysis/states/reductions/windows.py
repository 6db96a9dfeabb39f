"""When each variable matters on the way through a story, so that few slots do for many variables.

What loops join is one block, and blocks are only ever left forwards. A variable has its initial value until the first
block where something changes it, and nobody asks for it behind the last block that reads it: between the two is its
window. Variables with windows apart share a slot, so that a thousand chapters of twenty flags each need twenty bits and
not twenty thousand.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from diana_engine.compiler.analysis.states.graph.loops import components, in_order
from diana_engine.compiler.analysis.states.graph.model import (
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
from diana_engine.compiler.analysis.states.reductions.alike import alike

__all__ = ["Windows", "windows_of"]


@dataclass(frozen=True, slots=True)
class Windows:
    """The order of a model's places, its blocks, and where each variable has which slot.

    `order` holds the places that the graph leads to, a block after the other; `block` is `NOWHERE` for other places.
    `slot` is `NOWHERE` for a variable that is never changed before it is read. `counters` is how many slots
    are not those of flags.
    """

    order: list[int]
    block: list[int]
    first: list[int]
    last: list[int]
    slot: list[int]
    is_flag: bytearray
    counters: int
    openings: list[tuple[int, int]]
    """Each block in which a variable takes over a slot, with the variable, the first block first."""
    owners: list[list[tuple[int, int]]]
    """The same for each slot, those of flags first, then those of counters."""
    opened: list[int]
    """How many windows open up to and including each block."""

    def open_in(self, variable: int, block: int) -> bool:
        """Return whether `block` lies in the window of `variable`."""
        return (
            self.slot[variable] != NOWHERE and self.first[variable] <= block <= self.last[variable]
        )

    def opened_between(self, before: int, block: int) -> Sequence[int]:
        """Return the variables that take over a slot behind the block `before`, up to `block`; the last one has it."""
        start, end = self.opened[before] if before != NOWHERE else 0, self.opened[block]
        if start == end:
            return ()
        if end - start <= len(self.owners):
            return [variable for _, variable in self.openings[start:end]]
        return list(self._last_opened(before, block))

    def _last_opened(self, before: int, block: int) -> Iterator[int]:
        for owners in self.owners:
            at = bisect_right(owners, (block, len(self.slot))) - 1
            if at >= 0 and owners[at][0] > before:
                yield owners[at][1]


def windows_of(model: Model) -> Windows:
    """Return when each variable of `model` matters."""
    order = in_order(model)
    block = components(model, order)
    order.sort(key=block.__getitem__)
    first, last = _first_changes(model, block), _last_reads(model, block)
    is_flag = bytearray(one.low == 0 and one.high == 1 for one in model.variables)
    slot = [NOWHERE] * len(model.variables)
    owners: list[list[tuple[int, int]]] = []
    counters = 0
    twins = _joined(model, is_flag, first, last)
    for kind in (1, 0):
        used = [
            v
            for v in range(len(slot))
            if is_flag[v] == kind and first[v] <= last[v] and v not in twins
        ]
        found = _shared(used, first, last)
        for number, taking in enumerate(found):
            for _, variable in taking:
                slot[variable] = number
        owners += found
        counters = len(found)
    for variable, other in twins.items():
        slot[variable] = slot[other]
    openings = sorted(taking for each in owners for taking in each)
    opened = [0] * (max(block, default=NOWHERE) + 1)
    for at, _ in openings:
        opened[at] += 1
    opened = list(accumulate(opened))
    return Windows(order, block, first, last, slot, is_flag, counters, openings, owners, opened)


def _joined(model: Model, is_flag: bytearray, first: list[int], last: list[int]) -> dict[int, int]:
    """Return for flags the first of those they are always the same as, and let all of them be read where one is."""
    found: dict[int, int] = {}
    asked = (v for v, flag in enumerate(is_flag) if flag and first[v] <= last[v])
    for group in alike(model, asked):
        reads = max(last[variable] for variable in group)
        for variable in group:
            last[variable] = reads
        found.update(dict.fromkeys(group[1:], group[0]))
    return found


def _first_changes(model: Model, block: list[int]) -> list[int]:
    """Return for each variable the first block whose places are entered with a change of it."""
    first = [len(model.places)] * len(model.variables)
    for edge in model.edges:
        if edge.changes or edge.loose:
            here = block[edge.target]
            if here != NOWHERE:
                for variable in (*edge.changes, *edge.loose):
                    first[variable] = min(first[variable], here)
    return first


def _last_reads(model: Model, block: list[int]) -> list[int]:
    """Return for each variable the last block in which something asks for it."""
    last = [NOWHERE] * len(model.variables)
    read: dict[Guard, frozenset[int]] = {}
    asked = [(edge.guard, edge.source) for edge in model.edges if edge.source != NOWHERE]
    for option in model.options:
        asked += ((option.open, option.place), (option.sure, option.place))
    for guard, place in asked:
        for variable in _read(guard, read):
            last[variable] = max(last[variable], block[place])
    return last


_NOTHING: frozenset[int] = frozenset()


def _read(guard: Guard, known: dict[Guard, frozenset[int]]) -> frozenset[int]:
    """Return the variables that `guard` asks for; guards share parts, so `known` keeps what was found."""
    found = known.get(guard)
    if found is None:
        match guard:
            case Always() | Never():
                found = _NOTHING
            case AtLeast(variable, _) | Below(variable, _):
                found = frozenset((variable,))
            case AllOf(guards) | AnyOf(guards):
                found = _NOTHING.union(*(_read(one, known) for one in guards))
        known[guard] = found
    return found


def _shared(variables: list[int], first: list[int], last: list[int]) -> list[list[tuple[int, int]]]:
    """Return for each slot the variables that have it in turn, each with the block in which it takes it over."""
    owners: list[list[tuple[int, int]]] = []
    taken: list[tuple[int, int]] = []
    for variable in sorted(variables, key=lambda v: (first[v], v)):
        if taken and taken[0][0] < first[variable]:
            slot = heapq.heappop(taken)[1]
        else:
            slot = len(owners)
            owners.append([])
        owners[slot].append((first[variable], variable))
        heapq.heappush(taken, (last[variable], slot))
    return owners
