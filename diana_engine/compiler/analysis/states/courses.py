"""What effects do to the variables of a model, and what must hold for them to be done in full.

A course is one way for a move to come out: a guard over the values before it, and what it has made of them so far.
Whatever is asked on the way is asked of the values as they are then, and so brought back to before the move. A new
effect of the language is an arm of `Courses.perform`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, assert_never

from diana_engine.compiler.analysis.states.formulas import Formulas, Opaque
from diana_engine.compiler.analysis.states.guards import Guards
from diana_engine.compiler.analysis.states.model import (
    ALWAYS,
    LIMIT,
    NEVER,
    UNCHANGED,
    Change,
    Changes,
    Guard,
    Slot,
)
from diana_engine.compiler.analysis.states.slots import Slots
from diana_engine.expressions.terms import (
    AchievementId,
    AddTo,
    Assign,
    Effect,
    Emit,
    Give,
    GrantVip,
    MissionId,
    Number,
    SetFlag,
    SetWord,
    StartMission,
    Take,
    Unlock,
    VariableId,
)
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


_SET: Change = (0, 1, 1)
_MOST_GAINS = 64
"""How many points below their end are told apart to say how much of an amount is earned."""
_MOST_COURSES = 4_096
"""How many ways for one move to come out are followed."""


class Courses:
    """What the effects of one program do; `reasons` gathers why something could not be followed."""

    def __init__(self, slots: Slots, guards: Guards, formulas: Formulas) -> None:
        self.slots, self.guards, self.formulas = slots, guards, formulas
        self.reasons: list[str] = []

    def follow(
        self, courses: list[Course], effects: tuple[Effect, ...], *, refusing: bool
    ) -> list[Course]:
        """Return how `courses` go on through effects; those of a choice refuse what they cannot do in full."""
        for effect in effects:
            courses = [
                after for course in courses for after in self._perform(effect, course, refusing)
            ]
            if len(courses) > 1:
                courses = self._merged(courses)
            if len(courses) > _MOST_COURSES:
                return self._lost(courses, effects)
        return courses

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
        return self.change(course, ("value", points), (-amount, 0, self._most(points)))

    def unknown(self, course: Course, slots: Iterable[Slot], why: str) -> Course:
        """Return a course after which `slots` may be anything, and which may not be there at all."""
        self.reasons.append(why)
        known = [self.slots.number[slot] for slot in slots if slot in self.slots.number]
        changes = {v: change for v, change in course.changes.items() if v not in known}
        return Course(course.guard, changes, False, course.loose | frozenset(known))

    def _merged(self, courses: list[Course]) -> list[Course]:
        """Return `courses` with those made one that do the same."""
        alike: dict[tuple[object, ...], list[Course]] = {}
        for course in courses:
            key = (tuple(sorted(course.changes.items())), course.certain, course.loose)
            alike.setdefault(key, []).append(course)
        return [
            same[0]._replace(guard=self.guards.some([course.guard for course in same]))
            for same in alike.values()
        ]

    def _lost(self, courses: list[Course], effects: tuple[Effect, ...]) -> list[Course]:
        """Return one course for many: whatever they change may come to anything."""
        slots = self.written(effects)
        lost = {v for course in courses for v in (*course.changes, *course.loose)}
        course = self.unknown(STRAIGHT, slots, "a move has too many ways to come out")
        return [course._replace(loose=course.loose | lost)]

    # Effects --------------------------------------------------------------------------------------------------------

    def _perform(self, effect: Effect, course: Course, refusing: bool) -> list[Course]:
        match effect:
            case AddTo(variable, amount):
                return self._number(course, variable, amount, adds=True, refusing=refusing)
            case Assign(variable, value):
                return self._number(course, variable, value, adds=False, refusing=refusing)
            case SetFlag(variable, value):
                return [self.change(course, ("value", variable), (0, value, value))]
            case SetWord(variable, word):
                slot: Slot = ("value", variable)
                if slot not in self.slots.number:
                    return [course]
                index = self.slots.variables[self.slots.number[slot]].words.get(word, 0)
                return [self.change(course, slot, (0, index, index))]
            case Give(item):
                most = self.slots.program.items[item].maximum
                return [self.change(course, ("item", item), (1, 0, most))]
            case Take(item):
                slot = ("item", item)
                if refusing:
                    course = self.ask(course, self.at_least(slot, 1))
                most = self.slots.program.items[item].maximum
                return [self.change(course, slot, (-1, 0, most))]
            case StartMission(mission):
                return self._start(course, mission)
            case Unlock(achievement):
                return self._unlock(course, achievement)
            case GrantVip():
                return [self.change(course, ("vip", ""), _SET)]
            case Emit(event):
                return [self.counting(course, event, "tally")]
            case _:
                assert_never(effect)

    def _number(
        self, course: Course, variable: VariableId, number: Number, *, adds: bool, refusing: bool
    ) -> list[Course]:
        slot: Slot = ("value", variable)
        if slot not in self.slots.number:
            return [course]
        least, most = self._ends(variable)
        # More than the whole range, or below it, is all the same.
        ends = (least - most - 1, most - least + 1) if adds else (least - 1, most)
        try:
            amounts = list(self.formulas.amounts(number, *ends))
        except Opaque as reason:
            return [self.unknown(course, [slot], str(reason))]
        if len(amounts) > 1 and course.loose:
            return [self.unknown(course, [slot], "an amount depends on what could not be followed")]
        may_refuse = refusing and isinstance(self.slots.program.variables[variable], Points)
        found = []
        for guard, amount in amounts:
            after = self.ask(course, guard)
            if may_refuse and not adds and amount < 0:
                continue
            if may_refuse and adds and amount < 0:
                after = self.ask(after, self.at_least(slot, -amount))
            if after.guard is not NEVER:
                set_to = max(least, min(most, amount))
                change = (amount, least, most) if adds else (0, set_to, set_to)
                for earning in self._earned(after, variable, amount, adds=adds):
                    found.append(self.change(earning, slot, change))  # noqa: PERF401 - as above
        return found

    def _earned(
        self, course: Course, variable: VariableId, amount: int, *, adds: bool
    ) -> list[Course]:
        """Return who earns how much by an amount, where levels count it: what is above the end of points is not earned."""
        mark: Slot = ("earned", variable)
        if mark not in self.slots.number or amount <= 0:
            return [course]
        high = self.slots.variables[self.slots.number[mark]].high
        slot: Slot = ("value", variable)
        most = self._ends(variable)[1]
        if adds and most >= LIMIT:
            return [self.change(course, mark, (amount, 0, high))]
        if course.loose:
            return [
                self.unknown(course, [mark], "what is earned depends on what could not be followed")
            ]
        # Who has `held` at first and comes to `reached` earns the difference; below that all earn alike.
        reached = min(most, amount) if not adds else most
        fewest = max(0, reached - amount) if adds else 0
        if reached - fewest > _MOST_GAINS:
            return [self.unknown(course, [mark], "an amount may stop at the most that can be held")]
        found = []
        if adds:
            below = self.ask(course, self.guards.negated(self.at_least(slot, fewest)))
            found.append(self.change(below, mark, (amount, 0, high)))
        for held in range(fewest, reached):
            has = self.guards.both(
                self.at_least(slot, held), self.guards.negated(self.at_least(slot, held + 1))
            )
            found.append(self.change(self.ask(course, has), mark, (reached - held, 0, high)))
        found.append(self.ask(course, self.at_least(slot, reached)))
        return [one for one in found if one.guard is not NEVER]

    # Missions and achievements --------------------------------------------------------------------------------------

    def counting(self, course: Course, name: str, kind: Literal["visits", "tally"]) -> Course:
        """Return the course after one more visit or event, also as missions that repeat count it."""
        for slot in ((kind, name), *self.slots.counts.get(name, ())):
            if slot in self.slots.number:
                high = self.slots.variables[self.slots.number[slot]].high
                course = self.change(course, slot, (1, 0, high))
        return course

    def _unlock(self, course: Course, achievement: AchievementId) -> list[Course]:
        mark: Slot = ("achieved", achievement)
        if mark not in self.slots.number:
            return [course]
        pending: Slot = ("pending", achievement)
        if pending not in self.slots.number:
            return [self.change(course, mark, _SET)]
        unset = self.guards.below(self.slots.number[mark], 1)
        fresh = self.change(self.change(self.ask(course, unset), mark, _SET), pending, _SET)
        known = self.ask(course, self.guards.negated(unset))
        return [one for one in (fresh, known) if one.guard is not NEVER]

    def _start(self, course: Course, id: MissionId) -> list[Course]:
        active: Slot = ("active", id)
        if active not in self.slots.number:
            return [course]
        mission = next(one for one in self.slots.program.missions if one.id == id)
        asleep = self.guards.below(self.slots.number[active], 1)
        unused = self.guards.below(self.slots.number["done", id], 1)
        begun = self.ask(course, asleep if mission.repeat else self.guards.both(asleep, unused))
        if mission.expires is not None and mission.repeat:
            begun = course  # Its time may have run out, unseen yet, so that it begins anew at once.
        begun = self.change(begun, active, _SET)
        for slot in self.slots.counted_by.get(id, ()):
            begun = self.change(begun, slot, (0, 0, 0))
        if mission.cooldown or (mission.expires is not None and mission.repeat):
            kept = course  # How much time has passed is as free as chance.
        else:
            kept = self.ask(
                course,
                self.guards.negated(asleep)
                if mission.repeat
                else self.guards.either(self.guards.negated(asleep), self.guards.negated(unused)),
            )
        return [one for one in (begun, kept) if one.guard is not NEVER]

    def written(self, effects: Iterable[Effect]) -> list[Slot]:
        """Return the parts of a player's state that effects change."""
        found: list[Slot] = []
        for effect in effects:
            match effect:
                case AddTo(variable) | Assign(variable):
                    found += [("value", variable), ("earned", variable)]
                case SetFlag(variable) | SetWord(variable):
                    found.append(("value", variable))
                case Give(item) | Take(item):
                    found.append(("item", item))
                case StartMission(mission):
                    found += [("active", mission), *self.slots.counted_by.get(mission, ())]
                case Unlock(achievement):
                    found += [("achieved", achievement), ("pending", achievement)]
                case GrantVip():
                    found.append(("vip", ""))
                case Emit(event):
                    found += [("tally", event), *self.slots.counts.get(event, ())]
                case _:
                    assert_never(effect)
        return found

    def at_least(self, slot: Slot, bound: int) -> Guard:
        """Return the guard that a number or item is enough; of points without an end, more may be asked than there is."""
        variable = self.slots.number[slot]
        one = self.slots.variables[variable]
        if bound <= one.low:
            return ALWAYS
        if bound > one.high and not one.capped:
            return NEVER
        return self.guards.at_least(variable, bound)

    def _most(self, variable: VariableId) -> int:
        return self._ends(variable)[1]

    def _ends(self, variable: VariableId) -> tuple[int, int]:
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
