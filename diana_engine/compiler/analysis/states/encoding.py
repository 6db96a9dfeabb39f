"""Places and edges of a model over decision diagrams.

A flag's slot is one bit; a counter's slot has a bit for each of its cuts, set where the value is at or above it. So an
addition moves bits, and what leads into a set is found by putting bits for bits, without products of sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import assert_never

from diana_engine.compiler.analysis.states.diagrams import Diagrams, Node
from diana_engine.compiler.analysis.states.known import Effect
from diana_engine.compiler.analysis.states.liveness import Liveness
from diana_engine.compiler.analysis.states.model import (
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

__all__ = ["Encoding", "Move"]

_STILL: Change = (0, -(1 << 62), 1 << 62)


@dataclass(frozen=True, slots=True)
class Move:
    """An edge over diagrams: who goes it, which bits are forgotten, moved and given, and how sets are brought back."""

    who: Node
    forgotten: tuple[str, ...]
    moved: dict[str, str]
    given: Node | None
    back: dict[str, Node]
    free: tuple[str, ...]

    def is_idle(self, diagrams: Diagrams) -> bool:
        """Return whether everybody goes the edge, and stays as before."""
        changes = self.forgotten or self.moved or self.given is not None or self.free
        return not changes and bool(self.who == diagrams.all)


class Encoding:
    """The places and edges of a model, as `liveness` has them, over `diagrams`."""

    def __init__(self, liveness: Liveness, diagrams: Diagrams) -> None:
        self.liveness, self.diagrams = liveness, diagrams
        self.model, self.windows = liveness.model, liveness.windows
        self._guards: dict[Guard, dict[tuple[object, ...], Node]] = {}
        self._moves: dict[int, Move] = {}
        self._declare()

    def move(self, number: int) -> Move:
        """Return an edge over diagrams."""
        found = self._moves.get(number)
        if found is None:
            found = self._moves[number] = self._made(number)
        return found

    def image(self, move: Move, states: Node) -> Node:
        """Return where the edge leads those of `states` who go it."""
        states = states & move.who
        if states == self.diagrams.none:
            return states
        if move.forgotten:
            states = self.diagrams.some(move.forgotten, states)
        if move.moved:
            states = self.diagrams.put(move.moved, states)
        return states if move.given is None else states & move.given

    def preimage(self, move: Move, states: Node) -> Node:
        """Return whom the edge can lead into `states`."""
        if move.free:
            states = self.diagrams.some(move.free, states)
        if move.back:
            states = self.diagrams.put(move.back, states)
        return states & move.who

    def begun(self, number: int) -> Node:
        """Return the states to which an edge leads with which plays begin."""
        return self.image(self.move(number), self.diagrams.all)

    def guard(self, guard: Guard, place: int) -> Node:
        """Return who at `place` meets a guard."""
        return self._guard(guard, place, {})

    def at_end(self, place: int, slot: int) -> Node:
        """Return who at `place` has a counter at one of its ends."""
        liveness = self.liveness
        low, high = liveness.low[slot], liveness.high[slot]
        top = self._counter(slot, high, place)
        return top | ~self._counter(slot, low + 1, place) if low < 0 else top

    # Bits -----------------------------------------------------------------------------------------------------------

    def _declare(self) -> None:
        live = 0
        cuts: dict[int, int] = {}
        for place in self.windows.order:
            live |= self.liveness.live[place]
            for slot, mask in self.liveness.cuts[place].items():
                cuts[slot] = cuts.get(slot, 0) | mask
        self.diagrams.declare(_flag(slot) for slot in _bits(live))
        for slot, mask in sorted(cuts.items()):
            self.diagrams.declare(_cut(slot, bit) for bit in _bits(mask))

    def _guard(self, guard: Guard, place: int, known: dict[Guard, Node]) -> Node:
        match guard:
            case Always():
                return self.diagrams.all
            case Never():
                return self.diagrams.none
            case AtLeast(variable, bound):
                return self._at_least(variable, bound, place)
            case Below(variable, bound):
                return ~self._at_least(variable, bound, place)
            case AllOf(parts) | AnyOf(parts):
                found = known.get(guard)
                if found is None:
                    every = isinstance(guard, AllOf)
                    found = self.diagrams.all if every else self.diagrams.none
                    for part in parts:
                        node = self._guard(part, place, known)
                        found = found & node if every else found | node
                    known[guard] = found
                return found
            case _:
                assert_never(guard)

    def _at_least(self, variable: int, bound: int, place: int) -> Node:
        slot = self.liveness.slot_of(variable, self.windows.block[place])
        if slot == NOWHERE:
            met = self.model.variables[variable].initial >= bound
            return self.diagrams.all if met else self.diagrams.none
        if not self.windows.is_flag[variable]:
            return self._counter(slot, bound, place)
        if bound <= 0:
            return self.diagrams.all
        return self._flag(slot, place) if bound == 1 else self.diagrams.none

    def _flag(self, slot: int, place: int) -> Node:
        known = self._certain_flag(slot, place)
        if known is None:
            return self.diagrams.bit(_flag(slot))
        return self.diagrams.all if known else self.diagrams.none

    def _certain_flag(self, slot: int, place: int) -> bool | None:
        state = self.liveness.abstract.at[place]
        assert state is not None, "nobody comes there"
        may_set, may_clear, _ = state
        if not may_clear >> slot & 1:
            return True
        return None if may_set >> slot & 1 else False

    def _counter(self, slot: int, cut: int, place: int) -> Node:
        known = self._certain_cut(slot, cut, place)
        if known is None:
            return self.diagrams.bit(_cut(slot, cut - self.liveness.low[slot]))
        return self.diagrams.all if known else self.diagrams.none

    def _certain_cut(self, slot: int, cut: int, place: int) -> bool | None:
        low, high = self.liveness.range(place, slot)
        if cut <= low:
            return True
        return False if cut > high else None

    # Edges ----------------------------------------------------------------------------------------------------------

    def _made(self, number: int) -> Move:
        edge = self.model.edges[number]
        making = _Making()
        effect = self.liveness.abstract.slots.effect(edge)
        self._flags(edge.source, edge.target, effect, making)
        self._counters(edge.source, edge.target, effect, making)
        diagrams = self.diagrams
        given = diagrams.cube(making.given) if making.given else None
        back: dict[str, Node] = {}
        for name, value in making.given.items():
            back[name] = diagrams.all if value else diagrams.none
        for before, after in making.moved.items():
            back[after] = diagrams.bit(before)
        for constraint in making.constraints:
            given = constraint if given is None else given & constraint
        who = diagrams.all if edge.source == NOWHERE else self.guard(edge.guard, edge.source)
        return Move(who, tuple(making.forgotten), making.moved, given, back, tuple(making.free))

    def _flags(self, source: int, target: int, effect: Effect | None, making: _Making) -> None:
        before = self.liveness.live[source] if source != NOWHERE else 0
        after = self.liveness.live[target]
        given = effect.set | effect.clear if effect is not None else 0
        loose = effect.loose if effect is not None else 0
        for slot in _bits(before & (given | loose | ~after)):
            making.forgotten.append(_flag(slot))
        for slot in _bits(after & loose):
            making.free.append(_flag(slot))
        for slot in _bits(after & (given | ~before) & ~loose):
            if given >> slot & 1:
                assert effect is not None
                making.given[_flag(slot)] = bool(effect.set >> slot & 1)
            else:
                known = source != NOWHERE and self._certain_flag(slot, source)
                assert known is not None, "a flag that matters later matters before"
                making.given[_flag(slot)] = known

    def _counters(self, source: int, target: int, effect: Effect | None, making: _Making) -> None:
        cuts_before = self.liveness.cuts[source] if source != NOWHERE else {}
        cuts_after = self.liveness.cuts[target]
        if not cuts_before and not cuts_after:
            return
        changes = {s: (k, a, b) for s, k, a, b in effect.counters} if effect is not None else {}
        loose = {slot for slot, _, _ in effect.loose_counters} if effect is not None else set()
        for slot in cuts_before.keys() | cuts_after.keys():
            if slot in loose:
                self._loosen(slot, target, making)
                used = 0
            else:
                used = self._shift(slot, source, target, changes.get(slot, _STILL), making)
            for bit in _bits(cuts_before.get(slot, 0) & ~used):
                making.forgotten.append(_cut(slot, bit))

    def _shift(self, slot: int, source: int, target: int, change: Change, making: _Making) -> int:
        """Move the bits of a counter by a change; return which of those before it were used."""
        k, least, most = change
        low = self.liveness.low[slot]
        used = 0
        for bit in _bits(self.liveness.cuts[target].get(slot, 0)):
            cut = low + bit
            known: bool | None
            if cut <= least:
                known = True
            elif cut > most:
                known = False
            else:
                known = self._certain_cut(slot, cut - k, source)
            if known is not None:
                making.given[_cut(slot, bit)] = known
                continue
            used |= 1 << (bit - k)
            if k:
                making.moved[_cut(slot, bit - k)] = _cut(slot, bit)
        return used

    def _loosen(self, slot: int, target: int, making: _Making) -> None:
        """Let a counter come to anything: of its bits, those below a set one are set."""
        bits = list(_bits(self.liveness.cuts[target].get(slot, 0)))
        making.free += [_cut(slot, bit) for bit in bits]
        for lower, upper in pairwise(bits):
            bit = self.diagrams.bit
            making.constraints.append(bit(_cut(slot, lower)) | ~bit(_cut(slot, upper)))


class _Making:
    """A move as it is put together."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.moved: dict[str, str] = {}
        self.given: dict[str, bool] = {}
        self.free: list[str] = []
        self.constraints: list[Node] = []


def _flag(slot: int) -> str:
    return f"f{slot}"


def _cut(slot: int, bit: int) -> str:
    return f"c{slot}_{bit}"


def _bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    while mask:
        lowest = mask & -mask
        mask ^= lowest
        yield lowest.bit_length() - 1
