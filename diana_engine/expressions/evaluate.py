"""What a term comes to for one player: a number, or whether a requirement holds.

Both functions only read. They recurse as deep as the term, which the compiler limits to far less than Python bears,
and loop where a generator would cost a stack frame and time: this is the innermost part of every step.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Protocol, assert_never

from diana_engine.expressions.draw import draw
from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    Achieved,
    AchievementId,
    All,
    Any,
    Arithmetic,
    Between,
    Chance,
    ChoiceKey,
    Chose,
    Compare,
    Comparison,
    ConditionId,
    Constant,
    Count,
    Feels,
    FlagIs,
    FragmentId,
    Has,
    Holds,
    HoursSince,
    IsVip,
    ItemId,
    LevelOf,
    MissionId,
    MissionIs,
    Not,
    Number,
    NumberOf,
    Operator,
    Requirement,
    Roll,
    StreakDays,
    Value,
    VariableId,
    Visited,
    Visits,
    WordIs,
)

__all__ = ["Facts", "Run", "holds", "number"]


class Run(Protocol):
    """How a player fares with a mission."""

    @property
    def active(self) -> bool:
        """Whether it is under way."""

    @property
    def times(self) -> int:
        """How often it was done."""


_HOUR = 3_600


class Facts(Protocol):
    """What terms can ask about a player; mappings may leave out what is 0, but `values` holds every variable."""

    @property
    def seed(self) -> int:
        """What fixes all chance of this play."""

    @property
    def entry(self) -> int:
        """How many fragments were entered so far."""

    @property
    def values(self) -> Mapping[VariableId, Value]:
        """Every variable's value."""

    @property
    def items(self) -> Mapping[ItemId, int]:
        """How many of each item the player holds."""

    @property
    def visits(self) -> Mapping[FragmentId, int]:
        """How often each fragment was entered."""

    @property
    def entered(self) -> Mapping[FragmentId, int]:
        """When each fragment that is asked for that was last entered, in seconds since 1970."""

    @property
    def now(self) -> int:
        """What time it is, in seconds since 1970."""

    @property
    def chosen(self) -> Mapping[ChoiceKey, int]:
        """How often each choice was taken."""

    @property
    def earned(self) -> Mapping[VariableId, int]:
        """What was earned of points in a lifetime, where levels count it."""

    @property
    def achieved(self) -> Mapping[AchievementId, int]:
        """The achievements that were granted."""

    @property
    def missions(self) -> Mapping[MissionId, Run]:
        """How the player fares with each mission that was ever begun."""

    @property
    def vip(self) -> bool:
        """Whether the player is VIP at this moment."""

    @property
    def streak(self) -> int:
        """On how many days in a row the player was here."""

    @property
    def feeling(self) -> str | None:
        """How the player is taken to feel; `None` where nothing is known."""


def number(term: Number, facts: Facts) -> int:
    """Return the whole number that `term` comes to, never beyond the language's limit either way."""
    match term:
        case Constant():
            return term.value
        case NumberOf():
            value = facts.values[term.variable]
            assert isinstance(value, int), f"{term.variable} holds no number"
            return value
        case Visits():
            return facts.visits.get(term.fragment, 0)
        case HoursSince():
            entered = facts.entered.get(term.fragment, facts.now)
            return min(max(0, facts.now - entered) // _HOUR, NUMBER_LIMIT)
        case Count():
            held = facts.items
            return _saturated(sum([held.get(item, 0) for item in term.items]))
        case Arithmetic():
            return _arithmetic(term.operator, number(term.left, facts), number(term.right, facts))
        case Roll():
            return term.low + draw(facts.seed, facts.entry, term.place, term.high - term.low + 1)
        case LevelOf():
            return bisect_right(term.thresholds, facts.earned.get(term.points, 0))
        case StreakDays():
            return facts.streak
        case _:
            assert_never(term)


def holds(
    requirement: Requirement, facts: Facts, conditions: Mapping[ConditionId, Requirement]
) -> bool:
    """Return whether `requirement` is met; `conditions` are the story's named requirements."""
    match requirement:
        case FlagIs():
            return facts.values[requirement.variable] is True
        case Compare():
            left = number(requirement.left, facts)
            return _compared(requirement.operator, left, number(requirement.right, facts))
        case Has():
            return facts.items.get(requirement.item, 0) > 0
        case Visited():
            return facts.visits.get(requirement.fragment, 0) > 0
        case All():
            return _every(requirement.requirements, facts, conditions)
        case Any():
            return _some(requirement.requirements, facts, conditions)
        case Not():
            return not holds(requirement.requirement, facts, conditions)
        case Holds():
            return holds(conditions[requirement.condition], facts, conditions)
        case Between():
            low = number(requirement.low, facts)
            return low <= number(requirement.value, facts) <= number(requirement.high, facts)
        case WordIs():
            return facts.values[requirement.variable] == requirement.word
        case Chose():
            return facts.chosen.get(requirement.choice, 0) > 0
        case Chance():
            return draw(facts.seed, facts.entry, requirement.place, 100) < requirement.percent
        case IsVip():
            return facts.vip
        case Achieved():
            return requirement.achievement in facts.achieved
        case MissionIs():
            return _is_so(requirement, facts.missions.get(requirement.mission))
        case Feels():
            return facts.feeling == requirement.feeling
        case _:
            assert_never(requirement)


def _is_so(asked: MissionIs, run: Run | None) -> bool:
    if run is None:
        return False
    return run.active if asked.state == "active" else run.times > 0


def _every(
    requirements: tuple[Requirement, ...],
    facts: Facts,
    conditions: Mapping[ConditionId, Requirement],
) -> bool:
    for requirement in requirements:  # noqa: SIM110 - `all` would add a frame to each level
        if not holds(requirement, facts, conditions):
            return False
    return True


def _some(
    requirements: tuple[Requirement, ...],
    facts: Facts,
    conditions: Mapping[ConditionId, Requirement],
) -> bool:
    for requirement in requirements:  # noqa: SIM110 - `any` would add a frame to each level
        if holds(requirement, facts, conditions):
            return True
    return False


def _arithmetic(operator: Operator, left: int, right: int) -> int:
    match operator:
        case "+":
            return _saturated(left + right)
        case "-":
            return _saturated(left - right)
        case "*":
            return _saturated(left * right)
        case _:
            assert_never(operator)


def _compared(operator: Comparison, left: int, right: int) -> bool:
    match operator:
        case ">=":
            return left >= right
        case "<":
            return left < right
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            assert_never(operator)


def _saturated(value: int) -> int:
    if -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
        return value
    return NUMBER_LIMIT if value > 0 else -NUMBER_LIMIT
