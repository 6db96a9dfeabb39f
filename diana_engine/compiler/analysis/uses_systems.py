"""What levels, missions, income, shop and their like read and write: the manifest's part of the walk over all names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, assert_never

from diana_engine.compiler.checking.systems import CheckedSystems
from diana_engine.expressions.terms import (
    AchievementId,
    Effect,
    FragmentId,
    ItemId,
    MissionId,
    Requirement,
    VariableId,
)
from diana_engine.expressions.text import Text
from diana_engine.program.systems import (
    Around,
    Step,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
)

__all__ = ["use_systems"]


class Gathering(Protocol):
    """The walk's gathering of names, as far as the manifest's sections add to it."""

    read: set[VariableId]
    written: set[VariableId]
    paid: set[VariableId]
    asked: set[ItemId]
    given: set[ItemId]
    taken: set[ItemId]
    counted: set[FragmentId]
    achievements_asked: set[AchievementId]
    missions_asked: set[MissionId]
    events_counted: set[str]

    def requirement(self, term: Requirement) -> None:
        """Note what a requirement reads."""

    def effect(self, effect: Effect) -> None:
        """Note what an effect reads and writes."""

    def text(self, text: Text) -> None:
        """Note what a text reads."""


def use_systems(uses: Gathering, systems: CheckedSystems) -> None:
    """Note what all sections of the manifest read and write."""
    if systems.levels is not None:
        uses.read.add(systems.levels.points)
        for level in systems.levels.levels:
            _effects(uses, level.effects)
    for achievement in systems.achievements:
        _optional(uses, achievement.when)
        _effects(uses, achievement.effects)
        uses.text(achievement.text or ())
    for mission in systems.missions:
        for step in mission.steps:
            _step(uses, step)
        _effects(uses, mission.effects)
        uses.text(mission.text or ())
    for combination in systems.combinations:
        uses.asked.update(combination.of)
        uses.taken.update(combination.of)
        uses.given.add(combination.gives)
        uses.text(combination.say or ())
    _around(uses, systems.around)


def _around(uses: Gathering, around: Around) -> None:
    uses.written.update(income.points for income in around.income.values())
    if around.streak is not None:
        _effects(uses, around.streak.reward)
        _effects(uses, around.streak.bonus.effects if around.streak.bonus else ())
    for multiplier in around.multipliers:
        _optional(uses, multiplier.when)
    for offer in around.shop:
        uses.paid.add(offer.points)
        uses.given.add(offer.item)
    uses.read.update(board.points for board in around.leaderboards)
    if around.emotions is not None:
        for rule in around.emotions.rules:
            _optional(uses, rule.when)
        for tone in around.emotions.tones.values():
            uses.text(tone.before or ())
            uses.text(tone.after or ())


def _step(uses: Gathering, step: Step) -> None:
    match step:
        case StepVisit(fragment):
            uses.counted.add(fragment)
        case StepItem(item):
            uses.asked.add(item)
        case StepCount(event):
            uses.events_counted.add(event)
        case StepMission(mission):
            uses.missions_asked.add(mission)
        case StepHolds(requirement):
            uses.requirement(requirement)
        case _:
            assert_never(step)


def _optional(uses: Gathering, requirement: Requirement | None) -> None:
    if requirement is not None:
        uses.requirement(requirement)


def _effects(uses: Gathering, effects: Iterable[Effect]) -> None:
    for effect in effects:
        uses.effect(effect)
