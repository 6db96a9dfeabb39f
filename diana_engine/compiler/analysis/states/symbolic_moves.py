"""The moves of a story over sets of states: what `play` does, lowered to bits.

`take` and `arrive` of `diana_engine.play` are followed rule by rule here, for all players in a fragment at once; a
property test holds the two to agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diana_engine.compiler.analysis.states.bits import Bits, Node, Spread, twin
from diana_engine.compiler.analysis.states.cuts import Cuts, Slot
from diana_engine.compiler.analysis.states.draws import Luck, decide
from diana_engine.compiler.analysis.states.meaning import Player, combined, mapped
from diana_engine.compiler.analysis.states.moves import Moves
from diana_engine.compiler.analysis.states.relevance import gates
from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Count,
    Effect,
    Emit,
    FragmentId,
    Give,
    GrantVip,
    NumberOf,
    Requirement,
    SetFlag,
    SetWord,
    StartMission,
    Take,
    Unlock,
    Value,
    VariableId,
    Visits,
)
from diana_engine.program.model import (
    Choice,
    Choices,
    Flag,
    Next,
    OneOf,
    Points,
    Program,
    WholeNumber,
    Words,
)

__all__ = ["Arrival", "Opening", "SymbolicMoves"]


@dataclass(frozen=True, eq=False)
class Arrival:
    """One way for a set of players from `source` to `to`: who goes it, and what their slots become.

    `forgotten` are the slots that matter no longer; `beyond` says who goes past the cap of which slot.
    """

    bits: Bits
    source: FragmentId
    number: int
    to: FragmentId
    who: Node
    changed: dict[Slot, Spread]
    forgotten: list[Slot]
    beyond: list[tuple[Slot, Node]]

    @cached_property
    def _functions(self) -> dict[str, Node]:
        functions: dict[str, Node] = {}
        for slot, spread in self.changed.items():
            functions |= self.bits.functions(slot, spread)
        return functions

    @cached_property
    def _effect(self) -> tuple[list[str], Node, Node, dict[str, str]]:
        """What to forget, the relation to those bits' twins, the constants, and the twins' new names."""
        bits = self.bits
        fixed = relation = bits.true
        renamed: dict[str, str] = {}
        for name, function in self._functions.items():
            if function in (bits.true, bits.false):
                bit = bits.manager.var(name)
                fixed &= bit if function == bits.true else ~bit
            else:
                relation &= bits.manager.apply("<->", bits.manager.var(twin(name)), function)
                renamed[twin(name)] = name
        gone = [name for slot in self.forgotten for name in bits.names[slot]]
        return [*gone, *self._functions], relation, fixed, renamed

    def image(self, states: Node) -> Node:
        """Return where this way leads from `states`."""
        bits = self.bits
        states &= self.who
        if states == bits.false:
            return states
        gone, relation, fixed, renamed = self._effect
        if relation != bits.true:
            states &= relation
        if gone:
            states = bits.manager.exist(gone, states)
        if renamed:
            states = bits.manager.let(renamed, states)
        return states & fixed

    def preimage(self, states: Node) -> Node:
        """Return from where this way leads to `states`."""
        if self._functions and states not in (self.bits.true, self.bits.false):
            states = self.bits.manager.let(self._functions, states)
        return states & self.who


@dataclass(frozen=True, slots=True)
class Opening:
    """In `who`, the choice or branch with this number can be taken, as far as one way of the draws goes."""

    number: int
    who: Node


class SymbolicMoves:
    """The moves of a program whose draws are never looked at twice."""

    def __init__(self, moves: Moves) -> None:
        self.moves, self.program = moves, moves.program
        self.bits = encode(moves)
        self._initial = {name: one.initial for name, one in self.program.variables.items()}

    def beginnings(self) -> Iterator[Arrival]:
        """Yield how a play begins, as arrivals of a set of one."""
        start = self.program.start
        player = Player(self.bits, {}, self._absent, self.program.conditions)
        for luck in self.moves.gate_lucks(start):
            yield from self._arrive(player, {}, (start, 0), start, self.bits.true, luck)

    def leaving(self, id: FragmentId) -> tuple[list[Opening], list[Arrival]]:
        """Return what can be done in a fragment, and where it leads."""
        openings: list[Opening] = []
        arrivals: list[Arrival] = []
        cuts = self.moves.cuts[id]
        slots = {slot: self.bits.spread(slot, bounds) for slot, bounds in cuts.items()}
        player = Player(self.bits, slots, self._absent, self.program.conditions)
        match self.program.fragments[id].exit:
            case Choices(choices):
                for number, choice in enumerate(choices, start=1):
                    for luck in self.moves.choice_lucks(choice):
                        after = player.copy()
                        who = self._take(choice, after, luck)
                        openings.append(Opening(number, who))
                        arrivals += self._arrive(after, cuts, (id, number), choice.to, who, luck)
            case Next() as onward:
                for opening, arrived in self._go_on(id, onward, player):
                    openings.append(opening)
                    arrivals += arrived
            case _:
                pass
        return openings, arrivals

    def _go_on(
        self, id: FragmentId, onward: Next, player: Player
    ) -> Iterator[tuple[Opening, list[Arrival]]]:
        cuts = self.moves.cuts[id]
        for luck in self.moves.next_lucks(onward):
            rest = self.bits.true
            for number, branch in enumerate(onward.branches, start=1):
                who = rest
                if branch.requires is not None and number < len(onward.branches):
                    who = rest & self._holding(player, branch.requires, luck)
                rest &= ~who
                arrived: list[Arrival] = []
                for more in self.moves.gate_lucks(branch.to, luck):
                    arrived += self._arrive(player, cuts, (id, number), branch.to, who, more)
                yield Opening(number, who), arrived

    # The rules ------------------------------------------------------------------------------------------------------

    def _take(self, choice: Choice, player: Player, luck: Luck) -> Node:
        """Let players take a choice; return for whom that is possible."""
        who = self.bits.true
        if choice.once:
            who &= ~player.positive(("chosen", choice.key))
        if choice.requires is not None:
            who &= self._holding(player, choice.requires, luck)
        if (cost := choice.cost) is not None:
            slot: Slot = ("value", cost.points)
            who &= player.where(slot, lambda value: value >= cost.amount)
            player.put(
                slot,
                mapped(player.number(NumberOf(cost.points)), lambda value: value - cost.amount),
            )
        player.slots["chosen", choice.key] = {1: self.bits.true}
        for effect in decide(choice.effects, luck):
            who &= self._perform(effect, player)
        return who

    def _arrive(
        self,
        player: Player,
        cuts: Cuts,
        way: tuple[FragmentId, int],
        to: FragmentId,
        who: Node,
        luck: Luck,
    ) -> Iterator[Arrival]:
        """Yield the arrivals of those who go to a fragment, some of them sent on by gates."""
        for fragment in gates(self.program, to):
            coming = who
            if fragment.gate is not None:
                coming = who & self._holding(player, fragment.gate.requires, luck)
                who &= ~coming
            if coming == self.bits.false:
                continue
            for entered in self.moves.enter_lucks(fragment):
                after = player.copy()
                after.put(
                    ("visits", fragment.id),
                    mapped(after.number(Visits(fragment.id)), lambda count: count + 1),
                )
                for effect in decide(fragment.on_enter, entered):
                    self._perform(effect, after)
                yield self._settled(after, cuts, way, fragment.id, coming)
            if fragment.gate is None:
                return

    def _settled(
        self, player: Player, cuts: Cuts, way: tuple[FragmentId, int], to: FragmentId, who: Node
    ) -> Arrival:
        """Return the arrival with its slots reduced to what matters at `to`."""
        changed: dict[Slot, Spread] = {}
        beyond: list[tuple[Slot, Node]] = []
        there = self.moves.cuts[to]
        reduced: Spread
        for slot, (first, last) in there.items():
            spread = player.spread(slot)
            before = self.bits.spread(slot, cuts[slot]) if slot in cuts else None
            if slot in self.bits.numbers:
                reduced = mapped(spread, lambda v, a=first - 1, b=last: min(max(v, a), b))  # type: ignore[arg-type, assignment, misc]
                if slot in self.moves.capped:
                    over = player.where(slot, lambda v, a=first - 1, b=last: not a <= v <= b)  # type: ignore[misc]
                    beyond.append((slot, over & who))
            else:
                reduced = spread
            if before is None or dict(reduced) != dict(before):
                changed[slot] = reduced
        forgotten = [slot for slot in cuts if slot not in there]
        return Arrival(self.bits, *way, to, who, changed, forgotten, beyond)

    def _holding(self, player: Player, requirement: Requirement, luck: Luck) -> Node:
        return player.holding(self.moves.decided(requirement, luck))

    def _perform(self, effect: Effect, player: Player) -> Node:
        """Do `effect` as far as possible; return for whom it is done in full."""
        true = self.bits.true
        match effect:
            case AddTo(variable, amount):
                before = player.number(NumberOf(variable))
                wanted = combined(before, player.number(amount), lambda a, b: a + b)
                return self._set_number(variable, wanted, player)
            case Assign(variable, value):
                return self._set_number(variable, dict(player.number(value)), player)
            case SetFlag(variable, value):
                player.slots["value", variable] = {value: true}
            case SetWord(variable, word):
                player.slots["value", variable] = {word: true}
            case Give(item):
                most = self.program.items[item].maximum
                held = player.number(Count((item,)))
                player.put(
                    ("item", item), mapped(held, lambda count: count + 1 if count < most else count)
                )
            case Take(item):
                had = player.positive(("item", item))
                player.put(
                    ("item", item),
                    mapped(player.number(Count((item,))), lambda count: max(0, count - 1)),
                )
                return had
            case StartMission() | Unlock() | GrantVip() | Emit():
                pass  # Programs in which they decide anything are not searched.
        return true

    def _set_number(self, variable: VariableId, wanted: dict[int, Node], player: Player) -> Node:
        slot: Slot = ("value", variable)
        match self.program.variables[variable]:
            case Points(maximum=maximum):
                player.put(slot, mapped(wanted, lambda value: max(0, min(value, maximum))))
                short = self.bits.false
                for value, states in wanted.items():
                    if value < 0:
                        short |= states
                return ~short
            case WholeNumber(minimum=minimum, maximum=maximum):
                player.put(slot, mapped(wanted, lambda value: max(minimum, min(value, maximum))))
                return self.bits.true
            case Flag() | OneOf() | Words():
                raise TypeError(f"{variable} holds no number")

    def _absent(self, slot: Slot) -> Value:
        kind, name = slot
        return self._initial[VariableId(name)] if kind == "value" else 0


# Encoding -----------------------------------------------------------------------------------------------------------


def encode(moves: Moves) -> Bits:
    """Return bits for all slots that matter anywhere; what is written near each other in the story lies near."""
    ranges: dict[Slot, tuple[int, int]] = {}
    for cuts in moves.cuts.values():
        for slot, (first, last) in cuts.items():
            low, high = ranges.get(slot, (first - 1, last))
            ranges[slot] = (min(low, first - 1), max(high, last))
    words = _words(moves.program)
    order = dict.fromkeys(slot for slot in _in_order(moves) if slot in ranges)
    return Bits(ranges, tuple(order), {slot: words[slot] for slot in order if slot in words})


def _in_order(moves: Moves) -> Iterator[Slot]:
    program = moves.program
    for id in moves.in_order():
        fragment = program.fragments[id]
        yield from _written(fragment.on_enter)
        yield "visits", id
        if isinstance(fragment.exit, Choices):
            for choice in fragment.exit.choices:
                yield "chosen", choice.key
                if choice.cost is not None:
                    yield "value", choice.cost.points
                yield from _written(choice.effects)
        yield from moves.cuts[id]


def _written(effects: tuple[Effect, ...]) -> Iterator[Slot]:
    for effect in effects:
        match effect:
            case Give(item) | Take(item):
                yield "item", item
            case AddTo(variable) | Assign(variable) | SetFlag(variable) | SetWord(variable):
                yield "value", variable
            case StartMission() | Unlock() | GrantVip() | Emit():
                pass


def _words(program: Program) -> dict[Slot, tuple[Value, ...]]:
    """Return the values of each slot without an order: of a text variable, all that the story writes."""
    found: dict[Slot, dict[Value, None]] = {}
    for name, variable in program.variables.items():
        match variable:
            case Flag():
                found["value", name] = {False: None, True: None}
            case OneOf(values):
                found["value", name] = dict.fromkeys(values)
            case Words(initial):
                found["value", name] = {initial: None}
            case _:
                pass
    for fragment in program.fragments.values():
        effects = list(fragment.on_enter)
        if isinstance(fragment.exit, Choices):
            effects += [effect for choice in fragment.exit.choices for effect in choice.effects]
        for effect in effects:
            if isinstance(effect, SetWord):
                found["value", effect.variable][effect.word] = None
    return {slot: tuple(values) for slot, values in found.items()}
