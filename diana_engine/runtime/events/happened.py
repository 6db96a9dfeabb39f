"""What happened in a step of play, told in the words of the catalogue: pure, so that it is decided with the step.

Each thing that happened is told once, by one event, in the order in which it happened; first of all comes what the player
did. One fact has two events: a refused action is an interaction, and beyond it an access that was denied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Literal, assert_never

from diana_engine.database.ports.events import NewEvent
from diana_engine.expressions.terms import (
    ChoiceKey,
    ConditionId,
    FragmentId,
    Holds,
    IsVip,
    Not,
    Requirement,
)
from diana_engine.play import events as play
from diana_engine.play.actions import Action, Answer, Choose, Combine, Continue, Earn, Skip, Start
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Points, Program, Words
from diana_engine.records import dataclass
from diana_engine.runtime.events import catalogue as told
from diana_engine.runtime.events.catalogue import Happening, as_event

__all__ = ["Happened", "happened", "tell"]

_DENIED = frozenset({"requirement", "cost", "effects", "items"})


@dataclass(frozen=True, slots=True)
class Happened:
    """A step of play: what was done, where the player stood before, and what came of it.

    `before` is `None` for a player who had not begun; after a refused action `after` is the same state as `before`.
    """

    program: Program
    action: Action
    before: PlayerState | None
    after: PlayerState
    events: tuple[play.Event, ...]
    moment: Moment


def tell(step: Happened, correlation: str | None = None) -> tuple[NewEvent, ...]:
    """Return what is to be stored of what happened."""
    return tuple(as_event(happening, correlation) for happening in happened(step))


def happened(step: Happened) -> Iterator[Happening]:
    """Yield what happened, in order."""
    deed = _deed(step.action)
    match step.events:
        case (play.Refused() as refused,):
            yield told.UserInteraction(deed, refused.why)
            if refused.why in _DENIED:
                yield _denied(step, refused)
        case events:
            yield told.UserInteraction(deed, "done")
            yield from _done(step, deed, events)


_Deed = Literal["start", "choose", "continue", "answer", "combine", "skip", "earn"]


def _deed(action: Action) -> _Deed:
    match action:
        case Start():
            return "start"
        case Choose():
            return "choose"
        case Continue():
            return "continue"
        case Answer():
            return "answer"
        case Combine():
            return "combine"
        case Skip():
            return "skip"
        case Earn():
            return "earn"
        case _:
            assert_never(action)


def _done(step: Happened, deed: str, events: tuple[play.Event, ...]) -> Iterator[Happening]:
    reason = deed
    vip_until = 0 if step.before is None else step.before.vip_until
    for event in events:
        if isinstance(event, play.ValueChanged):
            # Most of what happens, and never the reason of anything.
            yield _value(event, step.program, reason)
            continue
        reason = _reason(event) or reason
        match event:
            case play.TurnedAway(fragment, to):
                gate = step.program.fragments[fragment].gate
                requires = None if gate is None else gate.requires
                if vip_until <= step.moment.now and _asks_for_vip(requires, step.program):
                    yield told.VipAccessRequired(fragment, to=to)
                else:
                    yield told.NarrativeAccessDenied(fragment, "requirement", to=to)
            case play.VipGranted(before, vip_until):
                yield told.VipGranted(before, vip_until)
            case _:
                yield _told(event, step)


def _told(event: _Plain, step: Happened) -> Happening:
    """Return what one thing that happened is called outside."""
    match event:
        case play.Started():
            return told.StoryStarted(step.before is not None)
        case play.ChoiceTaken(fragment, choice):
            return told.NarrativeDecision(fragment, choice)
        case play.FragmentEntered(fragment, visits):
            return told.NarrativeProgress(fragment, visits)
        case play.Answered(fragment, variable):
            return told.QuestionAnswered(fragment, variable)
        case play.Called(fragment):
            return told.SubStoryBegan(fragment)
        case play.Returned(fragment):
            return told.SubStoryEnded(fragment)
        case play.WaitBegan(fragment, choice_or_none, due):
            return told.WaitBegan(fragment, choice_or_none, due)
        case play.WaitSkipped(fragment):
            return told.WaitSkipped(fragment)
        case play.ReminderSet(fragment, at):
            return told.ReminderSet(fragment, at)
        case play.EndingReached(_, ending):
            return told.WorkflowCompleted("story", ending)
        case play.Emitted(name):
            return told.StoryEvent(name)
        case _:
            return _gained(event)


def _gained(event: _Gain) -> Happening:
    match event:
        case play.ItemChanged(item, before, after):
            return told.ItemChanged(item, before, after)
        case play.Combined(combination):
            return told.ItemsCombined(combination)
        case play.Earned(source):
            return told.IncomeEarned(source)
        case play.LevelReached(level):
            return told.LevelUp(level)
        case play.AchievementUnlocked(achievement):
            return told.AchievementUnlocked(achievement)
        case play.MissionStarted(mission):
            return told.MissionStarted(mission)
        case play.MissionDone(mission, times):
            return told.WorkflowCompleted("mission", mission, times)
        case play.MissionExpired(mission):
            return told.MissionExpired(mission)
        case play.Refused():
            raise AssertionError("who was refused did nothing else")
        case _:
            assert_never(event)


_Gain = (
    play.ItemChanged
    | play.Combined
    | play.Earned
    | play.LevelReached
    | play.AchievementUnlocked
    | play.MissionStarted
    | play.MissionDone
    | play.MissionExpired
    | play.Refused
)
_Plain = (
    play.Started
    | play.ChoiceTaken
    | play.FragmentEntered
    | play.Answered
    | play.Called
    | play.Returned
    | play.WaitBegan
    | play.WaitSkipped
    | play.ReminderSet
    | play.EndingReached
    | play.Emitted
    | _Gain
)


def _value(event: play.ValueChanged, program: Program, reason: str) -> Happening:
    before, after = event.before, event.after
    match program.variables[event.variable]:
        case Points():
            assert isinstance(before, int)
            assert isinstance(after, int)
            if after > before:
                return told.PointsAwarded(event.variable, after - before, after, reason)
            return told.PointsSpent(event.variable, before - after, after, reason)
        case Words():
            return told.VariableChanged(event.variable, None, None)
        case _:
            return told.VariableChanged(event.variable, before, after)


def _reason(event: play.Event) -> str | None:
    """Return how an event is named as the reason of what comes after it; `None` for one that is no reason."""
    match event:
        case play.ChoiceTaken(_, choice):
            return f"choice:{choice}"
        case play.FragmentEntered(fragment):
            return f"fragment:{fragment}"
        case play.Answered(fragment):
            return f"answer:{fragment}"
        case play.WaitSkipped(fragment):
            return f"skip:{fragment}"
        case play.Combined(combination):
            return f"combination:{combination}"
        case play.Earned(source):
            return f"income:{source}"
        case play.LevelReached(level):
            return f"level:{level}"
        case play.AchievementUnlocked(achievement):
            return f"achievement:{achievement}"
        case play.MissionDone(mission):
            return f"mission:{mission}"
        case _:
            return None


# What was denied ------------------------------------------------------------------------------------


def _denied(step: Happened, refused: play.Refused) -> Happening:
    state, choice = step.after, refused.choice
    if refused.why == "requirement" and state.vip_until <= step.moment.now:
        requires = _required(step.program, state.fragment, choice)
        if _asks_for_vip(requires, step.program):
            return told.VipAccessRequired(state.fragment, choice)
    return told.NarrativeAccessDenied(state.fragment, refused.why, choice)


def _required(
    program: Program, fragment: FragmentId, choice: ChoiceKey | None
) -> Requirement | None:
    choices = choices_of(program.fragments[fragment].exit)
    return next((one.requires for one in choices if one.key == choice), None)


def _asks_for_vip(requires: Requirement | None, program: Program) -> bool:
    """Return whether being VIP would help: whether it is asked for anywhere but under a `not`."""
    return any(isinstance(one, IsVip) for one in _wanted(requires, program, frozenset()))


def _wanted(term: object, program: Program, inside: frozenset[ConditionId]) -> Iterator[object]:
    match term:
        case Not():
            return
        case Holds(condition):
            if condition not in inside:
                yield from _wanted(program.conditions[condition], program, inside | {condition})
        case tuple():
            for part in term:
                yield from _wanted(part, program, inside)
        case _ if is_dataclass(term):
            yield term
            for part in fields(term):
                yield from _wanted(getattr(term, part.name), program, inside)
        case _:
            return
