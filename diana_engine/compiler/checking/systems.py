"""Do the levels, achievements, missions, combinations, stages and the access of a story hold together?"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import cast

from diana_engine.compiler.checking.around import check_around
from diana_engine.compiler.checking.growth import check_growth
from diana_engine.compiler.checking.parts import Part
from diana_engine.compiler.names.symbols import Symbols
from diana_engine.compiler.names.systems import condition_of
from diana_engine.compiler.syntax.parts import ParsedRequirement
from diana_engine.compiler.syntax.systems import (
    ParsedAchievement,
    ParsedCombination,
    ParsedLevels,
    ParsedMission,
    ParsedStep,
    ParsedSystems,
    ParsedVip,
)
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import (
    AchievementId,
    All,
    ConditionId,
    MissionId,
    Not,
    Requirement,
)
from diana_engine.program.systems import (
    Achievement,
    Around,
    Combination,
    CombinationId,
    EventId,
    Growth,
    Level,
    Levels,
    Mission,
    MissionKind,
    Plan,
    Stage,
    Step,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
    Vip,
)
from diana_engine.records import dataclass

__all__ = ["CheckedSystems", "check_systems"]


@dataclass(frozen=True, slots=True)
class CheckedSystems:
    """What the program has of these, and the requirements in them beside what the writer wrote.

    `stages_when` are the stages' own requirements, of which a stage's condition asks the first that holds.
    """

    levels: Levels | None = None
    achievements: tuple[Achievement, ...] = ()
    missions: tuple[Mission, ...] = ()
    combinations: tuple[Combination, ...] = ()
    stages: tuple[Stage, ...] = ()
    vip: Vip | None = None
    around: Around = field(default_factory=Around)
    growth: Growth = field(default_factory=Growth)
    conditions: tuple[tuple[ConditionId, Requirement], ...] = ()
    stages_when: tuple[Requirement | None, ...] = ()
    asked: tuple[tuple[ParsedRequirement, Requirement | None], ...] = ()


def check_systems(
    systems: ParsedSystems, symbols: Symbols, found: list[Diagnostic]
) -> CheckedSystems:
    """Return what is right of all these sections; what is wrong goes to `found`."""
    if systems == ParsedSystems():
        return CheckedSystems()
    return _Check(systems, symbols, found).run()


@dataclass(slots=True)
class _Check:
    systems: ParsedSystems
    symbols: Symbols
    found: list[Diagnostic]
    asked: list[tuple[ParsedRequirement, Requirement | None]] = field(default_factory=list)

    def run(self) -> CheckedSystems:
        systems = self.systems
        own = [self._asked(f"stage {one.id.text}", one.when) for one in systems.stages]
        around, asked = check_around(systems, self._part("around"))
        return CheckedSystems(
            levels=self._levels(systems.levels),
            achievements=tuple(map(self._achievement, systems.achievements)),
            missions=tuple(map(self._mission, systems.missions)),
            combinations=tuple(map(self._combination, systems.combinations)),
            stages=tuple(
                Stage(one.id.text, one.title.text if one.title else one.id.text, condition)
                for one in systems.stages
                for condition in (condition_of(one.id.text),)
            ),
            vip=_vip(systems.vip),
            around=around,
            growth=check_growth(systems, self._part("growth")),
            conditions=tuple(
                (condition_of(one.id.text), _first(own[: index + 1]))
                for index, one in enumerate(systems.stages)
            ),
            stages_when=tuple(own),
            asked=(*self.asked, *asked),
        )

    def _part(self, name: str) -> Part:
        return Part(name, self.symbols.scope("main"), self.found)

    def _asked(self, name: str, parsed: ParsedRequirement) -> Requirement | None:
        requirement = self._part(name).requirement(parsed)
        self.asked.append((parsed, requirement))
        return requirement

    # Levels

    def _levels(self, parsed: ParsedLevels | None) -> Levels | None:
        if parsed is None:
            return None
        part = self._part("level")
        levels: list[Level] = []
        for number, one in enumerate(parsed.thresholds, start=1):
            if one.at is None:
                continue
            at = int(one.at.text)
            if levels and at <= levels[-1].at:
                message = (
                    f"Level {number} begins at {at}, and the one before it at {levels[-1].at}."
                )
                help = "Write the levels from the lowest up, each with more than the one before."
                part.report("DIA601", one.at, message, help)
            effects = part.at(str(number)).effects(one.effects)
            levels.append(Level(at, one.title.text if one.title else None, effects))
        points = part.points(parsed.points.text, parsed.points.whole) if parsed.points else None
        return Levels(points, tuple(levels)) if points is not None else None

    # Achievements

    def _achievement(self, parsed: ParsedAchievement) -> Achievement:
        name = f"achievement {parsed.id.text}"
        part = self._part(name)
        return Achievement(
            id=AchievementId(parsed.id.text),
            title=parsed.title.text if parsed.title else "",
            when=self._asked(name, parsed.when),
            text=part.text(parsed.text),
            effects=part.effects(parsed.effects),
            hidden=parsed.hidden,
        )

    # Missions

    def _mission(self, parsed: ParsedMission) -> Mission:
        part = self._part(f"mission {parsed.id.text}")
        steps = [
            (step, one.text.text if one.text else None)
            for number, one in enumerate(parsed.steps, start=1)
            if (step := self._step(one, part.at(str(number)))) is not None
        ]
        if parsed.cooldown is not None and not parsed.repeat:
            help = "Write `repeat: true` too, or leave `cooldown:` out."
            message = "`cooldown:` stands here, and the mission cannot be begun anew."
            part.report("DIA602", parsed.cooldown, message, help)
        return Mission(
            id=MissionId(parsed.id.text),
            title=parsed.title.text if parsed.title else "",
            steps=tuple(step for step, _ in steps),
            texts=tuple(text for _, text in steps) if any(text for _, text in steps) else (),
            kind=cast(MissionKind, parsed.kind.text) if parsed.kind else "side",
            text=part.text(parsed.text),
            effects=part.effects(parsed.effects),
            repeat=parsed.repeat,
            cooldown=part.seconds(parsed.cooldown) or 0,
            expires=part.seconds(parsed.expires),
            during=self._event(parsed, part),
        )

    def _event(self, parsed: ParsedMission, part: Part) -> EventId | None:
        if parsed.event is None:
            return None
        if parsed.event.text not in self.symbols.events:
            part.scope.missing("event", parsed.event.text, parsed.event.whole)
        return EventId(parsed.event.text)

    def _step(self, parsed: ParsedStep, part: Part) -> Step | None:
        times = int(parsed.times.text) if parsed.times else 1
        named = [parsed.visit, parsed.item, parsed.event, parsed.mission]
        kinds = sum(name is not None for name in named) + bool(parsed.when)
        if kinds != 1:
            if parsed.whole:
                _one_thing(kinds, parsed, part)
            return None
        if parsed.times is not None and (parsed.when or parsed.mission):
            message = "`times:` counts visits, items and events, and this step has none of them."
            part.report("DIA345", parsed.times, message, "Leave `times:` out.")
        if parsed.visit is not None:
            return StepVisit(part.fragment(parsed.visit), times)
        if parsed.item is not None:
            return self._held(parsed, times, part)
        if parsed.event is not None:
            if parsed.event.text not in self.symbols.counted:
                part.scope.missing("event", parsed.event.text, parsed.event.whole)
            return StepCount(parsed.event.text, times)
        if parsed.mission is not None:
            if parsed.mission.text not in part.scope.systems.missions:
                part.scope.missing("mission", parsed.mission.text, parsed.mission.whole)
            return StepMission(MissionId(parsed.mission.text))
        requirement = self._asked(part.name, parsed.when)
        return StepHolds(requirement) if requirement is not None else None

    def _held(self, parsed: ParsedStep, times: int, part: Part) -> Step:
        assert parsed.item is not None
        item = part.item(parsed.item)
        declared = self.symbols.items.get(item)
        if declared is not None and parsed.times is not None and times > declared.maximum:
            message = f"Nobody can hold {times} of `{item}`: its `max` is {declared.maximum}."
            part.report(
                "DIA603", parsed.times, message, "Ask for fewer, or give it a larger `max`."
            )
        return StepItem(item, times)

    # Combinations

    def _combination(self, parsed: ParsedCombination) -> Combination:
        part = self._part(f"combination {parsed.id.text}")
        of = tuple(map(part.item, parsed.of))
        for name, times in Counter(of).items():
            declared = self.symbols.items.get(name)
            if declared is not None and times > declared.maximum:
                again = [one for one in parsed.of if one.text == name][-1]
                message = f"This needs {times} of `{name}`, and nobody can hold more than {declared.maximum}."
                part.report("DIA603", again, message, "Ask for fewer, or give it a larger `max`.")
        self._same(parsed)
        gives = part.item(parsed.gives) if parsed.gives else part.item(parsed.id)
        return Combination(CombinationId(parsed.id.text), of, gives, part.text(parsed.say))

    def _same(self, parsed: ParsedCombination) -> None:
        """Two ways to put the same things together: players could not say which one they mean."""
        needed = Counter(one.text for one in parsed.of)
        for other in self.systems.combinations:
            if other is parsed:
                return
            if needed and Counter(one.text for one in other.of) == needed:
                self.found.append(
                    diagnose(
                        "DIA256",
                        parsed.id.whole,
                        f"`{parsed.id.text}` puts together the same items as `{other.id.text}`.",
                        labels=(Label(other.id.whole, "the other one"),),
                        help="Let them differ in an item, or keep one of them.",
                    )
                )
                return


def _one_thing(kinds: int, parsed: ParsedStep, part: Part) -> None:
    help = "Write one of `visit:`, `item:`, `event:`, `mission:` and `when:`."
    if kinds:
        message = "This step names several things; each is a step of its own."
    else:
        message = "This step names nothing that could be done."
    part.report("DIA344", parsed.anchor, message, help)


def _vip(parsed: ParsedVip | None) -> Vip | None:
    if parsed is None:
        return None
    return Vip(
        parsed.title.text if parsed.title else "",
        parsed.channel.text if parsed.channel else None,
        tuple(
            Plan(int(plan.days.text), int(plan.stars.text))
            for plan in parsed.plans
            if plan.days is not None and plan.stars is not None
        ),
    )


def _first(own: list[Requirement | None]) -> Requirement:
    """Return the requirement that the last one holds and none before it; one that asks nothing always holds."""
    *before, last = own
    denied = tuple(Not(one) if one is not None else Not(All(())) for one in before)
    parts = (*denied, last) if last is not None else denied
    return parts[0] if len(parts) == 1 else All(parts)
