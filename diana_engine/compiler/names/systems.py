"""Which names a story has beside its variables and items: levels, achievements, missions, stages, feelings, events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from diana_engine.compiler.syntax.parts import ParsedEffect
from diana_engine.compiler.syntax.story import ParsedChapter, ParsedManifest
from diana_engine.compiler.syntax.systems import ParsedEmotions, ParsedLevels
from diana_engine.expressions.syntax import MoveSyntax
from diana_engine.expressions.terms import (
    AchievementId,
    ConditionId,
    LevelOf,
    MissionId,
    VariableId,
)
from diana_engine.expressions.types import Systems

__all__ = [
    "FEELINGS",
    "INCOME",
    "condition_of",
    "emitted_in_chapter",
    "emitted_in_manifest",
    "systems_of",
]

FEELINGS = ("neutral", "curious", "engaged", "confused", "frustrated", "satisfied", "excited")
"""How players can feel where `emotions:` does not say it."""
INCOME = (
    "message", "reaction", "comment", "post", "poll", "check_in", "daily_gift", "invite",
)  # fmt: skip
"""What players can do outside a story; missions may count it."""


def systems_of(manifest: ParsedManifest) -> Systems:
    """Return what expressions may name of a manifest's levels, missions and their like."""
    systems = manifest.systems
    return Systems(
        level=_level(systems.levels),
        streak=systems.streak is not None,
        achievements=frozenset(AchievementId(one.id.text) for one in systems.achievements),
        missions=frozenset(MissionId(one.id.text) for one in systems.missions),
        stages={stage.id.text: condition_of(stage.id.text) for stage in systems.stages},
        feelings=frozenset(_feelings(systems.emotions)),
    )


def condition_of(stage: str) -> ConditionId:
    """Return the condition that holds while the relationship is in a stage; no writer can name one so."""
    return ConditionId(f"stage {stage}")


def _level(levels: ParsedLevels | None) -> LevelOf | None:
    if levels is None:
        return None
    known = [int(one.at.text) for one in levels.thresholds if one.at is not None]
    rises = all(low < high for low, high in pairwise(known))
    whole = levels.points is not None and len(known) == len(levels.thresholds) and rises
    points = VariableId(levels.points.text) if levels.points is not None else VariableId("")
    return LevelOf(points, tuple(known) if whole else ())


def _feelings(emotions: ParsedEmotions | None) -> Iterator[str]:
    if emotions is None or emotions.states is None:
        yield from FEELINGS
    else:
        yield from (state.text for state in emotions.states)


def emitted_in_chapter(chapter: ParsedChapter) -> frozenset[str]:
    """Return the events that effects of a chapter emit."""
    effects: list[tuple[ParsedEffect, ...]] = []
    for fragment in chapter.fragments:
        effects.append(fragment.on_enter)
        effects += (choice.effects for choice in fragment.choices or ())
    return _emitted(effects)


def emitted_in_manifest(manifest: ParsedManifest) -> frozenset[str]:
    """Return the events that effects of the manifest emit."""
    effects: list[tuple[ParsedEffect, ...]] = []
    for shared in manifest.shared:
        effects += (choice.effects for choice in shared.choices)
    systems = manifest.systems
    effects += (achievement.effects for achievement in systems.achievements)
    effects += (mission.effects for mission in systems.missions)
    if systems.levels is not None:
        effects += (one.effects for one in systems.levels.thresholds)
    if systems.streak is not None:
        effects += (systems.streak.reward, systems.streak.bonus)
    return _emitted(effects)


def _emitted(effects: Iterable[tuple[ParsedEffect, ...]]) -> frozenset[str]:
    return frozenset(
        effect.syntax.target.text
        for effect in chain.from_iterable(effects)
        if isinstance(effect.syntax, MoveSyntax) and effect.syntax.word == "emit"
    )
