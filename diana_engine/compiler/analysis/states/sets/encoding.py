"""Places and edges of a model over decision diagrams.

A flag's slot is one bit; a counter's slot has some bits for its level (`levels`). An edge forgets bits, gives them, and
leads counters by a relation from their bits to others, which take their place then. What leads into a set is found by putting
for each bit what it was before, without products of sets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import (
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
from diana_engine.compiler.analysis.states.ranges.known import Effect
from diana_engine.compiler.analysis.states.ranges.liveness import Cuts, Liveness
from diana_engine.compiler.analysis.states.sets.arrangement import arranged
from diana_engine.compiler.analysis.states.sets.diagrams import Diagrams, Node
from diana_engine.compiler.analysis.states.sets.levels import Levels, bits

__all__ = ["Encoding", "Move"]

_STILL: Change = (0, -(1 << 62), 1 << 62)


@dataclass(frozen=True, slots=True)
class Move:
    """An edge over diagrams: who goes it, how counters are led, and which bits are forgotten, moved and given.

    `back` says for bits behind it what they were before, and `free` are those that may then be anything. Who is at its
    source goes it if in `may`, which differs from `who` only in what sets of states say nothing of.
    """

    who: Node
    may: Node
    forgotten: tuple[str, ...]
    relation: Node | None
    moved: dict[str, Node]
    given: Node | None
    back: dict[str, Node]
    free: tuple[str, ...]

    def is_idle(self, diagrams: Diagrams) -> bool:
        """Return whether everybody goes the edge, and stays as before."""
        changes = self.relation is not None or self.given is not None
        return not (changes or self.forgotten or self.free) and bool(self.who == diagrams.all)


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
        if move.may != self.diagrams.all:
            states = states & move.may
            if states == self.diagrams.none:
                return states
        if move.relation is not None:
            states = self.diagrams.some_of_both(move.forgotten, states, move.relation)
            states = self.diagrams.put(move.moved, states)
        elif move.forgotten:
            states = self.diagrams.some(move.forgotten, states)
        return states if move.given is None else states & move.given

    def preimage(self, move: Move, states: Node) -> Node:
        """Return whom the edge can lead into `states`."""
        if move.free:
            states = self.diagrams.some(move.free, states)
        if move.back:
            states = self.diagrams.put(move.back, states)
        return states & move.who

    def cuts_at(self, place: int) -> Cuts:
        """Return the cuts that matter at a place."""
        return self.liveness.cuts_at(place)

    def everywhere(self) -> tuple[int, Cuts]:
        """Return the slots of flags that matter somewhere, and all cuts that do."""
        return self.liveness.everywhere()

    def may(self, who: Node, _source: int) -> Node:
        """Return of those `who` go an edge what sets of states can say."""
        return who

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
        live, cuts = self.everywhere()
        self.levels = Levels(self.diagrams, cuts, self.liveness.low)
        # Wide counters first: of orders as good, one that begins with them is better.
        parts = [(False, slot) for slot in sorted(cuts, key=lambda slot: -cuts[slot].bit_count())]
        parts += [(True, slot) for slot in bits(live)]
        for is_flag, slot in arranged(self.liveness, dict.fromkeys(parts)):
            if is_flag:
                self.diagrams.declare([_flag(slot)])
            else:
                self.levels.declare(slot)

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
                        self.diagrams.spend(found)
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
            return self.levels.at_least(slot, cut)
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
        effect = self.liveness.abstract.slots.effect(number)
        self._flags(edge.source, edge.target, effect, making)
        self._counters(edge.source, edge.target, effect, making)
        diagrams = self.diagrams
        given = diagrams.cube(making.given) if making.given else None
        back: dict[str, Node] = {}
        for name, value in making.given.items():
            back[name] = diagrams.all if value else diagrams.none
        back |= making.back
        for constraint in making.constraints:
            given = constraint if given is None else given & constraint
        who = diagrams.all if edge.source == NOWHERE else self.guard(edge.guard, edge.source)
        forgotten, free = tuple(making.forgotten), tuple(making.free)
        may = self.may(who, edge.source)
        return Move(who, may, forgotten, making.relation, making.moved, given, back, free)

    def _flags(self, source: int, target: int, effect: Effect | None, making: _Making) -> None:
        before = self.liveness.live[source] if source != NOWHERE else 0
        after = self.liveness.live[target]
        given = effect.set | effect.clear if effect is not None else 0
        loose = effect.loose if effect is not None else 0
        for slot in bits(before & (given | loose | ~after)):
            making.forgotten.append(_flag(slot))
        for slot in bits(after & loose):
            making.free.append(_flag(slot))
        for slot in bits(after & (given | ~before) & ~loose):
            if given >> slot & 1:
                assert effect is not None
                making.given[_flag(slot)] = bool(effect.set >> slot & 1)
            else:
                known = source != NOWHERE and self._certain_flag(slot, source)
                assert known is not None, "a flag that matters later matters before"
                making.given[_flag(slot)] = known

    def _counters(self, source: int, target: int, effect: Effect | None, making: _Making) -> None:
        moves = effect is not None and (effect.counters or effect.loose_counters)
        if not moves and source != NOWHERE and self.liveness.has_same_cuts(source, target):
            return
        before = self.cuts_at(source) if source != NOWHERE else {}
        after = self.cuts_at(target)
        if not before and not after:
            return
        changes = {s: (k, a, b) for s, k, a, b in effect.counters} if effect is not None else {}
        loose = {slot for slot, _, _ in effect.loose_counters} if effect is not None else set()
        for slot in sorted(before.keys() | after.keys()):
            if slot not in after:
                making.forgotten += self.levels.names[slot]
            elif slot in loose:
                if slot in before:
                    making.forgotten += self.levels.names[slot]
                making.free += self.levels.names[slot]
                making.constraints.append(self.levels.some_of(slot, after[slot]))
            elif slot in changes or before.get(slot) != after[slot]:
                self._lead(slot, source, target, changes.get(slot, _STILL), making)

    def _lead(self, slot: int, source: int, target: int, change: Change, making: _Making) -> None:
        """Lead a counter from the levels of a place to those of another."""
        before, least = 0, self.liveness.low[slot]
        if source != NOWHERE:
            before = self.cuts_at(source).get(slot, 0)
            least, _ = self.liveness.range(source, slot)
        step = self.levels.step(slot, before, self.cuts_at(target)[slot], change, least)
        if before and (step.level is not None or step.relation is not None):
            making.forgotten += self.levels.names[slot]
        if step.level is not None:
            making.given.update(self.levels.given(slot, step.level))
        elif step.relation is not None:
            making.relate(step.relation)
            making.moved.update(self.levels.renamed(slot))
            making.back.update(step.back or {})


@dataclass(slots=True)
class _Making:
    """A move as it is put together."""

    forgotten: list[str] = field(default_factory=list)
    relation: Node | None = None
    moved: dict[str, Node] = field(default_factory=dict)
    given: dict[str, bool] = field(default_factory=dict)
    back: dict[str, Node] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    constraints: list[Node] = field(default_factory=list)

    def relate(self, relation: Node) -> None:
        """Lead one more counter."""
        self.relation = relation if self.relation is None else self.relation & relation


def _flag(slot: int) -> str:
    return f"f{slot}"
