"""The variables of a model: one for each part of a player's state that a program asks for.

A construct of the language that reads a new part of a player's state gets a kind of slot here; `asked` says who asks for
it, and `values` where `play` keeps it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import LIMIT, Slot, Variable
from diana_engine.compiler.analysis.states.graph.pace import pace_of
from diana_engine.compiler.analysis.states.lowering.asked import Asked
from diana_engine.expressions.terms import ItemId, VariableId
from diana_engine.program.exits import choices_of, wait_of
from diana_engine.program.model import Flag, OneOf, Points, Program, Wait, WholeNumber, Words
from diana_engine.program.systems import StepCount, StepVisit

__all__ = ["LATE", "Slots"]

LATE: Slot = ("late", "")


class Slots:
    """The variables of a model of `program`, in the order in which the story asks for them.

    `number` gives the index of each slot that is asked for; `largest` is the largest constant that the story compares,
    adds or starts with. Slots of `also` are variables even if nobody asks for them. `counts` says which missions that repeat count what, and `counted_by` what
    each of them counts. `clocks` are the variables that change with time, at their `pace`; `passing` are
    all that may change while a player does nothing.
    """

    def __init__(self, program: Program, also: Iterable[Slot] = ()) -> None:
        self.program = program
        asked = Asked(program)
        self.variables: list[Variable] = []
        self.number: dict[Slot, int] = {}
        self.largest = asked.largest
        waits = list(_waits(program))
        paid = {one.seconds for one in waits if one.skip is not None}
        self.pace = pace_of(asked.marks.values(), {one.seconds for one in waits}, paid)
        for slot in dict.fromkeys((*asked.slots, *also)):
            if slot in asked.marks:
                self.add(_clock(slot, self.pace.marks(asked.marks[slot])))
                continue
            self.add(_variable(program, slot, asked.words.get(slot, {})))
        self.clocks = tuple(self.number[slot] for slot in asked.marks)
        if self.clocks and paid:
            self.add(Variable(LATE, 0, self.pace.ticks(max(paid)), 0))
        days = (index for slot, index in self.number.items() if slot[0] == "streak")
        self.passing = frozenset((*self.clocks, *days))
        self.counts: dict[str, tuple[Slot, ...]] = {}
        self.counted_by: dict[str, tuple[Slot, ...]] = {}
        for slot in self.number:
            if slot[0] == "count":
                mission, _, name = slot[1].partition(" ")
                self.counts[name] = (*self.counts.get(name, ()), slot)
                self.counted_by[mission] = (*self.counted_by.get(mission, ()), slot)

    def is_endless(self, name: str) -> bool:
        """Return whether no most is declared of a number or points."""
        declared = self.program.variables[VariableId(name)]
        return isinstance(declared, Points | WholeNumber) and declared.maximum >= LIMIT

    def passed(self, slot: Slot, seconds: int) -> tuple[int, int]:
        """Return the clock in this slot, and what it comes to when so much time has passed."""
        index = self.number[slot]
        return index, bisect_right(self.variables[index].marks, seconds)

    def add(self, variable: Variable) -> int:
        """Take a variable into the model; return its index."""
        index = self.number[variable.slot] = len(self.variables)
        self.variables.append(variable)
        return index


def _clock(slot: Slot, marks: tuple[int, ...]) -> Variable:
    """Return the variable of a clock that does not go yet."""
    return Variable(slot, 0, len(marks), len(marks), marks=marks)


def _waits(program: Program) -> Iterator[Wait]:
    """Yield what players may have to wait for."""
    for fragment in program.fragments.values():
        waits = [wait_of(fragment.exit), *(choice.wait for choice in choices_of(fragment.exit))]
        yield from (wait for wait in waits if wait is not None)


def _variable(program: Program, slot: Slot, words: Mapping[str, int]) -> Variable:
    kind, name = slot
    match kind:
        case "item":
            return Variable(slot, 0, program.items[ItemId(name)].maximum, 0)
        case "visits":
            return Variable(slot, 0, LIMIT, 0)
        case "chosen" | "draw" | "stack":
            return Variable(slot, 0, 1, 0)
        case "earned":
            assert program.levels is not None
            return Variable(slot, 0, max(1, program.levels.levels[-1].at), 0)
        case "level" | "achieved" | "pending" | "active" | "done" | "vip":
            return Variable(slot, 0, 1, 0)
        case "count" | "tally":
            return Variable(slot, 0, _most_counted(program, name), 0)
        case "streak":
            return Variable(slot, 0, LIMIT, 0)
        case "entered" | "begun" | "rested" | "late":
            raise AssertionError(f"{slot} is a clock of which nothing is asked")
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


def _most_counted(program: Program, name: str) -> int:
    """Return the most that some mission asks for of what is counted; more makes no difference."""
    mission, _, counting = name.rpartition(" ")
    asked = [
        step.times
        for one in program.missions
        if not mission or one.id == mission
        for step in one.steps
        if counting
        in (
            step.fragment if isinstance(step, StepVisit) else "",
            step.event if isinstance(step, StepCount) else "",
        )
        if isinstance(step, StepVisit | StepCount)
    ]
    return max(asked, default=1)
