"""What happens at the end of a step, once players have come to rest: `play.settle` for courses instead of players.

Levels are reached, missions are done and achievements are granted in the order of `play.settle.REDUCERS`, and all are gone
through again until nothing more happens. Where a player rests, all of it has happened. So on an edge from rest to rest only
that can happen which reads what the edge changes; the rest is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

from diana_engine.compiler.analysis.states.graph.draws import decide, drawn_by, drawn_in
from diana_engine.compiler.analysis.states.graph.guards import Guards, variables_of
from diana_engine.compiler.analysis.states.graph.model import NEVER, Change, Guard, Slot
from diana_engine.compiler.analysis.states.lowering.asked import counted
from diana_engine.compiler.analysis.states.lowering.courses import Course
from diana_engine.compiler.analysis.states.lowering.effects import Effects
from diana_engine.compiler.analysis.states.lowering.formulas import Formulas
from diana_engine.compiler.analysis.states.lowering.luck import Lucks
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.compiler.analysis.states.lowering.sums import Opaque
from diana_engine.expressions.terms import Effect, Requirement
from diana_engine.program.model import Program
from diana_engine.program.systems import (
    Achievement,
    Mission,
    Step,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
)

__all__ = ["Settling"]

_SET: Change = (0, 1, 1)
_CLEARED: Change = (0, 0, 0)
_MOST = 256
"""How many ways for one step to end are followed."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that may happen: when, what it changes of itself, and the effects that it brings.

    `guard` is `None` where what it asks is opaque. `reads` are the variables on which it depends; with `always` it may
    happen even where none of them changed.
    """

    guard: Guard | None
    changes: tuple[tuple[Slot, Change], ...]
    effects: tuple[Effect, ...]
    reads: frozenset[int]
    once_a_step: bool = False
    always: bool = False


class _Ending(NamedTuple):
    """A course whose step is ending: whether something happened in this round, and what comes no more in this step."""

    course: Course
    happened: bool = False
    done: frozenset[int] = frozenset()


class Settling:
    """How the steps of one program end."""

    def __init__(
        self, slots: Slots, guards: Guards, formulas: Formulas, effects: Effects, lucks: Lucks
    ) -> None:
        self.lucks = lucks
        self.slots, self.guards, self.formulas = slots, guards, formulas
        self.courses, self.effects = effects.courses, effects
        program = slots.program
        self.happenings = (
            *self._levels(program),
            *(one for mission in program.missions for one in self._mission(mission)),
            *(
                one
                for achievement in program.achievements
                for one in self._achievement(achievement)
            ),
        )
        self.pending = tuple(
            (slots.number["pending", one.id], one)
            for one in program.achievements
            if ("pending", one.id) in slots.number
        )

    def settled(self, course: Course, *, fresh: bool) -> list[Course]:
        """Return how a step ends that came by `course`; `fresh` where it did not begin at rest."""
        if not self.happenings and not self.pending:
            return [course]
        found: list[Course] = []
        passing = [_Ending(one) for one in self._brought([course], fresh=fresh)]
        while passing:
            for index in range(len(self.happenings)):
                passing = self._merged(
                    [after for one in passing for after in self._happened(index, one, fresh)]
                )
                if len(found) + len(passing) > _MOST:
                    why = "a step has too many ways to end"
                    return [self.courses.unknown(course, tuple(self.slots.number), why)]
            found += [one.course for one in passing if not one.happened]
            passing = [one._replace(happened=False) for one in passing if one.happened]
        return found

    def _happened(self, index: int, one: _Ending, fresh: bool) -> Iterator[_Ending]:
        """Yield how it goes on where one thing may happen, or not."""
        happening = self.happenings[index]
        if index in one.done or not self._may_happen(happening, one.course, fresh):
            yield one
            return
        yes, no = self._parted(one.course, happening.guard)
        if no.guard is not NEVER:
            yield one._replace(course=no)
        if yes.guard is NEVER:
            return
        done = one.done | {index} if happening.once_a_step else one.done
        for slot, change in happening.changes:
            yes = self.courses.change(yes, slot, change)
        for brought in self._brought(self._follow([yes], happening.effects)):
            yield _Ending(brought, True, done)

    def _merged(self, endings: list[_Ending]) -> list[_Ending]:
        """Return `endings` with those made one that have come to the same."""
        if len(endings) < 2:
            return endings
        alike: dict[tuple[object, ...], list[_Ending]] = {}
        for one in endings:
            course = one.course
            changes = tuple(sorted(course.changes.items()))
            key = (one.happened, one.done, changes, course.certain, course.loose)
            alike.setdefault(key, []).append(one)
        return [
            same[0]
            if len(same) == 1
            else same[0]._replace(
                course=same[0].course._replace(
                    guard=self.guards.some([one.course.guard for one in same])
                )
            )
            for same in alike.values()
        ]

    def _may_happen(self, happening: Happening, course: Course, fresh: bool) -> bool:
        if fresh or happening.always:
            return True
        return not happening.reads.isdisjoint(course.changes) or not happening.reads.isdisjoint(
            course.loose
        )

    def _parted(self, course: Course, guard: Guard | None) -> tuple[Course, Course]:
        if guard is None:
            unsure = course._replace(certain=False)
            return unsure, unsure
        return (
            self.courses.ask(course, guard),
            self.courses.ask(course, self.guards.negated(guard)),
        )

    def _follow(self, courses: list[Course], effects: tuple[Effect, ...]) -> list[Course]:
        """Return how courses go on through effects, however their draws come out."""
        ways = self.lucks.ways(drawn_in(effects))
        if ways is None:
            written = self.effects.written(effects)
            return [
                self.courses.unknown(one, written, "too many draws are made at once")
                for one in courses
            ]
        found: list[Course] = []
        for luck in ways:
            known = decide(effects, luck) if luck else effects
            found += self.effects.follow(courses, known, refusing=False)
        return found

    def _brought(self, courses: list[Course], *, fresh: bool = False) -> list[Course]:
        """Return `courses` after the effects of all that was unlocked, the first in the story's order first.

        At rest nothing is pending. A `fresh` course began on the way, and before it something may have been unlocked.
        """
        found: list[Course] = []
        waiting = list(courses)
        while waiting:
            course = waiting.pop()
            for variable, achievement in self.pending:
                if not (fresh or variable in course.changes or variable in course.loose):
                    continue
                yes, course = self._parted(course, self.guards.at_least(variable, 1))
                if yes.guard is not NEVER:
                    yes = self.courses.change(yes, ("pending", achievement.id), _CLEARED)
                    waiting += self._follow([yes], achievement.effects)
            if course.guard is not NEVER:
                found.append(course)
        return found

    # What may happen ------------------------------------------------------------------------------------------------

    def _levels(self, program: Program) -> Iterator[Happening]:
        if program.levels is None:
            return
        for number, level in enumerate(program.levels.levels, start=1):
            mark: Slot = ("level", str(number))
            if mark in self.slots.number:
                enough = self.courses.at_least(("earned", program.levels.points), level.at)
                unset = self.guards.below(self.slots.number[mark], 1)
                guard = self.guards.both(unset, enough)
                yield self._happening(guard, ((mark, _SET),), level.effects)

    def _achievement(self, achievement: Achievement) -> Iterator[Happening]:
        mark: Slot = ("achieved", achievement.id)
        if mark not in self.slots.number or achievement.when is None:
            return
        guard = self._guard(achievement.when)
        if guard is not None:
            guard = self.guards.both(self.guards.below(self.slots.number[mark], 1), guard)
        yield self._happening(guard, ((mark, _SET),), achievement.effects)

    def _mission(self, mission: Mission) -> Iterator[Happening]:
        active: Slot = ("active", mission.id)
        if active not in self.slots.number:
            return
        is_active = self.guards.at_least(self.slots.number[active], 1)
        over: tuple[tuple[Slot, Change], ...] = ((active, _CLEARED),)
        if mission.expires:
            begun, late = self.slots.passed(("begun", mission.id), mission.expires)
            # The clock of what is not under way stands.
            high = self.slots.variables[begun].high
            over = (*over, (("begun", mission.id), (0, high, high)))
            lost = self.guards.both(is_active, self.guards.at_least(begun, late))
            yield self._happening(lost, over, ())
        guard = self._every([is_active, *(self._step(step, mission) for step in mission.steps)])
        changes: tuple[tuple[Slot, Change], ...] = (
            *over,
            (("done", mission.id), _SET),
            (("rested", mission.id), _CLEARED),
        )
        one = self._happening(guard, changes, mission.effects)
        # One that begins itself anew waits for the next step.
        yield replace(one, once_a_step=True, always=one.always or mission.repeat)

    def _happening(
        self,
        guard: Guard | None,
        changes: tuple[tuple[Slot, Change], ...],
        effects: tuple[Effect, ...],
    ) -> Happening:
        if guard is None:
            return Happening(None, changes, effects, frozenset(), always=True)
        reads = variables_of(guard)
        always = not reads.isdisjoint(self.slots.passing)
        return Happening(guard, changes, effects, reads, always=always)

    def _every(self, guards: list[Guard | None]) -> Guard | None:
        known = [guard for guard in guards if guard is not None]
        return self.guards.every(known) if len(known) == len(guards) else None

    def _step(self, step: Step, mission: Mission) -> Guard | None:
        match step:
            case StepVisit(fragment, times):
                own = counted(mission, fragment)
                return self.courses.at_least(own or ("visits", fragment), times)
            case StepItem(item, count):
                return self.courses.at_least(("item", item), count)
            case StepCount(event, times):
                return self.courses.at_least(counted(mission, event) or ("tally", event), times)
            case StepMission(other):
                return self.courses.at_least(("done", other), 1)
            case StepHolds(requirement):
                return self._guard(requirement)
            case _:
                assert_never(step)

    def _guard(self, requirement: Requirement) -> Guard | None:
        if drawn_by(requirement, self.slots.program.conditions):
            self.courses.reasons.append("chance decides what is granted")
            return None
        try:
            return self.formulas.of(requirement)
        except Opaque as reason:
            self.courses.reasons.append(str(reason))
            return None
