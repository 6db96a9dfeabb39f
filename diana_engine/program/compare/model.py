"""What a comparison of two versions says: changes, how grave each is, and which players it reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    VariableId,
)
from diana_engine.program.model import Variable

__all__ = [
    "WEIGHTS", "Calling", "Change", "Comparison", "Deed", "Everybody", "Granted", "Holding", "Level", "Nobody", "OnMission",
    "Reach", "Standing", "Taken", "Thing", "Valued", "Weight",
]  # fmt: skip

Weight = Literal["safe", "needs a rule", "breaking"]
WEIGHTS: tuple[Weight, ...] = ("safe", "needs a rule", "breaking")
"""From what nobody need think about to what takes something from players.

- ``safe``: whoever is in the middle of the story keeps all that they have, and can go on.
- ``needs a rule``: where players are, or what they have, is gone, and a line under `renamed:` or `removed:` says where to.
- ``breaking``: players lose something, or it counts for something else, whatever rule there is.
"""

Deed = Literal["added", "removed", "renamed", "reworded", "changed"]

Thing = Literal[
    "story", "fragment", "choice", "variable", "item", "condition", "character", "levels", "achievement", "mission",
    "combination", "stage", "access", "around",
]  # fmt: skip


# Whom a change reaches ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody who is in the middle of the story."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """Everybody who is in the middle of the story."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands in a fragment; with `calling`, also who is in a sub-story that it called."""

    fragment: FragmentId
    calling: bool = False


@dataclass(frozen=True, slots=True)
class Calling:
    """Who is in a sub-story that the fragment called."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a choice."""

    choice: ChoiceKey


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds more of an item than `above`."""

    item: ItemId
    above: int = 0


@dataclass(frozen=True, slots=True)
class Valued:
    """Who has a value in a variable that does not fit `into`; without `into`, any but the one it began with."""

    variable: VariableId
    into: Variable | None = None


@dataclass(frozen=True, slots=True)
class OnMission:
    """Who is on a mission."""

    mission: MissionId


@dataclass(frozen=True, slots=True)
class Granted:
    """Who was granted an achievement."""

    achievement: AchievementId


@dataclass(frozen=True, slots=True)
class Level:
    """Who has reached a level."""

    level: int


Reach = (
    Nobody | Everybody | Standing | Calling | Taken | Holding | Valued | OnMission | Granted | Level
)


# Changes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what became of which thing, how grave that is, in a sentence for people, and whom it reaches.

    `name` is the thing's in the older version, or in the newer one where only that has it; `to` its name in the newer one
    where that is another, or where players of a fragment that is gone are sent.
    """

    thing: Thing
    name: str
    deed: Deed
    weight: Weight
    words: str
    reach: Reach = Nobody()
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two versions, in the order of the story."""

    changes: tuple[Change, ...]

    @property
    def words_only(self) -> bool:
        """Whether nothing but words differs, so that nobody notices more than other words."""
        return all(one.deed == "reworded" for one in self.changes)

    @property
    def weight(self) -> Weight:
        """Return how grave the gravest change is."""
        return max((one.weight for one in self.changes), key=WEIGHTS.index, default="safe")

    @property
    def counts(self) -> Mapping[Weight, int]:
        """How many changes there are of each weight."""
        counted = Counter(one.weight for one in self.changes)
        return {weight: counted[weight] for weight in WEIGHTS}
