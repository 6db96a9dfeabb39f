"""What requirements and effects mean: terms with every name resolved and every type checked.

These are closed unions; `diana_engine.expressions.evaluate` and the analyses match on all of them. They are parts of a
compiled program, so they hold no places in files. `place` names where in the story a draw of chance is made: two draws
at different places are independent, two looks at one place see the same.
"""

from __future__ import annotations

from typing import Literal, NewType

from diana_engine.records import dataclass

__all__ = [
    "NUMBER_LIMIT", "Achieved", "AchievementId", "AddTo", "All", "Any", "Arithmetic", "Assign", "Between", "Chance",
    "ChoiceKey", "Chose", "Compare", "Comparison", "ConditionId", "Constant", "Count", "Effect", "Emit", "Feels", "FlagIs",
    "FragmentId", "Give", "GrantVip", "Has", "Holds", "HoursSince", "IsVip", "ItemId", "LevelOf", "MissionId", "MissionIs", "Not", "Number",
    "NumberOf", "Operator", "Requirement", "Roll", "SetFlag", "SetWord", "StartMission", "StreakDays", "Take", "Unlock",
    "Value", "VariableId", "Visited", "Visits", "WordIs", "WordOf", "fragment_of",
]  # fmt: skip

NUMBER_LIMIT = 2**53 - 1
"""The largest whole number of the language, either way: the largest that JSON carries everywhere without loss."""

VariableId = NewType("VariableId", str)
ItemId = NewType("ItemId", str)
ConditionId = NewType("ConditionId", str)
FragmentId = NewType("FragmentId", str)
"""A full id: ``chapter.fragment``."""
ChoiceKey = NewType("ChoiceKey", str)
"""What saved games remember of a choice: ``chapter.fragment.id``, or ``chapter.fragment~hash`` where it has no id."""

AchievementId = NewType("AchievementId", str)
MissionId = NewType("MissionId", str)

Value = int | bool | str
"""What a variable may hold: a number or points, a flag, a word or text."""


def fragment_of(choice: ChoiceKey) -> FragmentId:
    """Return the fragment whose choice this is: the key begins with its full id."""
    chapter, _, rest = choice.partition(".")
    return FragmentId(f"{chapter}.{rest.partition('~')[0].partition('.')[0]}")


Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Operator = Literal["+", "-", "*"]


# Numbers ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class NumberOf:
    """The value of a number or points variable."""

    variable: VariableId


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a fragment was entered, the present visit included."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class HoursSince:
    """Whole hours since a fragment was last entered, rounded down; 0 where it never was."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class Count:
    """How many of these items the player holds, together; a category is all its items."""

    items: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers added, subtracted or multiplied; the result saturates at the language's limits."""

    operator: Operator
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Roll:
    """A drawn whole number from `low` to `high`, both included; each equally likely."""

    low: int
    high: int
    place: str


@dataclass(frozen=True, slots=True)
class LevelOf:
    """How many of the thresholds, which rise, were reached by what was earned of the points in a lifetime."""

    points: VariableId
    thresholds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StreakDays:
    """On how many days in a row, up to today, the player was here."""


Number = (
    Constant | NumberOf | Visits | HoursSince | Count | Arithmetic | Roll | LevelOf | StreakDays
)


# Requirements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlagIs:
    """The flag is set."""

    variable: VariableId


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers compared."""

    operator: Comparison
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Between:
    """A number lies from `low` to `high`, both included."""

    value: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class WordIs:
    """A one_of or text variable has exactly this value."""

    variable: VariableId
    word: str


@dataclass(frozen=True, slots=True)
class Has:
    """The player holds at least one of the item."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class Visited:
    """The fragment was entered at least once, the present visit included."""

    fragment: FragmentId


@dataclass(frozen=True, slots=True)
class Chose:
    """The choice was taken at least once."""

    choice: ChoiceKey


@dataclass(frozen=True, slots=True)
class Chance:
    """True in `percent` of a hundred draws."""

    percent: int
    place: str


@dataclass(frozen=True, slots=True)
class Holds:
    """A named condition holds."""

    condition: ConditionId


@dataclass(frozen=True, slots=True)
class Not:
    """The requirement does not hold."""

    requirement: Requirement


@dataclass(frozen=True, slots=True)
class All:
    """Every one holds; an empty one always does."""

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one holds; an empty one never does."""

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class IsVip:
    """The player is VIP at this moment."""


@dataclass(frozen=True, slots=True)
class Achieved:
    """The achievement was granted."""

    achievement: AchievementId


@dataclass(frozen=True, slots=True)
class MissionIs:
    """The mission was done at least once, or it is under way."""

    mission: MissionId
    state: Literal["done", "active"]


@dataclass(frozen=True, slots=True)
class Feels:
    """The player is taken to feel so; it stands in texts only."""

    feeling: str


Requirement = (
    FlagIs | Compare | Between | WordIs | Has | Visited | Chose | Chance | Holds | Not | All | Any
    | IsVip | Achieved | MissionIs | Feels
)  # fmt: skip


# Effects ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordOf:
    """The value of a one_of or text variable, as it is shown in a text."""

    variable: VariableId


@dataclass(frozen=True, slots=True)
class AddTo:
    """``variable += amount`` on a number or points; ``-=`` is written with the amount negated."""

    variable: VariableId
    amount: Number


@dataclass(frozen=True, slots=True)
class Assign:
    """``variable = value`` on a number or points."""

    variable: VariableId
    value: Number


@dataclass(frozen=True, slots=True)
class SetFlag:
    """``set flag`` and ``clear flag``."""

    variable: VariableId
    value: bool


@dataclass(frozen=True, slots=True)
class SetWord:
    """``mood = hurt`` on a one_of, ``name = "…"`` on a text."""

    variable: VariableId
    word: str


@dataclass(frozen=True, slots=True)
class Give:
    """The player gets one of the item, up to the item's `max`."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class Take:
    """One of the item is taken from the player."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class StartMission:
    """The mission begins, unless it is under way, or done for good, or has to rest."""

    mission: MissionId


@dataclass(frozen=True, slots=True)
class Unlock:
    """The achievement is granted, unless it was already."""

    achievement: AchievementId


@dataclass(frozen=True, slots=True)
class GrantVip:
    """The player is VIP for so many seconds more."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Emit:
    """An event of the story's own happens: missions count it, and it is told to whoever listens outside."""

    event: str


Effect = AddTo | Assign | SetFlag | SetWord | Give | Take | StartMission | Unlock | GrantVip | Emit
