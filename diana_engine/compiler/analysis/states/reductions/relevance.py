"""What can still matter to a player who stands in a fragment, found backwards from what is read.

`a gold >= 5` that lies behind `gold += 2` asks here for 3. So every fragment gets the cuts of `cuts` that some way on
from it may still ask for, and two states that no cut tells apart behave alike for ever. Where spending and earning in
a loop would ask for ever more of a number without a declared `max`, its cuts stop at an artificial cap, and the slot
is named in `capped`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from diana_engine.compiler.analysis.states.reductions.cuts import (
    EVERY,
    Cuts,
    Slot,
    join,
    read_by,
    read_in,
    span,
)
from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    AddTo,
    Assign,
    Effect,
    Emit,
    FragmentId,
    Give,
    GrantVip,
    ItemId,
    Number,
    Requirement,
    SetFlag,
    SetWord,
    StartMission,
    Take,
    Unlock,
    VariableId,
)
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import (
    Call,
    Choice,
    Choices,
    Deck,
    Flag,
    Fragment,
    Next,
    OneOf,
    Points,
    Program,
    WholeNumber,
    Words,
)

__all__ = ["Relevance", "bounds", "gates", "relevance", "targets"]

_UNORDERED = 2 * NUMBER_LIMIT

_BEYOND = 64
"""How far past the largest constant of a story a number without a bound is followed."""
_PATIENCE = 40
"""How often the cuts of a fragment may grow before they are taken to grow without end."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """The cuts that matter on arriving in a fragment's `at`, and the slots whose cuts had to stop at a cap."""

    at: dict[FragmentId, Cuts]
    capped: frozenset[Slot]


def relevance(program: Program) -> Relevance:
    """Return what matters where in `program`."""
    return _Backwards(program).run()


class _Backwards:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.at: dict[FragmentId, Cuts] = {id: {} for id in program.fragments}
        self.before = {id: set[FragmentId]() for id in program.fragments}
        for id, fragment in program.fragments.items():
            for to in targets(fragment, program):
                self.before[to].add(id)
        self.grown = dict.fromkeys(program.fragments, 0)
        self.capped: set[Slot] = set()
        self.cap = self._largest() + _BEYOND

    def run(self) -> Relevance:
        waiting: deque[FragmentId] = deque(reversed(tuple(self.program.fragments)))
        queued = set(waiting)
        while waiting:
            id = waiting.popleft()
            queued.discard(id)
            found = self._found(self.program.fragments[id])
            join(found, self.at[id])
            if found == self.at[id]:
                continue
            self.grown[id] += 1
            if self.grown[id] > _PATIENCE:
                found = self._widened(found, self.at[id])
            self.at[id] = found
            fresh = sorted(self.before[id] - queued)
            waiting.extend(fresh)
            queued.update(fresh)
        return Relevance(self.at, frozenset(self.capped))

    def _found(self, fragment: Fragment) -> Cuts:
        found: Cuts = {}
        match fragment.exit:
            case Choices(choices):
                for choice in choices:
                    join(found, self._before_choice(choice))
            case Next(branches):
                for branch in branches:
                    join(found, self._before_arrival(branch.to))
                    join(found, self._read(branch.requires))
            case _:
                pass
        return self._clipped(found)

    def _before_choice(self, choice: Choice) -> Cuts:
        needs = self._before_effects(choice.effects, self._before_arrival(choice.to), refusing=True)
        if choice.cost is not None:
            slot: Slot = ("value", choice.cost.points)
            _shift(needs, slot, -choice.cost.amount, -choice.cost.amount)
            join(needs, {slot: (choice.cost.amount, choice.cost.amount)})
        needs.pop(("chosen", choice.key), None)
        if choice.once:
            needs["chosen", choice.key] = (1, 1)
        join(needs, self._read(choice.requires))
        return needs

    def _before_arrival(self, id: FragmentId) -> Cuts:
        """Return what matters to who is about to come to the fragment, whose gate may send on."""
        needs: Cuts = {}
        for fragment in gates(self.program, id):
            entered = self._before_effects(fragment.on_enter, dict(self.at[fragment.id]))
            _shift(entered, ("visits", fragment.id), 1, 1)
            join(needs, entered)
            if fragment.gate is not None:
                join(needs, self._read(fragment.gate.requires))
        return self._clipped(needs)

    def _read(self, requirement: Requirement | None) -> Cuts:
        return {} if requirement is None else read_by(requirement, self.program.conditions)

    def _before_effects(
        self, effects: tuple[Effect, ...], needs: Cuts, *, refusing: bool = False
    ) -> Cuts:
        """Return what matters before `effects`, if `needs` does after them; a choice is refused where one falls short."""
        for effect in reversed(effects):
            match effect:
                case AddTo(variable, amount):
                    self._before_number(variable, amount, needs, adds=True, refusing=refusing)
                case Assign(variable, value):
                    self._before_number(variable, value, needs, adds=False, refusing=refusing)
                case SetFlag(variable) | SetWord(variable):
                    needs.pop(("value", variable), None)
                case Give(item):
                    _shift(needs, ("item", item), 1, 1)
                case Take(item):
                    _shift(needs, ("item", item), -1, -1)
                    if refusing:
                        join(needs, {("item", item): (1, 1)})
                case StartMission() | Unlock() | GrantVip() | Emit():
                    pass  # Programs in which they decide anything are not searched.
        return needs

    def _before_number(
        self, variable: VariableId, number: Number, needs: Cuts, *, adds: bool, refusing: bool
    ) -> None:
        slot: Slot = ("value", variable)
        known = span(number)
        may_refuse = refusing and isinstance(self.program.variables[variable], Points)
        if known is not None and adds:
            _shift(needs, slot, *known)
            if may_refuse and known[0] < 0:
                join(needs, {slot: (-known[1], -known[0])})
        elif known is not None:
            needs.pop(slot, None)
        elif slot in needs or may_refuse:
            needs.pop(slot, None)
            join(needs, read_in(number))
            if adds:
                needs[slot] = EVERY

    # Bounds ---------------------------------------------------------------------------------------------------------

    def _clipped(self, needs: Cuts) -> Cuts:
        """Drop cuts that no value of a slot can be on both sides of, and those beyond the cap."""
        kept: Cuts = {}
        for slot, (first, last) in needs.items():
            least, most = bounds(self.program, slot)
            if least == -_UNORDERED:
                kept[slot] = EVERY
                continue
            if (least < -self.cap and first < -self.cap) or (most > self.cap and last > self.cap):
                self.capped.add(slot)
            lowest = max(first, least + 1, -self.cap if least < -self.cap else first)
            highest = min(last, most, self.cap if most > self.cap else last)
            if lowest <= highest:
                kept[slot] = (lowest, highest)
        return kept

    def _widened(self, needs: Cuts, before: Cuts) -> Cuts:
        """Let what still grows grow at once as far as it can."""
        grown: Cuts = {}
        for slot, (first, last) in needs.items():
            known = before.get(slot, (first, last))
            grown[slot] = (
                EVERY[0] if first < known[0] else first,
                EVERY[1] if last > known[1] else last,
            )
        return self._clipped(grown)

    def _largest(self) -> int:
        """Return the largest whole number that is written anywhere a state is read or changed."""
        return max(map(abs, _constants(self.program)), default=0)


def bounds(program: Program, slot: Slot) -> tuple[int, int]:
    """Return the least and the most that a slot can hold; flags and words have no order and no bounds."""
    kind, name = slot
    if kind == "item":
        return 0, program.items[ItemId(name)].maximum
    if kind == "visits":
        return 0, NUMBER_LIMIT
    if kind == "chosen":
        return 0, 1
    match program.variables[VariableId(name)]:
        case Points(maximum=maximum):
            return 0, maximum
        case WholeNumber(minimum=minimum, maximum=maximum):
            return minimum, maximum
        case Flag() | OneOf() | Words():
            return -_UNORDERED, _UNORDERED


def gates(program: Program, id: FragmentId) -> Iterator[Fragment]:
    """Yield the fragment, and those to which its gate and theirs may send a player on."""
    seen: set[FragmentId] = set()
    following: FragmentId | None = id
    while following is not None and following not in seen:
        seen.add(following)
        fragment = program.fragments[following]
        yield fragment
        following = fragment.gate.otherwise if fragment.gate is not None else None


def targets(fragment: Fragment, program: Program) -> Iterator[FragmentId]:
    """Yield where one may arrive from `fragment`, sent on by gates or not."""
    ways = [choice.to for choice in choices_of(fragment.exit)]
    ways += [branch.to for branch in branches_of(fragment.exit)]
    match fragment.exit:
        case Call(to):
            ways.append(to)
        case Deck(storylets, otherwise=otherwise):
            ways += storylets
            ways += [otherwise] if otherwise is not None else []
        case _:
            pass
    for to in ways:
        for reached in gates(program, to):
            yield reached.id


def _shift(needs: Cuts, slot: Slot, least: int, most: int) -> None:
    """Ask before `slot` grows by `least` to `most` for what is asked after it."""
    cuts = needs.get(slot)
    if cuts is not None:
        first, last = cuts
        needs[slot] = (
            first if first == EVERY[0] else first - most,
            last if last == EVERY[1] else last - least,
        )


def _constants(program: Program) -> Iterator[int]:
    for variable in program.variables.values():
        if isinstance(variable, WholeNumber | Points):
            yield variable.initial
    for condition in program.conditions.values():
        yield from _in_cuts(read_by(condition, program.conditions))
    for fragment in program.fragments.values():
        yield from _in_effects(fragment.on_enter)
        asked = [fragment.gate.requires] if fragment.gate is not None else []
        match fragment.exit:
            case Choices(choices):
                asked += [choice.requires for choice in choices if choice.requires is not None]
                for choice in choices:
                    yield choice.cost.amount if choice.cost is not None else 0
                    yield from _in_effects(choice.effects)
            case Next(branches):
                asked += [branch.requires for branch in branches if branch.requires is not None]
            case _:
                pass
        for requirement in asked:
            yield from _in_cuts(read_by(requirement, program.conditions))


def _in_cuts(cuts: Cuts) -> Iterator[int]:
    for first, last in cuts.values():
        yield from (cut for cut in (first, last) if cut not in EVERY)


def _in_effects(effects: tuple[Effect, ...]) -> Iterator[int]:
    for effect in effects:
        match effect:
            case AddTo(_, number) | Assign(_, number):
                yield from span(number) or ()
            case _:
                pass
