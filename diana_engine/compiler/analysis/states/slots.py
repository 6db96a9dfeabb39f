"""Which parts of a player's state a program ever asks for, and the variables of a model that stand for them.

What nobody asks for cannot decide anything, and has no variable. A construct of the language that reads a new part of
a player's state gets a kind of slot here, and `Slots.value` says where `play` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, assert_never

from diana_engine.compiler.analysis.states.model import LIMIT, Slot, Variable
from diana_engine.expressions.terms import (
    Achieved,
    AddTo,
    All,
    Any,
    Arithmetic,
    Assign,
    Between,
    Chance,
    ChoiceKey,
    Chose,
    Compare,
    Constant,
    Count,
    Effect,
    Feels,
    FlagIs,
    FragmentId,
    Has,
    Holds,
    IsVip,
    ItemId,
    MissionIs,
    Not,
    Number,
    NumberOf,
    Requirement,
    Roll,
    Take,
    Value,
    VariableId,
    Visited,
    Visits,
    WordIs,
)
from diana_engine.play.effects import may_fall_short
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

__all__ = ["Player", "Slots"]


class Player(Protocol):
    """What a slot can be read from: a state of `play`, or a walk."""

    @property
    def values(self) -> Mapping[VariableId, Value]:
        """Every variable's value."""

    @property
    def items(self) -> Mapping[ItemId, int]:
        """How many of each item the player holds."""

    @property
    def visits(self) -> Mapping[FragmentId, int]:
        """How often each fragment was entered."""

    @property
    def chosen(self) -> Mapping[ChoiceKey, int]:
        """How often each choice was taken."""


class Slots:
    """The variables of a model of `program`, in the order in which the story asks for them.

    `number` gives the index of each slot that is asked for; `largest` is the largest constant that the story compares,
    adds or starts with. Slots of `also` are variables even if nobody asks for them.
    """

    def __init__(self, program: Program, also: Iterable[Slot] = ()) -> None:
        self.program = program
        asked = _Asked(program)
        self.variables: list[Variable] = []
        self.number: dict[Slot, int] = {}
        self.largest = asked.largest
        for slot in dict.fromkeys((*asked.slots, *also)):
            self.add(_variable(program, slot, asked.words.get(slot, {})))

    def add(self, variable: Variable) -> int:
        """Take a variable into the model; return its index."""
        index = self.number[variable.slot] = len(self.variables)
        self.variables.append(variable)
        return index

    def value(self, variable: Variable, player: Player) -> int:
        """Return what `variable` is for a player of `play`; draws are none of a player's values."""
        kind, name = variable.slot
        match kind:
            case "value":
                value = player.values[VariableId(name)]
                return variable.words.get(value, 0) if isinstance(value, str) else int(value)
            case "item":
                return player.items.get(ItemId(name), 0)
            case "visits":
                return player.visits.get(FragmentId(name), 0)
            case "chosen":
                return int(player.chosen.get(ChoiceKey(name), 0) > 0)
            case "draw":
                return 0
            case _:
                assert_never(kind)


def _variable(program: Program, slot: Slot, words: Mapping[str, int]) -> Variable:
    kind, name = slot
    match kind:
        case "item":
            return Variable(slot, 0, program.items[ItemId(name)].maximum, 0)
        case "visits":
            return Variable(slot, 0, LIMIT, 0)
        case "chosen" | "draw":
            return Variable(slot, 0, 1, 0)
        case "value":
            declared = program.variables[VariableId(name)]
        case _:
            assert_never(kind)
    match declared:
        case Points(initial, maximum):
            return Variable(slot, 0, maximum, initial)
        case WholeNumber(initial, minimum, maximum):
            return Variable(slot, minimum, maximum, initial)
        case Flag(initial):
            return Variable(slot, 0, 1, int(initial))
        case OneOf(initial=initial) | Words(initial=initial):
            return Variable(slot, 0, len(words), words.get(initial, 0), words=words)
        case _:
            assert_never(declared)


class _Asked:
    """Every slot that some requirement, cost or effect of a program asks for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.slots: dict[Slot, None] = {}
        self.words: dict[Slot, dict[str, int]] = {}
        self.largest = 0
        self._seen: set[int] = set()
        for variable in program.variables.values():
            if isinstance(variable, Points | WholeNumber):
                self._constant(variable.initial)
        for fragment in program.fragments.values():
            for effect in fragment.on_enter:
                self._effect(effect, refusing=False)
            if fragment.gate is not None:
                self._requirement(fragment.gate.requires)
            match fragment.exit:
                case Choices(choices):
                    for choice in choices:
                        self._choice(choice)
                case Next(branches):
                    for branch in branches:
                        if branch.requires is not None:
                            self._requirement(branch.requires)
                case _:
                    pass

    def _choice(self, choice: Choice) -> None:
        if choice.once:
            self.slots["chosen", choice.key] = None
        if choice.requires is not None:
            self._requirement(choice.requires)
        if choice.cost is not None:
            self.slots["value", choice.cost.points] = None
            self._constant(choice.cost.amount)
        for effect in choice.effects:
            self._effect(effect, refusing=True)

    def _effect(self, effect: Effect, *, refusing: bool) -> None:
        match effect:
            case AddTo(variable, number) | Assign(variable, number):
                self._number(number)
                if refusing and may_fall_short(effect, self.program):
                    self.slots["value", variable] = None
            case Take(item) if refusing:
                self.slots["item", item] = None
            case _:
                pass

    def _requirement(self, requirement: Requirement) -> None:
        # Named conditions and shared terms are looked at once.
        if id(requirement) in self._seen:
            return
        self._seen.add(id(requirement))
        match requirement:
            case FlagIs(variable):
                self.slots["value", variable] = None
            case WordIs(variable, word):
                self.slots["value", variable] = None
                words = self.words.setdefault(("value", variable), {})
                words.setdefault(word, len(words) + 1)
            case Compare(_, left, right):
                self._number(left)
                self._number(right)
            case Between(value, low, high):
                for number in (value, low, high):
                    self._number(number)
            case Has(item):
                self.slots["item", item] = None
            case Visited(fragment):
                self.slots["visits", fragment] = None
            case Chose(choice):
                self.slots["chosen", choice] = None
            case Chance():
                pass
            case Holds(condition):
                self._requirement(self.program.conditions[condition])
            case Not(inner):
                self._requirement(inner)
            case All(parts) | Any(parts):
                for part in parts:
                    self._requirement(part)
            case IsVip() | Achieved() | MissionIs() | Feels():
                pass  # These are opaque yet.
            case _:
                assert_never(requirement)

    def _number(self, number: Number) -> None:
        for part in _parts(number):
            match part:
                case Constant(value):
                    self._constant(value)
                case NumberOf(variable):
                    self.slots["value", variable] = None
                case Visits(fragment):
                    self.slots["visits", fragment] = None
                case Count(items):
                    self.slots.update(dict.fromkeys([("item", item) for item in items]))
                case Roll(low, high):
                    self._constant(low)
                    self._constant(high)
                case _:
                    pass

    def _constant(self, value: int) -> None:
        self.largest = max(self.largest, abs(value))


def _parts(number: Number) -> Iterator[Number]:
    if isinstance(number, Arithmetic):
        yield from _parts(number.left)
        yield from _parts(number.right)
    else:
        yield number
