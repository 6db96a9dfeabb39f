"""Income as a step of the world outside: wherever a player rests, points may come, as often as days go by.

Where more points only ever open something, they need to come no sooner than they are asked for, and no more of them than
are asked for. So there the edges of an income stand only at places at which it may be asked for its points, and are
gone only by who has less than the most that is asked; what can be reached, opened and ended is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from diana_engine.compiler.analysis.states.graph.guards import variables_of
from diana_engine.compiler.analysis.states.graph.model import (
    BEYOND,
    NOWHERE,
    AllOf,
    AnyOf,
    AtLeast,
    Below,
    Edge,
    Guard,
    Model,
)
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.lowering.passing import taking
from diana_engine.compiler.analysis.states.results.report import number_of
from diana_engine.expressions.terms import AddTo, Constant
from diana_engine.play.earning import rest_of
from diana_engine.program.systems import Income, StepCount

__all__ = ["NOTHING", "Outside", "earn_outside"]


@dataclass(frozen=True, slots=True)
class Outside:
    """The `incomes` that may come at any time. Where only the least of them matters, they need to come no sooner than asked."""

    incomes: Mapping[str, Income]
    least: bool = False


NOTHING = Outside({})


def earn_outside(parts: Parts, edges: Edges, model: Model, outside: Outside) -> None:
    """Add the edges of income to a model that has all others and its ends; what has no end of its own may get one."""
    if not outside.incomes:
        return
    asked = _Asked(model)
    open_ends = {
        index: one.high
        for index, one in enumerate(model.variables)
        if one.slot[0] == "value" and parts.slots.is_endless(one.slot[1])
    }
    units: set[str] = set()
    for source, income in sorted(outside.incomes.items()):
        value = parts.slots.number.get(("value", income.points))
        changed = {one for course in _courses(parts, source, income) for one in course.changes}
        if not changed or income.points in units:
            continue
        simple = value is not None and changed == {value} and not parts.program.settles
        # Where clocks go, it matters when something came: it takes time.
        simple = simple and not parts.slots.clocks
        if value is None or not (simple and asked.may_come_late(value, exactly=not outside.least)):
            _come_anywhere(parts, edges, model, source, income)
            _cap(model, asked, {one: open_ends[one] for one in changed & open_ends.keys()})
        elif outside.least:
            units.add(income.points)
            _come_late(parts, edges, asked, source, replace(income, amount=1))
            _raise(model, asked, value, open_ends, 1)
        elif value in open_ends:
            _come_late(parts, edges, asked, source, income)
            _raise(model, asked, value, open_ends, income.amount)
        else:
            _come_anywhere(parts, edges, model, source, income)


def _come_anywhere(parts: Parts, edges: Edges, model: Model, source: str, income: Income) -> None:
    rest = rest_of(parts.program, source)
    courses = [
        one for course in _courses(parts, source, income) for one in taking(parts, course, rest)
    ]
    for place, rests in enumerate(model.rests):
        if rests and not model.ending[place]:
            edges.stay(place, number_of(source), courses)


def _come_late(parts: Parts, edges: Edges, asked: _Asked, source: str, income: Income) -> None:
    value = parts.slots.number["value", income.points]
    poor = parts.courses.ask(STRAIGHT, parts.guards.below(value, asked.most.get(value, 0)))
    courses = list(_courses(parts, source, income, poor))
    for place in asked.at(value):
        if not asked.model.ending[place]:
            edges.stay(place, number_of(source), courses)


def _raise(
    model: Model, asked: _Asked, value: int, open_ends: Mapping[int, int], amount: int
) -> None:
    """Let points without a most come to what income adds to all that there is without it."""
    one = model.variables[value]
    if value in open_ends and not one.capped:
        one.high = max(one.high, open_ends[value] + asked.most.get(value, 0) + amount)


def _cap(model: Model, asked: _Asked, open_ends: Mapping[int, int]) -> None:
    """Give an artificial end to points without a most that may come at any time."""
    for index, high in open_ends.items():
        one = model.variables[index]
        if not one.capped:
            one.high, one.capped = high + BEYOND + asked.most.get(index, 0), True


def _courses(
    parts: Parts, source: str, income: Income, start: Course = STRAIGHT
) -> Iterator[Course]:
    earned = AddTo(income.points, Constant(income.amount))
    for course in parts.effects.follow([start], (earned,), refusing=False):
        yield parts.effects.counting(course, source, "tally") if _counts(parts, source) else course


def _counts(parts: Parts, source: str) -> bool:
    return any(
        isinstance(step, StepCount) and step.event == source
        for mission in parts.program.missions
        for step in mission.steps
    )


class _Asked:
    """What a model's guards ask of its variables: the most of each, of which to have less is asked, and where."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.most: dict[int, int] = {}
        self.below: set[int] = set()
        guards = [edge.guard for edge in model.edges]
        for option in model.options:
            guards += (option.open, option.sure)
        self._gather(guards)

    def may_come_late(self, variable: int, *, exactly: bool) -> bool:
        """Return whether more of a variable only ever opens something, so that it need not be there before it is asked for.

        If that is to be so `exactly`, nothing may be lost of what came sooner: who has less than an effect takes loses less.
        """
        if variable in self.below:
            return False
        return not exactly or all(
            self._is_paid(edge, variable) for edge in self.model.edges if variable in edge.changes
        )

    def _is_paid(self, edge: Edge, variable: int) -> bool:
        k, least, most = edge.changes[variable]
        if k >= 0 or least == most:
            return True
        parts = edge.guard.guards if isinstance(edge.guard, AllOf) else (edge.guard,)
        return any(
            isinstance(part, AtLeast) and part.variable == variable and part.bound >= least - k
            for part in parts
        )

    def _gather(self, waiting: list[Guard]) -> None:
        seen: set[Guard] = set()
        while waiting:
            guard = waiting.pop()
            if guard in seen:
                continue
            seen.add(guard)
            match guard:
                case AtLeast(variable, bound):
                    self.most[variable] = max(bound, self.most.get(variable, bound))
                case Below(variable):
                    self.below.add(variable)
                case AllOf(parts) | AnyOf(parts):
                    waiting += parts
                case _:
                    pass

    def at(self, variable: int) -> list[int]:
        """Return the places where players rest before the variable is asked for, whatever they pass through until then."""
        model = self.model
        waiting = [
            place
            for place in range(len(model.places))
            if any(variable in variables_of(guard) for guard in self._guards(place))
        ]
        found = set(waiting)
        while waiting:
            place = waiting.pop()
            if model.rests[place]:
                continue
            before = {model.edges[number].source for number in model.inn[place]} - {NOWHERE}
            waiting += before - found
            found |= before
        return sorted(place for place in found if model.rests[place])

    def _guards(self, place: int) -> Iterator[Guard]:
        model = self.model
        for number in model.out[place]:
            yield model.edges[number].guard
        for number in model.options_of[place]:
            yield model.options[number].open
            yield model.options[number].sure
