"""What a writer wrote of levels, missions, access, income and their like, with every part located."""

from __future__ import annotations

from diana_engine.compiler.syntax.parts import (
    ParsedCost,
    ParsedEffect,
    ParsedRequirement,
    ParsedText,
)
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = [
    "ParsedAchievement", "ParsedCombination", "ParsedEarning", "ParsedEmotions", "ParsedFeelingRule", "ParsedLeaderboard",
    "ParsedLevels", "ParsedMission", "ParsedMove", "ParsedMultiplier", "ParsedOffer", "ParsedPlan", "ParsedStage", "ParsedStep",
    "ParsedStreak", "ParsedSystems", "ParsedThreshold", "ParsedTimedEvent", "ParsedTone", "ParsedVip",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedThreshold:
    """A level; `at` is `None` where it could not be read, and `anchor` is what a finding about all of it points at."""

    anchor: Located
    at: Located | None
    title: Located | None = None
    effects: tuple[ParsedEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedLevels:
    """``levels:``; `key` is the word itself."""

    key: Located
    points: Located | None = None
    thresholds: tuple[ParsedThreshold, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedAchievement:
    """An achievement; `whole` is false where its requirement could not be read."""

    id: Located
    title: Located | None = None
    when: ParsedRequirement = ()
    text: ParsedText | None = None
    effects: tuple[ParsedEffect, ...] = ()
    hidden: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ParsedStep:
    """A step of a mission; `anchor` is its first key."""

    anchor: Located
    visit: Located | None = None
    item: Located | None = None
    event: Located | None = None
    mission: Located | None = None
    when: ParsedRequirement = ()
    times: Located | None = None
    text: Located | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ParsedMission:
    """A mission."""

    id: Located
    title: Located | None = None
    kind: Located | None = None
    text: ParsedText | None = None
    steps: tuple[ParsedStep, ...] = ()
    effects: tuple[ParsedEffect, ...] = ()
    repeat: bool = False
    cooldown: Located | None = None
    expires: Located | None = None
    event: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedCombination:
    """``whole_map: {from: [map_north, map_south], gives: garden_map}``."""

    id: Located
    of: tuple[Located, ...] = ()
    gives: Located | None = None
    say: ParsedText | None = None


@dataclass(frozen=True, slots=True)
class ParsedStage:
    """A stage of the relationship; `whole` is false where its requirement could not be read."""

    id: Located
    title: Located | None = None
    when: ParsedRequirement = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """``{days: 30, stars: 250}``."""

    days: Located | None
    stars: Located | None


@dataclass(frozen=True, slots=True)
class ParsedVip:
    """``access: {vip: …}``."""

    title: Located | None = None
    channel: Located | None = None
    plans: tuple[ParsedPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedStreak:
    """``streak:``."""

    reward: tuple[ParsedEffect, ...] = ()
    every: Located | None = None
    bonus: tuple[ParsedEffect, ...] = ()
    forgive: int = 0


@dataclass(frozen=True, slots=True)
class ParsedEarning:
    """What something done outside the story earns."""

    source: Located
    points: Located | None = None
    amount: Located | None = None
    cooldown: Located | None = None
    daily: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedTimedEvent:
    """A time with a name."""

    id: Located
    title: Located | None = None
    start: Located | None = None
    end: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedMultiplier:
    """``{when: vip, points: coins, times: 2}``."""

    points: Located | None = None
    times: Located | None = None
    when: ParsedRequirement = ()
    event: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedOffer:
    """An item for points."""

    item: Located
    price: ParsedCost | None = None
    access: Located | None = None
    stock: Located | None = None
    limit: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedLeaderboard:
    """A leaderboard."""

    id: Located
    title: Located | None = None
    points: Located | None = None
    by: Located | None = None
    period: Located | None = None
    show: int = 10


@dataclass(frozen=True, slots=True)
class ParsedFeelingRule:
    """``{on: fragment_completed, if: seconds < 30, feel: engaged 0.2}``."""

    on: Located | None = None
    when: ParsedRequirement = ()
    feel: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedTone:
    """Words for a feeling."""

    feeling: Located
    before: ParsedText | None = None
    after: ParsedText | None = None


@dataclass(frozen=True, slots=True)
class ParsedEmotions:
    """``emotions:``; without `states` there are those that every story has."""

    states: tuple[Located, ...] | None = None
    rules: tuple[ParsedFeelingRule, ...] = ()
    decay: Located | None = None
    tones: tuple[ParsedTone, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedMove:
    """``old: new`` under ``renamed:`` or ``removed:``; `to` is `None` where it could not be read."""

    old: Located
    to: Located | None


@dataclass(frozen=True, slots=True)
class ParsedSystems:
    """All of these in a manifest; `None` where a section was not written."""

    levels: ParsedLevels | None = None
    achievements: tuple[ParsedAchievement, ...] = ()
    missions: tuple[ParsedMission, ...] = ()
    combinations: tuple[ParsedCombination, ...] = ()
    stages: tuple[ParsedStage, ...] = ()
    vip: ParsedVip | None = None
    streak: ParsedStreak | None = None
    income: tuple[ParsedEarning, ...] = ()
    events: tuple[ParsedTimedEvent, ...] = ()
    multipliers: tuple[ParsedMultiplier, ...] = ()
    shop: tuple[ParsedOffer, ...] = ()
    leaderboards: tuple[ParsedLeaderboard, ...] = ()
    emotions: ParsedEmotions | None = None
    menu: tuple[Located, ...] = ()
    renamed: tuple[ParsedMove, ...] = ()
    removed: tuple[ParsedMove, ...] = ()
    carry_over: Located | None = None
