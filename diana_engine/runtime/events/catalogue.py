"""The events that Diana tells: a closed catalogue, each a type whose fields are its payload.

An event's name is its type's, in small letters: `PointsAwarded` is told as ``points_awarded``. Payloads hold numbers, words and
nothing else, and no words of players: what somebody typed stays in their play, so that forgetting a player needs to
forget no event. What is in the catalogue stays; a payload may gain a field, and never loses one. `docs/events.md` is
written from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, TypeAlias, cast, get_args

from diana_engine.database.ports.events import NewEvent
from diana_engine.database.ports.plays import Json
from diana_engine.records import as_mapping, dataclass

__all__ = [
    "CATALOGUE", "AchievementUnlocked", "ChannelEngagement", "ConsistencyCheck", "DayBegan", "ErrorOccurred", "Happening",
    "IncomeEarned", "ItemChanged", "ItemsCombined", "LevelUp", "MissionExpired", "MissionOverdue", "MissionStarted", "NarrativeAccessDenied",
    "NarrativeDecision", "NarrativeProgress", "PointsAwarded", "PointsSpent", "QuestionAnswered", "ReminderSet",
    "ReminderTold", "StoryEvent", "StoryStarted", "SubStoryBegan", "SubStoryEnded", "UserDailyCheckin", "UserInteraction",
    "UserParticipation", "UserReaction", "VariableChanged", "VersionChanged", "VipAccessRequired", "VipExpired", "VipGranted", "WaitBegan",
    "WaitOver", "WaitSkipped", "WorkflowCompleted", "as_event", "name_of", "read_event",
]  # fmt: skip


# What players do ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UserInteraction:
    """The player did something in the story: `outcome` is ``done``, or why it was refused."""

    action: Literal["start", "choose", "continue", "answer", "combine", "skip", "earn"]
    outcome: str


@dataclass(frozen=True, slots=True)
class UserReaction:
    """The player reacted to a post, by a button below it."""

    post: str
    reaction: str


@dataclass(frozen=True, slots=True)
class UserParticipation:
    """The player took part in a channel or its group: `kind` is such as ``comment`` or ``poll``."""

    post: str
    kind: str


@dataclass(frozen=True, slots=True)
class UserDailyCheckin:
    """The player checked in on a day, written YYYY-MM-DD; `streak` counts the days in a row."""

    day: str
    streak: int


@dataclass(frozen=True, slots=True)
class ChannelEngagement:
    """What came together under a post of a channel: so many reactions, comments or votes by now."""

    channel: str
    post: str
    kind: str
    count: int


# The story ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoryStarted:
    """The story began, or began anew."""

    again: bool


@dataclass(frozen=True, slots=True)
class VersionChanged:
    """The player was carried over from one version of the story to another; both are named by their digests."""

    before: str
    after: str
    fragment: str


@dataclass(frozen=True, slots=True)
class NarrativeDecision:
    """The player took a choice."""

    fragment: str
    choice: str


@dataclass(frozen=True, slots=True)
class NarrativeProgress:
    """The player came to a fragment, for the `visits`-th time, to rest there or to pass through."""

    fragment: str
    visits: int


@dataclass(frozen=True, slots=True)
class NarrativeAccessDenied:
    """The player may not go there: a choice was refused, or the `fragment` turned the player away, to `to`.

    `why` is ``requirement``, ``cost``, ``effects`` or ``items``.
    """

    fragment: str
    why: str
    choice: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class VipAccessRequired:
    """As `narrative_access_denied`, where a requirement asks for VIP and the player is not."""

    fragment: str
    choice: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """The player answered what the fragment asks; what was typed is not told."""

    fragment: str
    variable: str


@dataclass(frozen=True, slots=True)
class SubStoryBegan:
    """A sub-story of the fragment began."""

    fragment: str


@dataclass(frozen=True, slots=True)
class SubStoryEnded:
    """The sub-story of the fragment is over."""

    fragment: str


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """An event of the story's own happened, by ``emit``."""

    event: str


@dataclass(frozen=True, slots=True)
class WorkflowCompleted:
    """Something was brought to its end: the story (`name` is the ending) or a mission; a mission `times` times by now."""

    workflow: Literal["story", "mission"]
    name: str
    times: int = 1


# What players have ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PointsAwarded:
    """The player got points. `reason` is the last thing before it, such as ``choice:garden.gate.open``."""

    points: str
    amount: int
    balance: int
    reason: str


@dataclass(frozen=True, slots=True)
class PointsSpent:
    """The player gave points away; `amount` is above 0, `reason` as for what was awarded."""

    points: str
    amount: int
    balance: int
    reason: str


@dataclass(frozen=True, slots=True)
class VariableChanged:
    """A variable that holds no points changed; of one that holds a text neither value is told."""

    variable: str
    before: int | bool | str | None
    after: int | bool | str | None


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The number held of an item changed."""

    item: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ItemsCombined:
    """The player put items together."""

    combination: str


@dataclass(frozen=True, slots=True)
class IncomeEarned:
    """Something that the player did outside the story earned points: ``message``, ``check_in`` and their like."""

    source: str


@dataclass(frozen=True, slots=True)
class LevelUp:
    """The player reached a level."""

    level: int


@dataclass(frozen=True, slots=True)
class AchievementUnlocked:
    """The player was granted an achievement."""

    achievement: str


@dataclass(frozen=True, slots=True)
class MissionStarted:
    """A mission began."""

    mission: str


@dataclass(frozen=True, slots=True)
class MissionOverdue:
    """The time for a mission is over; it counts as lost from the player's next step on."""

    mission: str


@dataclass(frozen=True, slots=True)
class MissionExpired:
    """A mission was lost, for its time was over."""

    mission: str


@dataclass(frozen=True, slots=True)
class VipGranted:
    """The player is VIP until `until`, and was until `before`: seconds since 1970 in UTC."""

    before: int
    until: int


@dataclass(frozen=True, slots=True)
class VipExpired:
    """The player is VIP no more since `until`."""

    until: int


# Time -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaitBegan:
    """The player waits until `due`, in the fragment or, with `choice`, on the way from it."""

    fragment: str
    choice: str | None
    due: int


@dataclass(frozen=True, slots=True)
class WaitSkipped:
    """The player paid for not waiting."""

    fragment: str


@dataclass(frozen=True, slots=True)
class WaitOver:
    """The wait is over and the player, who is still there, was told so."""

    fragment: str


@dataclass(frozen=True, slots=True)
class ReminderSet:
    """Unless the player goes on before, there is a reminder at `at`."""

    fragment: str
    at: int


@dataclass(frozen=True, slots=True)
class ReminderTold:
    """The player, who is still there, was reminded."""

    fragment: str


@dataclass(frozen=True, slots=True)
class DayBegan:
    """A new day began where the story is, written YYYY-MM-DD: told once a day of players who were there in the last week."""

    day: str


# Running it -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorOccurred:
    """Something of the player's failed again and again, by a mistake of ours, and was given up; `what` names it."""

    what: str
    error: str


@dataclass(frozen=True, slots=True)
class ConsistencyCheck:
    """Players and their points were checked: so many plays, problems, and problems that were mended."""

    plays: int
    problems: int
    mended: int


Happening: TypeAlias = (
    UserInteraction | UserReaction | UserParticipation | UserDailyCheckin | ChannelEngagement
    | StoryStarted | VersionChanged | NarrativeDecision | NarrativeProgress | NarrativeAccessDenied | VipAccessRequired | QuestionAnswered
    | SubStoryBegan | SubStoryEnded | StoryEvent | WorkflowCompleted
    | PointsAwarded | PointsSpent | VariableChanged | ItemChanged | ItemsCombined | IncomeEarned | LevelUp | AchievementUnlocked
    | MissionStarted | MissionOverdue | MissionExpired | VipGranted | VipExpired
    | WaitBegan | WaitSkipped | WaitOver | ReminderSet | ReminderTold | DayBegan
    | ErrorOccurred | ConsistencyCheck
)  # fmt: skip
"""Anything that is told."""


def name_of(kind: type[Happening]) -> str:
    """Return the name under which events of a type are told."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


CATALOGUE: Mapping[str, type[Happening]] = {name_of(kind): kind for kind in get_args(Happening)}
"""Every type of event by its name, in the order in which they are written down."""

_NAMES = {kind: name for name, kind in CATALOGUE.items()}


def as_event(happening: Happening, correlation: str | None = None) -> NewEvent:
    """Return the event as it is stored."""
    payload: Json = as_mapping(happening)
    return NewEvent(_NAMES[type(happening)], payload, correlation)


def read_event(event: NewEvent) -> Happening | None:
    """Return what a stored event tells; `None` where another version of Diana wrote what this one does not know."""
    kind = CATALOGUE.get(event.name)
    if kind is None or not isinstance(event.payload, Mapping):
        return None
    payload = cast("Mapping[str, Any]", event.payload)
    parts = fields(kind)
    if any(one.default is MISSING and one.name not in payload for one in parts):
        return None
    return kind(**{one.name: payload[one.name] for one in parts if one.name in payload})
