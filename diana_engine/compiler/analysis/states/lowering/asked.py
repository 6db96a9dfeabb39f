"""Which parts of a player's state a program ever asks for: what nobody asks for cannot decide anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import Slot
from diana_engine.compiler.analysis.states.lowering.hours import HoursAsked, hours_asked
from diana_engine.expressions.terms import (
    Achieved,
    AchievementId,
    AddTo,
    All,
    Any,
    Arithmetic,
    Assign,
    Between,
    Chance,
    Chose,
    Compare,
    Constant,
    Count,
    Effect,
    Feels,
    FlagIs,
    Has,
    Holds,
    IsVip,
    LevelOf,
    MissionIs,
    Not,
    Number,
    NumberOf,
    Requirement,
    Roll,
    StreakDays,
    Take,
    Unlock,
    Visited,
    Visits,
    WordIs,
)
from diana_engine.play.effects import may_fall_short
from diana_engine.program.exits import branches_of, choices_of, wait_of
from diana_engine.program.model import Choice, Points, Program, WholeNumber
from diana_engine.program.systems import (
    Mission,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
)

__all__ = ["Asked", "counted", "granted"]


class Asked:
    """Every slot that some requirement, cost or effect of a program asks for.

    `marks` are the times, in seconds, at which something changes for who asks a clock.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.slots: dict[Slot, None] = {}
        self.words: dict[Slot, dict[str, int]] = {}
        self.marks: dict[Slot, set[int]] = {}
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
            if (storylet := fragment.storylet) is not None:
                if storylet.once:
                    self.slots["visits", fragment.id] = None
                if storylet.requires is not None:
                    self._requirement(storylet.requires)
            for choice in choices_of(fragment.exit):
                self._choice(choice)
            for branch in branches_of(fragment.exit):
                if branch.requires is not None:
                    self._requirement(branch.requires)
        if program.settles:
            self._around()
        self._combined()
        if self.marks:
            # Who pays not to wait saves time, and that is asked for.
            self.slots.update(dict.fromkeys(_paid_waits(program)))

    def _combined(self) -> None:
        """Ask what decides whether items can be put together, where any of them matters."""
        before = -1
        while before != len(self.slots):
            before = len(self.slots)
            for one in self.program.combinations:
                slots: list[Slot] = [("item", item) for item in (*one.of, one.gives)]
                if any(slot in self.slots for slot in slots):
                    self.slots.update(dict.fromkeys(slots))

    def _around(self) -> None:
        """Ask what decides the levels, missions and achievements that matter: those asked for, or that bring something."""
        program = self.program
        unlocked = set(_unlocked(program))
        for number, level in enumerate(program.levels.levels if program.levels else (), start=1):
            if program.levels is not None and level.effects:
                self.slots["value", program.levels.points] = None
                self.slots["earned", program.levels.points] = None
                self.slots["level", str(number)] = None
                self._constant(level.at)
                self._brought(level.effects)
        before = -1
        while before != len(self.slots):
            before = len(self.slots)
            for mission in program.missions:
                self._mission(mission)
            for achievement in program.achievements:
                if achievement.effects or ("achieved", achievement.id) in self.slots:
                    self.slots["achieved", achievement.id] = None
                    if achievement.when is not None:
                        self._requirement(achievement.when)
                    if achievement.effects and achievement.id in unlocked:
                        self.slots["pending", achievement.id] = None
                    self._brought(achievement.effects)

    def _mission(self, mission: Mission) -> None:
        own: tuple[Slot, Slot] = ("active", mission.id), ("done", mission.id)
        if not mission.effects and not any(slot in self.slots for slot in own):
            return
        self.slots.update(dict.fromkeys(own))
        for step in mission.steps:
            match step:
                case StepVisit(fragment):
                    self.slots[counted(mission, fragment) or ("visits", fragment)] = None
                case StepItem(item):
                    self.slots["item", item] = None
                case StepCount(event):
                    self.slots[counted(mission, event) or ("tally", event)] = None
                case StepMission(other):
                    self.slots["done", other] = None
                case StepHolds(requirement):
                    self._requirement(requirement)
                case _:
                    assert_never(step)
        if mission.expires:
            self._clock(("begun", mission.id), mission.expires)
        if mission.repeat and mission.cooldown:
            self._clock(("rested", mission.id), mission.cooldown)
        self._brought(mission.effects)

    def _clock(self, slot: Slot, *seconds: int) -> None:
        self.slots[slot] = None
        self.marks.setdefault(slot, set()).update(seconds)

    def _brought(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self._effect(effect, refusing=False)

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
            case Compare() | Between() if (hours := hours_asked(requirement)) is not None:
                self._hours(hours)
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
            case IsVip():
                self.slots["vip", ""] = None
            case Achieved(achievement):
                self.slots["achieved", achievement] = None
            case MissionIs(mission, state):
                self.slots[state, mission] = None
            case Feels():
                pass
            case _:
                assert_never(requirement)

    def _hours(self, asked: tuple[HoursAsked, ...]) -> None:
        for one in asked:
            if one.seconds > 0:
                self.slots["visits", one.fragment] = None
                self._clock(("entered", one.fragment), one.seconds)

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
                case LevelOf(points):
                    self.slots["value", points] = None
                    self.slots["earned", points] = None
                case StreakDays():
                    self.slots["streak", ""] = None
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


def _paid_waits(program: Program) -> Iterator[Slot]:
    """Yield the points for which one need not wait."""
    for fragment in program.fragments.values():
        waits = [wait_of(fragment.exit), *(choice.wait for choice in choices_of(fragment.exit))]
        for wait in waits:
            if wait is not None and wait.skip is not None:
                yield "value", wait.skip.points


def granted(program: Program) -> Iterator[tuple[Effect, ...]]:
    """Yield what levels, missions and achievements bring."""
    yield from (one.effects for one in program.achievements)
    yield from (one.effects for one in program.missions)
    if program.levels is not None:
        yield from (one.effects for one in program.levels.levels)


def _unlocked(program: Program) -> Iterator[AchievementId]:
    """Yield the achievements that some effect unlocks."""
    for effects in chain(_written(program), granted(program)):
        yield from (effect.achievement for effect in effects if isinstance(effect, Unlock))


def _written(program: Program) -> Iterator[tuple[Effect, ...]]:
    for fragment in program.fragments.values():
        yield fragment.on_enter
        yield from (choice.effects for choice in choices_of(fragment.exit))


def counted(mission: Mission, name: str) -> Slot | None:
    """Return where a mission that repeats counts visits or events anew; `None` for others, which count all there ever were."""
    return ("count", f"{mission.id} {name}") if mission.repeat else None
