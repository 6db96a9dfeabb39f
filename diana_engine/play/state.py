"""Where a player stands: everything that the rules of play read and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    Value,
    VariableId,
)
from diana_engine.program.systems import CombinationId
from diana_engine.records import dataclass, written

__all__ = [
    "NO_MOMENT",
    "Aside",
    "IncomeRun",
    "MissionRun",
    "Moment",
    "PlayerState",
    "Value",
    "Waiting",
]


@dataclass(frozen=True, slots=True)
class Moment:
    """The world at the time of a step: seconds since 1970 in UTC. The rules never ask a clock themselves.

    `offset` is by how many seconds the player's clock is ahead of UTC then: it says when a day of theirs begins.
    """

    now: int = 0
    offset: int = 0


NO_MOMENT = Moment()
"""For plays that know no time, as a writer's tests do: everything happens at once."""


@written(frozen=True, slots=True)
class MissionRun:
    """How a player fares with a mission: since when it is under way, how often it was done, and when last.

    `before` holds, for a mission that may be repeated, what its steps had counted when it began: visits under the
    fragment's id, events under their names.
    """

    active: bool = True
    times: int = 0
    since: int = 0
    done: int = 0
    before: Mapping[str, int] = field(default_factory=dict)


@written(frozen=True, slots=True)
class IncomeRun:
    """When something last earned points, and how often on that day; days are counted since 1970 by the player's clock."""

    at: int = 0
    day: int = 0
    times: int = 0


@written(frozen=True, slots=True)
class Waiting:
    """The player can go on when it is `due`, in seconds since 1970; with `choice`, to where that choice leads."""

    due: int
    choice: ChoiceKey | None = None


@written(frozen=True, slots=True)
class Aside:
    """What a player had that their version of the story does not know: it comes back with a version that does."""

    values: Mapping[VariableId, Value] = field(default_factory=dict)
    items: Mapping[ItemId, int] = field(default_factory=dict)
    missions: Mapping[MissionId, MissionRun] = field(default_factory=dict)
    achieved: Mapping[AchievementId, int] = field(default_factory=dict)


@written(frozen=True, slots=True)
class PlayerState:
    """One player in one story.

    `seed` fixes all chance. `entry` counts the fragments entered so far and, with the seed and a place in the story,
    decides every draw. `said` is the choice whose reply is still on the screen. `calls` are the fragments whose sub-stories have
    not returned yet, the last one innermost. Mappings hold only what differs from
    nothing: an absent item is 0, an absent fragment was never visited; `values` holds every variable.

    `earned` counts what was earned of the points that levels name, `level` is the highest one reached; spending lowers
    neither. `tally` counts the events that missions wait for. `achieved` says when each achievement was granted.
    `vip_until`, `streak` and `feeling` come from outside the story (and `grant vip`); `combined` is the combination whose
    words are still on the screen.
    `entered` says when the program's `timed` fragments were last entered. `waiting` and `remind_at` are what somebody who
    wakes players needs: when they can go on, and when they are to be reminded; all times are seconds since 1970.
    The rules of play never look `aside`. `incomes` say when what is done outside the story last earned points.
    """

    seed: int
    fragment: FragmentId
    entry: int = 0
    values: Mapping[VariableId, Value] = field(default_factory=dict)
    items: Mapping[ItemId, int] = field(default_factory=dict)
    visits: Mapping[FragmentId, int] = field(default_factory=dict)
    chosen: Mapping[ChoiceKey, int] = field(default_factory=dict)
    said: ChoiceKey | None = None
    calls: tuple[FragmentId, ...] = ()
    combined: CombinationId | None = None
    earned: Mapping[VariableId, int] = field(default_factory=dict)
    level: int = 0
    achieved: Mapping[AchievementId, int] = field(default_factory=dict)
    missions: Mapping[MissionId, MissionRun] = field(default_factory=dict)
    tally: Mapping[str, int] = field(default_factory=dict)
    vip_until: int = 0
    streak: int = 0
    feeling: str | None = None
    entered: Mapping[FragmentId, int] = field(default_factory=dict)
    waiting: Waiting | None = None
    remind_at: int | None = None
    aside: Aside | None = None
    incomes: Mapping[str, IncomeRun] = field(default_factory=dict)
