"""What a story has around its fragments: levels, missions, access, income and their like, as the manifest declares them.

What can change a gate (levels, achievements, missions, combinations, VIP, income) is played by `play`. The rest of `Around` is
carried along for who serves the story: it observes and rewards, and the rules of play never read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, NewType, get_args

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    ConditionId,
    Effect,
    FragmentId,
    ItemId,
    MissionId,
    Requirement,
    VariableId,
)
from diana_engine.expressions.text import Text
from diana_engine.records import dataclass

__all__ = [
    "INCOME",
    "POLICIES",
    "Achievement",
    "Around",
    "Bonus",
    "Combination",
    "CombinationId",
    "Emotions",
    "EventId",
    "FeelingRule",
    "Growth",
    "Income",
    "Leaderboard",
    "Level",
    "Levels",
    "Mission",
    "MissionKind",
    "Multiplier",
    "Offer",
    "Plan",
    "Policy",
    "Stage",
    "Step",
    "StepCount",
    "StepHolds",
    "StepItem",
    "StepMission",
    "StepVisit",
    "Streak",
    "TimedEvent",
    "Tone",
    "Vip",
    "most_a_day",
]  # fmt: skip

CombinationId = NewType("CombinationId", str)
EventId = NewType("EventId", str)


# Levels, achievements, missions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level:
    """A level: from how much earned in a lifetime it is reached, and what happens then, once."""

    at: int
    title: str | None = None
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels that earning `points` leads to; they rise, and the first one is level 1."""

    points: VariableId
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Achievement:
    """Something granted once: when `when` holds at the end of a step, or by ``unlock``."""

    id: AchievementId
    title: str
    when: Requirement | None = None
    text: Text | None = None
    effects: tuple[Effect, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class StepVisit:
    """A fragment is to be entered so often."""

    fragment: FragmentId
    times: int = 1


@dataclass(frozen=True, slots=True)
class StepItem:
    """So many of an item are to be held."""

    item: ItemId
    count: int = 1


@dataclass(frozen=True, slots=True)
class StepCount:
    """An event is to happen so often: one of the story's own (``emit``), or something done outside it."""

    event: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class StepMission:
    """Another mission is to be done."""

    mission: MissionId


@dataclass(frozen=True, slots=True)
class StepHolds:
    """A requirement is to hold."""

    requirement: Requirement


Step = StepVisit | StepItem | StepCount | StepMission | StepHolds

MissionKind = Literal["main", "side", "daily", "weekly", "event"]


@dataclass(frozen=True, slots=True)
class Mission:
    """A task of some steps, done when all of them hold at the end of a step of play.

    One that may be repeated counts visits and events anew each time. `cooldown` and `expires` are seconds: how long it
    rests after it was done, and how long a player has for it. `texts` are what players read of each step.
    """

    id: MissionId
    title: str
    steps: tuple[Step, ...]
    texts: tuple[str | None, ...] = ()
    kind: MissionKind = "side"
    text: Text | None = None
    effects: tuple[Effect, ...] = ()
    repeat: bool = False
    cooldown: int = 0
    expires: int | None = None
    during: EventId | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """Items that a player may put together: `of` are used up, each as often as it stands there."""

    id: CombinationId
    of: tuple[ItemId, ...]
    gives: ItemId
    say: Text | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the relationship; `condition` names the condition that says when it is reached."""

    id: str
    title: str
    condition: ConditionId


# Access -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """So many days as VIP for so many Telegram Stars."""

    days: int
    stars: int


@dataclass(frozen=True, slots=True)
class Vip:
    """What it is to be VIP: its name, the channel that goes with it, and how it is bought."""

    title: str
    channel: str | None = None
    plans: tuple[Plan, ...] = ()


# Around the story ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bonus:
    """What comes on every so many days of a streak."""

    every: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Streak:
    """What a day in a row brings, and how many missed days are forgiven."""

    reward: tuple[Effect, ...] = ()
    bonus: Bonus | None = None
    forgive: int = 0


INCOME = (
    "message", "reaction", "comment", "post", "poll", "check_in", "daily_gift", "invite",
)  # fmt: skip
"""What players do outside the story that may earn them points."""


@dataclass(frozen=True, slots=True)
class Income:
    """What something done outside the story earns: so many points, at most so often a day, with seconds between."""

    points: VariableId
    amount: int
    cooldown: int = 0
    daily: int | None = None


def most_a_day(source: str, income: Income) -> int | None:
    """Return how often a day something earns at most, where anything says so: to check in is once a day, as is its gift."""
    return 1 if income.daily is None and source in ("check_in", "daily_gift") else income.daily


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """A time with a name, from the first to the last of its days, as YYYY-MM-DD in the story's time zone."""

    id: EventId
    title: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Multiplier:
    """What is earned of `points` counts so many times while `when` holds and, if it names one, during an event."""

    points: VariableId
    times: int
    when: Requirement | None = None
    during: EventId | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An item for points. `stock` is for all players together, `limit` for each of them."""

    item: ItemId
    points: VariableId
    price: int
    vip: bool = False
    stock: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Who has, or earned, most of some points."""

    id: str
    title: str
    points: VariableId
    by: Literal["earned", "held"] = "earned"
    period: Literal["ever", "month", "week", "day"] = "ever"
    show: int = 10


@dataclass(frozen=True, slots=True)
class FeelingRule:
    """When `on` happens and `when` holds, the player feels `feel` so much more, in hundredths."""

    on: str
    feel: str
    amount: int
    when: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Tone:
    """Words before and after what is read by a player who feels so."""

    before: Text | None = None
    after: Text | None = None


@dataclass(frozen=True, slots=True)
class Emotions:
    """How players may feel, what makes them feel so, and what of it is gone after a day, in hundredths."""

    states: tuple[str, ...]
    rules: tuple[FeelingRule, ...] = ()
    decay: int = 0
    tones: Mapping[str, Tone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What observes and rewards play from outside; of it the rules of play read only the income."""

    streak: Streak | None = None
    income: Mapping[str, Income] = field(default_factory=dict)
    events: tuple[TimedEvent, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    shop: tuple[Offer, ...] = ()
    leaderboards: tuple[Leaderboard, ...] = ()
    emotions: Emotions | None = None
    menu: tuple[str, ...] = ()


# Growing ------------------------------------------------------------------------------------------------------------


Policy = Literal["migrate", "pin", "restart_fragment"]
POLICIES: tuple[Policy, ...] = get_args(Policy)


@dataclass(frozen=True, slots=True)
class Growth:
    """Where players of an older version go: what was renamed to what, and where those stand whose fragment is gone.

    `policy` says how they are carried over: they go on with this version (``migrate``), they do so and enter a fragment
    anew that plays otherwise now (``restart_fragment``), or they stay with theirs until they begin anew (``pin``).
    """

    fragments: Mapping[FragmentId, FragmentId] = field(default_factory=dict)
    choices: Mapping[ChoiceKey, ChoiceKey] = field(default_factory=dict)
    variables: Mapping[VariableId, VariableId] = field(default_factory=dict)
    items: Mapping[ItemId, ItemId] = field(default_factory=dict)
    removed: Mapping[FragmentId, FragmentId] = field(default_factory=dict)
    policy: Policy = "migrate"
    missions: Mapping[MissionId, MissionId] = field(default_factory=dict)
    achievements: Mapping[AchievementId, AchievementId] = field(default_factory=dict)
