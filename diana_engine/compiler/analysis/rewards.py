"""Missions, achievements, stages and access that can do nothing: what nobody begins, gets, comes to or can be."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.contradictions import exclude_each_other
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.systems import ParsedMission, ParsedPlan
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import AchievementId, MissionId, Not
from diana_engine.source import Located

__all__ = ["idle_rewards"]

_BEGUN_FROM_OUTSIDE = ("daily", "weekly", "event")
_SECTIONS = {"missions": "missions", "achievements": "achievements", "shop": "shop", "leaderboards": "leaderboards", "vip": "access"}  # fmt: skip


def idle_rewards(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    """Yield one finding for each part of these sections that does not do what it was declared for."""
    yield from _missions(story, uses)
    yield from _achievements(story, uses)
    yield from _stages(story)
    yield from _plans(story)
    yield from _menu(story)
    yield from _nobody_is_vip(story, uses)


def _missions(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    for mission in story.manifest.systems.missions:
        kind = mission.kind.text if mission.kind else "side"
        if MissionId(mission.id.text) not in uses.started and kind not in _BEGUN_FROM_OUTSIDE:
            yield diagnose(
                "DIA604",
                mission.id.whole,
                f"Nothing ever begins the mission `{mission.id.text}`.",
                help=f"Write `start {mission.id.text}` in `effects:` or `on_enter:` where players get it.",
            )
        yield from _ring(mission, story)


def _ring(mission: ParsedMission, story: CheckedStory) -> Iterator[Diagnostic]:
    """Tell of a mission that must be done before it can be done; a ring is told at its first mission."""
    missions = {one.id.text: one for one in story.manifest.systems.missions}
    way = _way_back(mission.id.text, missions)
    if way and min(way, key=list(missions).index) == mission.id.text:
        shown = " → ".join(f"`{name}`" for name in (*way, way[0]))
        yield diagnose(
            "DIA607",
            mission.id.whole,
            f"The mission `{mission.id.text}` can only be done once it was done: {shown}.",
            labels=tuple(Label(missions[name].id.whole, "by way of this one") for name in way[1:]),
            help="Take one of these steps out.",
        )


def _way_back(start: str, missions: dict[str, ParsedMission]) -> tuple[str, ...]:
    """Return a way from a mission through those that it needs, back to it; nothing where there is none."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while waiting:
        way = waiting.pop()
        needed = [step.mission.text for step in missions[way[-1]].steps if step.mission]
        if start in needed:
            return way
        for name in needed:
            if name in missions and name not in seen:
                seen.add(name)
                waiting.append((*way, name))
    return ()


def _achievements(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    for achievement in story.manifest.systems.achievements:
        name = achievement.id.text
        if not achievement.when and AchievementId(name) not in uses.unlocked:
            yield diagnose(
                "DIA605",
                achievement.id.whole,
                f"Nobody ever gets the achievement `{name}`.",
                help=f"Say `when:` it is granted, or write `unlock {name}` in an effect.",
            )


def _stages(story: CheckedStory) -> Iterator[Diagnostic]:
    own = story.systems.stages_when
    stages = story.manifest.systems.stages
    for index, stage in enumerate(stages):
        for before, earlier in enumerate(stages[:index]):
            first, then = own[before], own[index]
            hides = first is None or first == then
            if not hides and first is not None and then is not None:
                hides = exclude_each_other(Not(first), then, story)
            if hides:
                yield diagnose(
                    "DIA606",
                    stage.id.whole,
                    f"The stage `{stage.id.text}` is never reached: whenever it holds, `{earlier.id.text}` does, and that one "
                    "comes first.",
                    labels=(Label(earlier.id.whole, "this one comes first"),),
                    help="Write the stages that ask for more before those that ask for less.",
                )
                break


def _plans(story: CheckedStory) -> Iterator[Diagnostic]:
    vip = story.manifest.systems.vip
    first: dict[str, ParsedPlan] = {}
    for plan in vip.plans if vip is not None else ():
        if plan.days is None:
            continue
        before = first.setdefault(plan.days.text, plan)
        if before is not plan and before.days is not None:
            yield diagnose(
                "DIA608",
                plan.days.whole,
                f"Another plan is for {plan.days.text} days, too.",
                labels=(Label(before.days.whole, "the other one"),),
                help="Players would only ever want the cheaper one; keep that.",
            )


def _menu(story: CheckedStory) -> Iterator[Diagnostic]:
    systems = story.manifest.systems
    there = {
        "missions": bool(systems.missions),
        "achievements": bool(systems.achievements),
        "shop": bool(systems.shop),
        "leaderboards": bool(systems.leaderboards),
        "vip": systems.vip is not None,
        "check_in": systems.streak is not None or _earns(story, "check_in"),
        "daily_gift": _earns(story, "daily_gift"),
    }
    for entry in systems.menu:
        if not there.get(entry.text, True):
            yield _nothing_behind(entry)


def _earns(story: CheckedStory, what: str) -> bool:
    return any(one.source.text == what for one in story.manifest.systems.income)


def _nothing_behind(entry: Located) -> Diagnostic:
    section = _SECTIONS.get(entry.text, "income")
    return diagnose(
        "DIA609",
        entry.whole,
        f"The menu shows `{entry.text}`, and there is nothing behind it.",
        help=f"Write `{section}:` in `story.yaml`, or leave this entry out.",
    )


def _nobody_is_vip(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    if not uses.asks_vip or uses.grants_vip or story.manifest.systems.vip is not None:
        return
    for place in story.places.values():
        if place.access is not None:
            yield _never_vip(place.access)
            return
        for choice in place.choices or ():
            if choice.access is not None:
                yield _never_vip(choice.access)
                return


def _never_vip(access: Located) -> Diagnostic:
    return diagnose(
        "DIA610",
        access.whole,
        "This is for VIPs, and nothing in this story says how somebody becomes one.",
        help="Write `access: {vip: {title: …, plans: […]}}` in `story.yaml`, or `grant vip 7d` in an effect.",
    )
