"""The static types of a story's variables, and the names that an expression may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, Protocol

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    ConditionId,
    FragmentId,
    ItemId,
    LevelOf,
    MissionId,
)
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = [
    "FlagType",
    "NameKind",
    "NumberType",
    "PointsType",
    "Scope",
    "Systems",
    "TextType",
    "UnknownType",
    "VariableType",
    "WordType",
]


@dataclass(frozen=True, slots=True)
class NumberType:
    """A whole number."""


@dataclass(frozen=True, slots=True)
class PointsType:
    """A currency."""


@dataclass(frozen=True, slots=True)
class FlagType:
    """A yes or no."""


@dataclass(frozen=True, slots=True)
class WordType:
    """One of these values."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextType:
    """Any text of at most `max_length` characters; `None` where that is not known."""

    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A variable whose declaration could not be read: it fits everywhere, so that one mistake stays one finding."""


VariableType = NumberType | PointsType | FlagType | WordType | TextType | UnknownType

NameKind = Literal[
    "variable", "item", "category", "condition", "fragment", "chapter", "choice", "character",
    "shared choices", "achievement", "mission", "stage", "feeling", "event", "section",
]  # fmt: skip
"""What a name can be the name of; a section is a part of the manifest without which a word means nothing."""


@dataclass(frozen=True, slots=True)
class Systems:
    """What a story has beside variables and items that an expression can name.

    `level` is `None` where the story has no levels, and has no thresholds where they could not be read.
    """

    level: LevelOf | None = None
    streak: bool = False
    achievements: frozenset[AchievementId] = frozenset()
    missions: frozenset[MissionId] = frozenset()
    stages: Mapping[str, ConditionId] = field(default_factory=dict)
    feelings: frozenset[str] = frozenset()


class Scope(Protocol):
    """The names that can be used where an expression stands."""

    @property
    def systems(self) -> Systems:
        """What the story has of levels, missions and their like."""

    def type_of(self, name: str) -> VariableType | None:
        """Return the type of a variable, or `None` when there is no such variable."""

    def is_condition(self, name: str) -> bool:
        """Whether `name` is a named condition."""

    def is_item(self, name: str) -> bool:
        """Whether `name` is an item."""

    def items_of(self, category: str) -> tuple[ItemId, ...] | None:
        """Return the items of a category, or `None` when there is no such category."""

    def fragment(self, name: str) -> FragmentId | None:
        """Return the fragment that `name` means in this chapter, or `None`."""

    def choice(self, name: str) -> ChoiceKey | None:
        """Return the choice that `name` means in this chapter, or `None`."""

    def missing(self, kind: NameKind, name: str, span: Span) -> None:
        """Note that `name` was used at `span` and means nothing; it is reported once, with all its uses."""
