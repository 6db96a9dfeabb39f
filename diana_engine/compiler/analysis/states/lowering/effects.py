"""What effects do to the variables of a model, and what must hold for them to be done in full.

A new effect of the language is an arm of `_perform`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, assert_never

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    LIMIT,
    NEVER,
    Change,
    Guard,
    Slot,
)
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course, Courses
from diana_engine.compiler.analysis.states.lowering.formulas import Formulas
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.compiler.analysis.states.lowering.sums import Opaque
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
from diana_engine.program.model import Points
from diana_engine.program.systems import Mission

__all__ = ["Effects"]

_SET: Change = (0, 1, 1)
_MOST_GAINS = 64
"""How many points below their end are told apart to say how much of an amount is earned."""
_MOST_COURSES = 4_096
"""How many ways for one move to come out are followed."""


class Effects:
    """What the effects of one program do."""

    def __init__(self, slots: Slots, guards: Guards, formulas: Formulas, courses: Courses) -> None:
        self.slots, self.guards, self.formulas = slots, guards, formulas
        self.courses = courses

    def follow(
        self, courses: list[Course], effects: tuple[Effect, ...], *, refusing: bool
    ) -> list[Course]:
        """Return how `courses` go on through effects; those of a choice refuse what they cannot do in full."""
        for effect in effects:
            courses = [
                after for course in courses for after in self._perform(effect, course, refusing)
            ]
            if len(courses) > 1:
                courses = self.courses.merged(courses)
            if len(courses) > _MOST_COURSES:
                return self._lost(courses, effects)
        return courses

    def _lost(self, courses: list[Course], effects: tuple[Effect, ...]) -> list[Course]:
        """Return one course for many: whatever they change may come to anything."""
        slots = self.written(effects)
        lost = {v for course in courses for v in (*course.changes, *course.loose)}
        course = self.courses.unknown(STRAIGHT, slots, "a move has too many ways to come out")
        return [course._replace(loose=course.loose | lost)]

    # Effects --------------------------------------------------------------------------------------------------------

    def _perform(self, effect: Effect, course: Course, refusing: bool) -> list[Course]:
        match effect:
            case AddTo(variable, amount):
                return self._number(course, variable, amount, adds=True, refusing=refusing)
            case Assign(variable, value):
                return self._number(course, variable, value, adds=False, refusing=refusing)
            case SetFlag(variable, value):
                return [self.courses.change(course, ("value", variable), (0, value, value))]
            case SetWord(variable, word):
                slot: Slot = ("value", variable)
                if slot not in self.slots.number:
                    return [course]
                index = self.slots.variables[self.slots.number[slot]].words.get(word, 0)
                return [self.courses.change(course, slot, (0, index, index))]
            case Give(item):
                most = self.slots.program.items[item].maximum
                return [self.courses.change(course, ("item", item), (1, 0, most))]
            case Take(item):
                slot = ("item", item)
                if refusing:
                    course = self.courses.ask(course, self.courses.at_least(slot, 1))
                most = self.slots.program.items[item].maximum
                return [self.courses.change(course, slot, (-1, 0, most))]
            case StartMission(mission):
                return self._start(course, mission)
            case Unlock(achievement):
                return self._unlock(course, achievement)
            case GrantVip():
                return [self.courses.change(course, ("vip", ""), _SET)]
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
        least, most = self.courses.ends(variable)
        # More than the whole range, or below it, is all the same.
        ends = (least - most - 1, most - least + 1) if adds else (least - 1, most)
        try:
            amounts = list(self.formulas.amounts(number, *ends))
        except Opaque as reason:
            return [self.courses.unknown(course, [slot], str(reason))]
        if len(amounts) > 1 and course.loose:
            return [
                self.courses.unknown(
                    course, [slot], "an amount depends on what could not be followed"
                )
            ]
        may_refuse = refusing and isinstance(self.slots.program.variables[variable], Points)
        found = []
        for guard, amount in amounts:
            after = self.courses.ask(course, guard)
            if may_refuse and not adds and amount < 0:
                continue
            if may_refuse and adds and amount < 0:
                after = self.courses.ask(after, self.courses.at_least(slot, -amount))
            if after.guard is not NEVER:
                set_to = max(least, min(most, amount))
                change = (amount, least, most) if adds else (0, set_to, set_to)
                for earning in self._earned(after, variable, amount, adds=adds):
                    found.append(self.courses.change(earning, slot, change))  # noqa: PERF401 - as above
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
        most = self.courses.ends(variable)[1]
        if adds and most >= LIMIT:
            return [self.courses.change(course, mark, (amount, 0, high))]
        if course.loose:
            return [
                self.courses.unknown(
                    course, [mark], "what is earned depends on what could not be followed"
                )
            ]
        # Who has `held` at first and comes to `reached` earns the difference; below that all earn alike.
        reached = min(most, amount) if not adds else most
        fewest = max(0, reached - amount) if adds else 0
        if reached - fewest > _MOST_GAINS:
            return [
                self.courses.unknown(
                    course, [mark], "an amount may stop at the most that can be held"
                )
            ]
        found = []
        if adds:
            below = self.courses.ask(
                course, self.guards.negated(self.courses.at_least(slot, fewest))
            )
            found.append(self.courses.change(below, mark, (amount, 0, high)))
        for held in range(fewest, reached):
            has = self.guards.both(
                self.courses.at_least(slot, held),
                self.guards.negated(self.courses.at_least(slot, held + 1)),
            )
            found.append(
                self.courses.change(self.courses.ask(course, has), mark, (reached - held, 0, high))
            )
        found.append(self.courses.ask(course, self.courses.at_least(slot, reached)))
        return [one for one in found if one.guard is not NEVER]

    # Missions and achievements --------------------------------------------------------------------------------------

    def counting(self, course: Course, name: str, kind: Literal["visits", "tally"]) -> Course:
        """Return the course after one more visit or event, also as missions that repeat count it."""
        for slot in ((kind, name), *self.slots.counts.get(name, ())):
            if slot in self.slots.number:
                high = self.slots.variables[self.slots.number[slot]].high
                course = self.courses.change(course, slot, (1, 0, high))
        return course

    def _unlock(self, course: Course, achievement: AchievementId) -> list[Course]:
        mark: Slot = ("achieved", achievement)
        if mark not in self.slots.number:
            return [course]
        pending: Slot = ("pending", achievement)
        if pending not in self.slots.number:
            return [self.courses.change(course, mark, _SET)]
        unset = self.guards.below(self.slots.number[mark], 1)
        fresh = self.courses.change(
            self.courses.change(self.courses.ask(course, unset), mark, _SET), pending, _SET
        )
        known = self.courses.ask(course, self.guards.negated(unset))
        return [one for one in (fresh, known) if one.guard is not NEVER]

    def _start(self, course: Course, id: MissionId) -> list[Course]:
        active: Slot = ("active", id)
        if active not in self.slots.number:
            return [course]
        mission = next(one for one in self.slots.program.missions if one.id == id)
        may_begin = self.guards.both(self._is_free(mission), self._has_rested(mission))
        begun = self.courses.change(self.courses.ask(course, may_begin), active, _SET)
        for slot in (("begun", id), *self.slots.counted_by.get(id, ())):
            begun = self.courses.change(begun, slot, (0, 0, 0))
        kept = self.courses.ask(course, self.guards.negated(may_begin))
        return [one for one in (begun, kept) if one.guard is not NEVER]

    def _is_free(self, mission: Mission) -> Guard:
        """Return the guard that a mission is not under way; one whose time ran out unseen is not."""
        asleep = self.guards.below(self.slots.number["active", mission.id], 1)
        if not mission.expires:
            return asleep
        over = self.guards.at_least(*self.slots.passed(("begun", mission.id), mission.expires))
        return self.guards.either(asleep, over)

    def _has_rested(self, mission: Mission) -> Guard:
        """Return the guard that a mission may be begun again, if it was ever done."""
        if not mission.repeat:
            return self.guards.below(self.slots.number["done", mission.id], 1)
        if not mission.cooldown:
            return ALWAYS
        return self.guards.at_least(*self.slots.passed(("rested", mission.id), mission.cooldown))

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
                    counted = self.slots.counted_by.get(mission, ())
                    found += [("active", mission), ("begun", mission), *counted]
                case Unlock(achievement):
                    found += [("achieved", achievement), ("pending", achievement)]
                case GrantVip():
                    found.append(("vip", ""))
                case Emit(event):
                    found += [("tally", event), *self.slots.counts.get(event, ())]
                case _:
                    assert_never(effect)
        return found
