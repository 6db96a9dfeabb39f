"""Which names a story reads, and which it writes: the one walk over all terms, effects and texts.

Every analysis of names asks the value that this walk gathers, so that a new term or effect has one place to be told.
The unions are taken apart exhaustively: mypy names this module when one of them grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, fields
from typing import assert_never

from diana_engine.compiler.analysis.uses_systems import use_systems
from diana_engine.compiler.checking.checked import CheckedStory
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
    ChoiceKey,
    Chose,
    Compare,
    ConditionId,
    Constant,
    Count,
    Effect,
    Emit,
    Feels,
    FlagIs,
    FragmentId,
    Give,
    GrantVip,
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
    Requirement,
    Roll,
    SetFlag,
    SetWord,
    StartMission,
    StreakDays,
    Take,
    Unlock,
    VariableId,
    Visited,
    Visits,
    WordIs,
    WordOf,
)
from diana_engine.expressions.text import Alternatives, Format, Link, Plain, Show, Text, When
from diana_engine.program.exits import ask_of, branches_of, choices_of, wait_of
from diana_engine.program.model import Choice, Fragment, Wait
from diana_engine.records import dataclass

__all__ = ["SeenUses", "Uses", "join_uses", "uses_of", "uses_of_fragment", "uses_of_manifest"]


@dataclass(slots=True)
class Uses:
    """The names that were met; what is `asked_for` players type; `draws` says whether something is drawn, or turns with each visit."""

    read: set[VariableId] = field(default_factory=set)
    written: set[VariableId] = field(default_factory=set)
    paid: set[VariableId] = field(default_factory=set)
    words_asked: set[tuple[VariableId, str]] = field(default_factory=set)
    words_set: set[tuple[VariableId, str]] = field(default_factory=set)
    asked: set[ItemId] = field(default_factory=set)
    given: set[ItemId] = field(default_factory=set)
    taken: set[ItemId] = field(default_factory=set)
    conditions: set[ConditionId] = field(default_factory=set)
    counted: set[FragmentId] = field(default_factory=set)
    chosen: set[ChoiceKey] = field(default_factory=set)
    speakers: set[str] = field(default_factory=set)
    achievements_asked: set[AchievementId] = field(default_factory=set)
    unlocked: set[AchievementId] = field(default_factory=set)
    missions_asked: set[MissionId] = field(default_factory=set)
    started: set[MissionId] = field(default_factory=set)
    emitted: set[str] = field(default_factory=set)
    events_counted: set[str] = field(default_factory=set)
    feelings: set[str] = field(default_factory=set)
    asks_streak: bool = False
    asks_vip: bool = False
    grants_vip: bool = False
    asked_for: set[VariableId] = field(default_factory=set)
    timed: set[FragmentId] = field(default_factory=set)
    draws: bool = False

    def number(self, term: Number) -> None:
        """Note what a number reads."""
        match term:
            case Constant():
                pass
            case NumberOf(variable):
                self.read.add(variable)
            case Visits(fragment):
                self.counted.add(fragment)
            case HoursSince(fragment):
                self.timed.add(fragment)
            case Count(items):
                self.asked.update(items)
            case Arithmetic(_, left, right):
                self.number(left)
                self.number(right)
            case Roll():
                self.draws = True
            case LevelOf(points):
                self.read.add(points)
            case StreakDays():
                self.asks_streak = True
            case _:
                assert_never(term)

    def requirement(self, term: Requirement) -> None:
        """Note what a requirement reads."""
        match term:
            case FlagIs(variable):
                self.read.add(variable)
            case Compare(_, left, right):
                self._numbers(left, right)
            case Between(value, low, high):
                self._numbers(value, low, high)
            case WordIs(variable, word):
                self.read.add(variable)
                self.words_asked.add((variable, word))
            case Has(item):
                self.asked.add(item)
            case Visited():
                pass
            case Chose(choice):
                self.chosen.add(choice)
            case Chance():
                self.draws = True
            case Holds(condition):
                self.conditions.add(condition)
            case Not(inner):
                self.requirement(inner)
            case All(parts) | Any(parts):
                for part in parts:
                    self.requirement(part)
            case IsVip():
                self.asks_vip = True
            case Achieved(achievement):
                self.achievements_asked.add(achievement)
            case MissionIs(mission):
                self.missions_asked.add(mission)
            case Feels(feeling):
                self.feelings.add(feeling)
            case _:
                assert_never(term)

    def _numbers(self, *terms: Number) -> None:
        for term in terms:
            self.number(term)

    def effect(self, effect: Effect) -> None:
        """Note what an effect reads and writes."""
        match effect:
            case AddTo(variable, value) | Assign(variable, value):
                self._change(variable, value)
            case SetFlag(variable):
                self.written.add(variable)
            case SetWord(variable, word):
                self.written.add(variable)
                self.words_set.add((variable, word))
            case Give(item):
                self.given.add(item)
            case Take(item):
                self.taken.add(item)
            case StartMission(mission):
                self.started.add(mission)
            case Unlock(achievement):
                self.unlocked.add(achievement)
            case GrantVip():
                self.grants_vip = True
            case Emit(event):
                self.emitted.add(event)
            case _:
                assert_never(effect)

    def _change(self, variable: VariableId, value: Number) -> None:
        """A variable that is read only to change itself decides nothing, so that does not count."""
        inner = Uses()
        inner.number(value)
        self.written.add(variable)
        self.read |= inner.read - {variable}
        self.asked |= inner.asked
        self.counted |= inner.counted
        self.timed |= inner.timed
        self.draws |= inner.draws

    def text(self, text: Text) -> None:
        """Note what a text reads."""
        for part in text:
            match part:
                case Plain():
                    pass
                case Format(_, inner) | Link(_, inner):
                    self.text(inner)
                case Show(value):
                    self._shown(value)
                case When(branches):
                    for branch in branches:
                        self._optional(branch.requirement)
                        self.text(branch.text)
                case Alternatives(_, options):
                    self.draws = True
                    for option in options:
                        self.text(option)
                case _:
                    assert_never(part)

    def _shown(self, value: Number | WordOf) -> None:
        if isinstance(value, WordOf):
            self.read.add(value.variable)
        else:
            self.number(value)

    def _optional(self, requirement: Requirement | None) -> None:
        if requirement is not None:
            self.requirement(requirement)

    def _effects(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effect(effect)

    def fragment(self, fragment: Fragment) -> None:
        """Note what a fragment reads and writes, its choices included."""
        self.text(fragment.text)
        self._effects(fragment.on_enter)
        if fragment.remind is not None:
            self.text(fragment.remind.text)
        if fragment.speaker is not None:
            self.speakers.add(fragment.speaker)
        if fragment.gate is not None:
            self.requirement(fragment.gate.requires)
        if fragment.storylet is not None:
            self.text(fragment.storylet.text)
            self._optional(fragment.storylet.requires)
        for choice in choices_of(fragment.exit):
            self._choice(choice)
        for branch in branches_of(fragment.exit):
            self._optional(branch.requires)
        self._wait(wait_of(fragment.exit))
        if (ask := ask_of(fragment.exit)) is not None:
            self.asked_for.add(ask.into)
            self.written.add(ask.into)
            self.text(ask.retry or ())

    def _choice(self, choice: Choice) -> None:
        self.text(choice.text)
        self.text(choice.locked or ())
        self.text(choice.say or ())
        self._optional(choice.requires)
        self._effects(choice.effects)
        if choice.cost is not None:
            self.paid.add(choice.cost.points)
        self._wait(choice.wait)
        if choice.remind is not None:
            self.text(choice.remind.text)

    def _wait(self, wait: Wait | None) -> None:
        if wait is not None and wait.skip is not None:
            self.paid.add(wait.skip.points)


@dataclass(frozen=True, slots=True)
class SeenUses:
    """What the analyses of one chapter may know of the uses in all others.

    Kept small: when any of it changes, the chapter is looked at anew. `counted` and `chosen` hold its own names only.
    """

    words_set: frozenset[tuple[VariableId, str]]
    asked_for: frozenset[VariableId]
    counted: frozenset[FragmentId]
    chosen: frozenset[ChoiceKey]


def join_uses(every: Iterable[Uses]) -> Uses:
    """Return all these uses as one."""
    joined = Uses()
    for uses in every:
        for part in fields(Uses):
            value = getattr(uses, part.name)
            before = getattr(joined, part.name)
            setattr(joined, part.name, before | value)
    return joined


def uses_of_manifest(story: CheckedStory) -> Uses:
    """Return the names that the manifest uses: its conditions, and all of its sections."""
    uses = Uses()
    for requirement in story.conditions.values():
        uses.requirement(requirement)
    use_systems(uses, story.systems)
    return uses


def uses_of(fragments: Iterable[Fragment]) -> Uses:
    """Return the names that fragments use."""
    uses = Uses()
    for fragment in fragments:
        uses.fragment(fragment)
    return uses


def uses_of_fragment(fragment: Fragment) -> Uses:
    """Return the names that one fragment uses."""
    uses = Uses()
    uses.fragment(fragment)
    return uses
