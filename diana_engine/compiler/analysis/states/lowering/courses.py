"""One way for a move to come out: a guard over the values before it, and what it has made of them so far.

Whatever is asked on the way is asked of the values as they are then, and so brought back to before the move.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    LIMIT,
    NEVER,
    UNCHANGED,
    Change,
    Changes,
    Guard,
    Slot,
)
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Flag, OneOf, Points, WholeNumber, Words

__all__ = ["STRAIGHT", "Course", "Courses"]


class Course(NamedTuple):
    """One way for a move to come out; one that is not `certain` may not be there, and leaves what is `loose` open."""

    guard: Guard
    changes: Changes
    certain: bool = True
    loose: frozenset[int] = frozenset()


STRAIGHT = Course(ALWAYS, UNCHANGED)
"""Nothing asked, nothing changed."""


class Courses:
    """The courses of one program's moves; `reasons` gathers why something could not be followed."""

    def __init__(self, slots: Slots, guards: Guards) -> None:
        self.slots, self.guards = slots, guards
        self.reasons: list[str] = []

    def ask(self, course: Course, guard: Guard) -> Course:
        """Return the course for whom `guard` holds now."""
        if guard is ALWAYS:
            return course
        if course.loose:
            return course._replace(certain=False)
        asked = self.guards.before(guard, course.changes)
        return course._replace(guard=self.guards.both(course.guard, asked))

    def joined(self, first: Course, then: Course) -> Course:
        """Return two courses one after the other."""
        guard = first.guard
        certain = first.certain and then.certain
        if then.guard is not ALWAYS:
            if first.loose:
                certain = False
            else:
                guard = self.guards.both(guard, self.guards.before(then.guard, first.changes))
        if not then.changes and not then.loose:
            return Course(guard, first.changes, certain, first.loose)
        changes = dict(first.changes)
        for variable, change in then.changes.items():
            self._compose(changes, variable, change)
        settled = {v for v, (_, least, most) in then.changes.items() if least == most}
        loose = (first.loose - settled) | then.loose
        for variable in loose:
            changes.pop(variable, None)
        return Course(guard, changes, certain, loose)

    def change(self, course: Course, slot: Slot, change: Change) -> Course:
        """Return the course after one more change; of what nobody asks for nothing is kept."""
        variable = self.slots.number.get(slot)
        if variable is None:
            return course
        loose = course.loose
        if variable in loose:
            if change[1] != change[2]:
                return course
            loose -= {variable}
        changes = dict(course.changes)
        self._compose(changes, variable, change)
        return course._replace(changes=changes, loose=loose)

    def pay(self, course: Course, points: VariableId, amount: int) -> Course:
        """Return the course of those who pay."""
        course = self.ask(course, self.at_least(("value", points), amount))
        return self.change(course, ("value", points), (-amount, 0, self.most(points)))

    def unknown(self, course: Course, slots: Iterable[Slot], why: str) -> Course:
        """Return a course after which `slots` may be anything, and which may not be there at all."""
        self.reasons.append(why)
        known = [self.slots.number[slot] for slot in slots if slot in self.slots.number]
        changes = {v: change for v, change in course.changes.items() if v not in known}
        return Course(course.guard, changes, False, course.loose | frozenset(known))

    def merged(self, courses: list[Course]) -> list[Course]:
        """Return `courses` with those made one that do the same."""
        alike: dict[tuple[object, ...], list[Course]] = {}
        for course in courses:
            key = (tuple(sorted(course.changes.items())), course.certain, course.loose)
            alike.setdefault(key, []).append(course)
        return [
            same[0]._replace(guard=self.guards.some([course.guard for course in same]))
            for same in alike.values()
        ]

    def at_least(self, slot: Slot, bound: int) -> Guard:
        """Return the guard that a number or item is enough; of points without an end, more may be asked than there is."""
        variable = self.slots.number[slot]
        one = self.slots.variables[variable]
        if bound <= one.low:
            return ALWAYS
        if bound > one.high and not one.capped:
            return NEVER
        return self.guards.at_least(variable, bound)

    def most(self, variable: VariableId) -> int:
        """Return the most that a number or points can be, as declared."""
        return self.ends(variable)[1]

    def ends(self, variable: VariableId) -> tuple[int, int]:
        """Return the least and the most that a number or points can be, as declared."""
        match self.slots.program.variables[variable]:
            case Points(maximum=maximum):
                return 0, maximum
            case WholeNumber(minimum=minimum, maximum=maximum):
                return minimum, maximum
            case Flag() | OneOf() | Words():
                raise TypeError(f"{variable} holds no number")

    def _compose(self, changes: dict[int, Change], variable: int, change: Change) -> None:
        """Let `change` follow on what `changes` does to the variable, in its simplest form."""
        known = changes.get(variable)
        k, least, most = change
        if known is not None:
            k, least, most = (
                known[0] + k,
                max(least, min(most, known[1] + k)),
                max(least, min(most, known[2] + k)),
            )
        one = self.slots.variables[variable]
        # Where a cap was set, values beyond it do not matter; without, these are the ends of all there is.
        if one.low + k >= most and one.low > -LIMIT:
            least = most
        elif one.high + k <= least and one.high < LIMIT:
            most = least
        if least == most:
            k = 0
        if k == 0 and least <= one.low and most >= one.high:
            changes.pop(variable, None)
        else:
            changes[variable] = (k, least, most)
