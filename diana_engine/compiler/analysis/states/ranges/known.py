"""What can be known of a player without telling players apart: for each flag which values it may have, for each counter a range.

A state of knowledge is two masks of bits, the flags that may be set and those that may be clear, and the counters'
ranges. It stands in the slots of `windows`. Guards and changes are written in slots once, so that the same step from
place to place is a few operations on whole masks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, assert_never

from diana_engine.compiler.analysis.states.graph.model import (
    LIMIT,
    NOWHERE,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Change,
    Edge,
    Guard,
    Model,
    Never,
    Variable,
)
from diana_engine.compiler.analysis.states.graph.model import changed as changed_value
from diana_engine.compiler.analysis.states.reductions.windows import Windows

__all__ = [
    "NOTHING",
    "Effect",
    "InSlots",
    "Need",
    "State",
    "beginning",
    "changed",
    "joined",
    "refined",
]

_LONGEST = 4_096
"""How many atoms a guard may have that is written out."""

_Range = tuple[int, int]
State = tuple[int, int, tuple[_Range, ...]]
"""The flags that may be set, those that may be clear, the ranges of the counters."""


class Need(NamedTuple):
    """What a guard asks for, in slots: flags set, flags clear, ranges, and of each `either` one at least."""

    set: int
    clear: int
    ranges: tuple[tuple[int, int, int], ...]
    either: tuple[tuple[Need, ...], ...]


class Effect(NamedTuple):
    """What a move does, in slots: the flags it sets, those it clears, and the counters' changes.

    Then what it may do to flags and counters that nothing is known of afterwards.
    """

    set: int
    clear: int
    counters: tuple[tuple[int, int, int, int], ...]
    loose: int = 0
    loose_counters: tuple[tuple[int, int, int], ...] = ()


NOTHING = Need(0, 0, (), ())


def refined(state: State, need: Need) -> State | None:
    """Return what is known of those players of `state` who meet `need`; `None` if none does."""
    may_set, may_clear, ranges = state
    if need.set & ~may_set or need.clear & ~may_clear:
        return None
    may_clear &= ~need.set
    may_set &= ~need.clear
    if need.ranges:
        narrowed = _narrowed(ranges, need.ranges)
        if narrowed is None:
            return None
        ranges = _with(ranges, narrowed)
    found: State | None = (may_set, may_clear, ranges)
    for alternatives in need.either:
        assert found is not None
        found = _any_of(found, alternatives)
        if found is None:
            return None
    return found


def _narrowed(
    ranges: Sequence[_Range], asked: Iterable[tuple[int, int, int]]
) -> dict[int, _Range] | None:
    """Return the ranges that become narrower where those are asked for; `None` if one of them cannot be."""
    found: dict[int, _Range] = {}
    for slot, low, high in asked:
        known_low, known_high = found[slot] if slot in found else ranges[slot]
        if low <= known_low and known_high <= high:
            continue
        if low > known_high or known_low > high:
            return None
        found[slot] = (max(low, known_low), min(high, known_high))
    return found


def _with(ranges: tuple[_Range, ...], narrowed: Mapping[int, _Range]) -> tuple[_Range, ...]:
    if not narrowed:
        return ranges
    found = list(ranges)
    for slot, one in narrowed.items():
        found[slot] = one
    return tuple(found)


def _any_of(state: State, alternatives: Sequence[Need]) -> State | None:
    """Return what is known of those players of `state` who meet one of `alternatives` at least.

    One number beside another has hundreds of them, which narrow two ranges each: only what all of them narrow is.
    """
    may_set, may_clear, ranges = state
    some_set = some_clear = 0
    hull: dict[int, _Range] | None = None
    # Those at the ends mostly leave nothing that all of them narrow, and then the others need not be looked at.
    for one in (alternatives[0], *alternatives[:0:-1]):
        met = _met(state, one)
        if met is None:
            continue
        some_set, some_clear = some_set | met[0], some_clear | met[1]
        hull = met[2] if hull is None else _hulls(hull, met[2])
        if not hull and some_set == may_set and some_clear == may_clear:
            return state
    return None if hull is None else (some_set, some_clear, _with(ranges, hull))


def _met(state: State, need: Need) -> tuple[int, int, dict[int, _Range]] | None:
    """Return the same as `refined`, but of the ranges only those that become narrower."""
    may_set, may_clear, ranges = state
    if need.either:
        found = refined(state, need)
        if found is None:
            return None
        pairs = enumerate(zip(ranges, found[2], strict=True))
        return found[0], found[1], {slot: new for slot, (old, new) in pairs if old != new}
    if need.set & ~may_set or need.clear & ~may_clear:
        return None
    narrowed = _narrowed(ranges, need.ranges)
    return None if narrowed is None else (may_set & ~need.clear, may_clear & ~need.set, narrowed)


def _hulls(one: Mapping[int, _Range], other: Mapping[int, _Range]) -> dict[int, _Range]:
    """Return the hulls of the ranges that are narrower in both."""
    return {slot: _hull(known, other[slot]) for slot, known in one.items() if slot in other}


def joined(one: State, other: State) -> State:
    """Return what is known of players who are in `one` or in `other`."""
    ranges = one[2]
    if ranges is not other[2] and ranges != other[2]:
        pairs = zip(ranges, other[2], strict=True)
        ranges = tuple([left if left == right else _hull(left, right) for left, right in pairs])
    return one[0] | other[0], one[1] | other[1], ranges


def _hull(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Return the range of all that is in one of two ranges; one of the two itself, where that will do."""
    if one[0] <= other[0]:
        return one if one[1] >= other[1] else other if one[0] == other[0] else (one[0], other[1])
    return other if other[1] >= one[1] else (other[0], one[1])


def changed(state: State, effect: Effect) -> State:
    """Return what is known of the players of `state` after the move."""
    may_set, may_clear, ranges = state
    may_set = (may_set | effect.set) & ~effect.clear
    may_clear = (may_clear | effect.clear) & ~effect.set
    if effect.counters or effect.loose_counters:
        moved = list(ranges)
        for slot, add, least, most in effect.counters:
            low, high = moved[slot]
            moved[slot] = (
                max(least, min(most, low + add)),
                max(least, min(most, high + add)),
            )
        for slot, least, most in effect.loose_counters:
            moved[slot] = (least, most)
        ranges = tuple(moved)
    return may_set | effect.loose, may_clear | effect.loose, ranges


class InSlots:
    """Writes guards and changes of a model in the slots of its windows."""

    def __init__(self, model: Model, windows: Windows) -> None:
        self.variables, self.windows = model.variables, windows
        self._edges = model.edges
        self._lengths: dict[Guard, int] = {}
        self._effects: dict[int, Effect | None] = {}

    def need(self, guard: Guard, block: int, *, met: bool = True) -> Need | None:
        """Return what players in `block` need to meet `guard`, or not to; `None` if nobody can.

        It may ask for less than the guard: of a guard that would be too long, written out, it asks nothing.
        """
        return NOTHING if self._length(guard) > _LONGEST else self._need(guard, block, met)

    def _need(self, guard: Guard, block: int, met: bool) -> Need | None:
        match guard:
            case Always():
                return NOTHING if met else None
            case Never():
                return None if met else NOTHING
            case AtLeast(variable, bound):
                ends = (bound, LIMIT) if met else (-LIMIT, bound - 1)
                return self._within(variable, *ends, block)
            case Below(variable, bound):
                ends = (-LIMIT, bound - 1) if met else (bound, LIMIT)
                return self._within(variable, *ends, block)
            case AllOf(guards):
                needs = (self._need(one, block, met) for one in guards)
                return _every(needs) if met else _some(needs)
            case AnyOf(guards):
                needs = (self._need(one, block, met) for one in guards)
                return _some(needs) if met else _every(needs)
            case _:
                assert_never(guard)

    def _within(self, variable: int, low: int, high: int, block: int) -> Need | None:
        windows = self.windows
        if not windows.open_in(variable, block):
            # Behind its window nothing is known of it.
            still = block < windows.first[variable]
            met = not still or low <= self.variables[variable].initial <= high
            return NOTHING if met else None
        slot = windows.slot[variable]
        if not windows.is_flag[variable]:
            return Need(0, 0, ((slot, low, high),), ())
        if low > 1 or high < 0:
            return None
        return Need(1 << slot if low == 1 else 0, 1 << slot if high == 0 else 0, (), ())

    def _length(self, guard: Guard) -> int:
        """Return how many parts `guard` has where none are shared."""
        match guard:
            case AllOf(guards) | AnyOf(guards):
                found = self._lengths.get(guard)
                if found is None:
                    found = self._lengths[guard] = sum(self._length(one) for one in guards)
                return found
            case _:
                return 1

    def effect(self, number: int) -> Effect | None:
        """Return what happens along an edge; `None` if nothing does that anybody asks for later."""
        if number not in self._effects:
            self._effects[number] = self._effect(self._edges[number])
        return self._effects[number]

    def _effect(self, edge: Edge) -> Effect | None:
        block = self.windows.block
        before = NOWHERE if edge.source == NOWHERE else block[edge.source]
        opened = self.windows.opened_between(before, block[edge.target])
        if not (edge.changes or edge.loose or opened):
            return None
        made = _Making(self.variables, self.windows)
        for variable in opened:
            made.begin(variable)
        for variable, change in edge.changes.items():
            if self.windows.open_in(variable, block[edge.target]):
                made.change(variable, change)
        for variable in edge.loose:
            if self.windows.open_in(variable, block[edge.target]):
                made.loosen(variable)
        return made.effect()


class _Making:
    """An effect as it is put together."""

    def __init__(self, variables: list[Variable], windows: Windows) -> None:
        self.variables, self.windows = variables, windows
        self.set = self.clear = self.loose = 0
        self.counters: dict[int, Change] = {}
        self.loose_counters: list[tuple[int, int, int]] = []

    def begin(self, variable: int) -> None:
        """Give the variable its initial value."""
        initial = self.variables[variable].initial
        slot = self.windows.slot[variable]
        if self.windows.is_flag[variable]:
            self._flag(1 << slot, initial)
        else:
            self.counters[slot] = (0, initial, initial)

    def change(self, variable: int, change: Change) -> None:
        """Change the variable."""
        slot = self.windows.slot[variable]
        if self.windows.is_flag[variable]:
            # Of visits nobody asks for more than one, they go on beyond it.
            low, high = min(1, changed_value(0, change)), min(1, changed_value(1, change))
            if low == high:
                self._flag(1 << slot, low)
            return
        first = self.counters.get(slot)
        if first is not None:
            # It has just begun, so it is known.
            value = changed_value(first[1], change)
            change = (0, value, value)
        self.counters[slot] = change

    def loosen(self, variable: int) -> None:
        """Let the variable have any value."""
        one, slot = self.variables[variable], self.windows.slot[variable]
        if self.windows.is_flag[variable]:
            self.loose |= 1 << slot
        else:
            ends = (-LIMIT, LIMIT) if one.capped else (one.low, one.high)
            self.loose_counters.append((slot, *ends))

    def effect(self) -> Effect | None:
        """Return the effect, if it does anything."""
        counters = tuple((slot, *change) for slot, change in self.counters.items())
        if not (self.set or self.clear or self.loose or counters or self.loose_counters):
            return None
        return Effect(self.set, self.clear, counters, self.loose, tuple(self.loose_counters))

    def _flag(self, bit: int, value: int) -> None:
        self.set = self.set | bit if value else self.set & ~bit
        self.clear = self.clear & ~bit if value else self.clear | bit


def _every(needs: Iterable[Need | None]) -> Need | None:
    """Return what those need who meet all of `needs`."""
    must_set, must_clear = 0, 0
    ranges: tuple[tuple[int, int, int], ...] = ()
    either: tuple[tuple[Need, ...], ...] = ()
    for one in needs:
        if one is None:
            return None
        must_set |= one.set
        must_clear |= one.clear
        ranges += one.ranges
        either += one.either
    if must_set & must_clear:
        return None
    if not (must_set or must_clear or ranges or either):
        return NOTHING
    return Need(must_set, must_clear, ranges, either)


def _some(needs: Iterable[Need | None]) -> Need | None:
    """Return what those need who meet at least one of `needs`."""
    met = [one for one in needs if one is not None]
    if not met:
        return None
    if any(one is NOTHING for one in met):
        return NOTHING
    return met[0] if len(met) == 1 else Need(0, 0, (), (tuple(met),))


def beginning(windows: Windows) -> State:
    """Return what is known before anything has happened; the first block's windows are yet to open."""
    return 0, 0, ((0, 0),) * windows.counters
