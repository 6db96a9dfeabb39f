"""What happened in a step: a closed union, in the order in which it happened."""

from __future__ import annotations

from typing import Literal

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    Value,
    VariableId,
)
from diana_engine.play.state import MissionRun
from diana_engine.program.systems import CombinationId
from diana_engine.records import dataclass

__all__ = ["AchievementUnlocked", "Answered", "Called", "ChoiceTaken", "Combined", "Earned", "Emitted", "EndingReached", "Event",
           "FragmentEntered", "ItemChanged", "LevelReached", "MissionDone", "MissionExpired", "MissionStarted", "Refusal",
           "Refused", "ReminderSet", "Returned", "Started", "TurnedAway", "ValueChanged", "VipGranted", "WaitBegan",
           "WaitSkipped"]  # fmt: skip

Refusal = Literal[
    "no such choice",
    "already taken",
    "requirement",
    "cost",
    "effects",
    "nothing to continue",
    "no such combination",
    "items",
    "question",
    "no question",
    "answer",
    "waiting",
    "nothing to skip",
    "no such income",
    "too soon",
    "enough today",
    "over",
]
"""Why an action changed nothing. `question`: one is asked here, and must be answered first. `answer`: it does not fit.
`waiting`: not enough time has passed; the view tells how much is left. `too soon`, `enough today`: it earned something
not long ago, or often enough for a day."""


@dataclass(frozen=True, slots=True)
class Started:
    """The story began."""

    seed: int


@dataclass(frozen=True, slots=True)
class ChoiceTaken:
    """The player took a choice."""

    fragment: FragmentId
    choice: ChoiceKey


@dataclass(frozen=True, slots=True)
class Answered:
    """The player answered what the fragment asks; what the variable then was is in the `ValueChanged` that may follow."""

    fragment: FragmentId
    variable: VariableId


@dataclass(frozen=True, slots=True)
class WaitBegan:
    """The player must wait until `due` (seconds since 1970), in the fragment or, with `choice`, on the way from it."""

    fragment: FragmentId
    choice: ChoiceKey | None
    due: int


@dataclass(frozen=True, slots=True)
class WaitSkipped:
    """The player paid for not waiting; what it cost is in the `ValueChanged` after it."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class ReminderSet:
    """Unless the player goes on before, the reminder of the place is to be told at `at` (seconds since 1970)."""

    fragment: FragmentId
    at: int


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A fragment's requirement was not met; the player goes to its `otherwise`."""

    fragment: FragmentId
    to: FragmentId


@dataclass(frozen=True, slots=True)
class FragmentEntered:
    """The player came to a fragment, to rest there or to pass through."""

    fragment: FragmentId
    visits: int


@dataclass(frozen=True, slots=True)
class Called:
    """A sub-story of the fragment began; the fragment waits for its return."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class Returned:
    """The sub-story of the fragment is over; the player goes on with the fragment's `next`."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class ValueChanged:
    """A variable changed; for points and numbers the difference is what a ledger records."""

    variable: VariableId
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The number held of an item changed."""

    item: ItemId
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Combined:
    """The player put items together."""

    combination: CombinationId


@dataclass(frozen=True, slots=True)
class Earned:
    """Something that the player did outside the story earned points; how many is in the `ValueChanged` after it, if any."""

    source: str


@dataclass(frozen=True, slots=True)
class LevelReached:
    """What was earned in a lifetime came to a level."""

    level: int


@dataclass(frozen=True, slots=True)
class AchievementUnlocked:
    """An achievement was granted; it is once in a play."""

    achievement: AchievementId


@dataclass(frozen=True, slots=True)
class MissionStarted:
    """A mission began; `before` is how the player had fared with it, if it is not the first time."""

    mission: MissionId
    before: MissionRun | None = None


@dataclass(frozen=True, slots=True)
class MissionDone:
    """All steps of a mission held; `times` counts how often by now."""

    mission: MissionId
    times: int


@dataclass(frozen=True, slots=True)
class MissionExpired:
    """The time for a mission ran out."""

    mission: MissionId


@dataclass(frozen=True, slots=True)
class VipGranted:
    """The player is VIP until `until`, and was until `before`: seconds since 1970 in UTC."""

    before: int
    until: int


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event of the story's own happened."""

    event: str


@dataclass(frozen=True, slots=True)
class EndingReached:
    """The story ended."""

    fragment: FragmentId
    ending: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The action was not possible and changed nothing."""

    why: Refusal
    choice: ChoiceKey | None = None


Event = (
    Started
    | ChoiceTaken
    | Answered
    | WaitBegan
    | WaitSkipped
    | ReminderSet
    | TurnedAway
    | FragmentEntered
    | Called
    | Returned
    | ValueChanged
    | ItemChanged
    | Combined
    | Earned
    | LevelReached
    | AchievementUnlocked
    | MissionStarted
    | MissionDone
    | MissionExpired
    | VipGranted
    | Emitted
    | EndingReached
    | Refused
)
