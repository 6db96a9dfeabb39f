"""Where a player stands: everything that the rules of play read and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId, Value, VariableId

__all__ = ["Moment", "PlayerState", "Value"]


@dataclass(frozen=True, slots=True)
class Moment:
    """The world at the time of a step: seconds since 1970 in UTC. The rules never ask a clock themselves."""

    now: int = 0


@dataclass(frozen=True, slots=True)
class PlayerState:
    """One player in one story.

    `seed` fixes all chance. `entry` counts the fragments entered so far and, with the seed and a place in the story,
    decides every draw. `said` is the choice whose reply is still on the screen. `calls` are the fragments whose sub-stories have
    not returned yet, the last one innermost. Mappings hold only what differs from
    nothing: an absent item is 0, an absent fragment was never visited; `values` holds every variable.
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
