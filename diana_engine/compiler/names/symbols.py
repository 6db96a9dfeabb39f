"""The names of a story, and what each of them stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import field

from diana_engine.compiler.syntax.story import (
    ParsedCharacter,
    ParsedCondition,
    ParsedItem,
    ParsedShared,
)
from diana_engine.compiler.syntax.systems import ParsedStage, ParsedTimedEvent
from diana_engine.expressions.terms import ChoiceKey, ConditionId, FragmentId, ItemId
from diana_engine.expressions.types import NameKind, Systems, VariableType
from diana_engine.records import dataclass
from diana_engine.source import Located, Span

__all__ = ["ChapterScope", "Dealt", "Missing", "Named", "Symbols"]


Dealt = tuple[FragmentId, int]
"""A storylet, as far as decks of other chapters know of it: its id, and its priority."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that means nothing: what it was taken for, and in which chapter (a bare id means another one in each)."""

    kind: NameKind
    name: str
    chapter: str


@dataclass(slots=True)
class Named:
    """A fragment, as far as other chapters know of it: its id, and whether more than that could be read."""

    id: Located
    readable: bool


@dataclass(slots=True)
class Symbols:
    """Every name that a story declares; `missing` gathers the uses of names that it does not.

    `counted` are the events that may happen in it and that a mission may count: what `emit` names, and income.
    """

    variables: Mapping[str, VariableType] = field(default_factory=dict)
    items: Mapping[str, ParsedItem] = field(default_factory=dict)
    categories: Mapping[str, tuple[ItemId, ...]] = field(default_factory=dict)
    conditions: Mapping[str, ParsedCondition] = field(default_factory=dict)
    characters: Mapping[str, ParsedCharacter] | None = None
    shared: Mapping[str, ParsedShared] = field(default_factory=dict)
    chapters: Mapping[str, Located] = field(default_factory=dict)
    fragments: Mapping[FragmentId, Named] = field(default_factory=dict)
    tagged: Mapping[str, tuple[Dealt, ...]] = field(default_factory=dict)
    choices: Mapping[str, ChoiceKey] = field(default_factory=dict)
    choice_keys: Mapping[FragmentId, tuple[ChoiceKey, ...]] = field(default_factory=dict)
    systems: Systems = field(default_factory=Systems)
    stages: Mapping[ConditionId, ParsedStage] = field(default_factory=dict)
    events: Mapping[str, ParsedTimedEvent] = field(default_factory=dict)
    counted: Set[str] = frozenset()
    missing: dict[Missing, list[Span]] = field(default_factory=dict)

    def storylets(self, tags: Iterable[str]) -> tuple[FragmentId, ...]:
        """Return the storylets that have all of `tags`: the highest in priority first, then in the order of writing."""
        first, *others = [self.tagged.get(tag, ()) for tag in tags] or [()]
        sets = [set(other) for other in others]
        fitting = [dealt for dealt in first if all(dealt in other for other in sets)]
        return tuple(id for id, _ in sorted(fitting, key=lambda dealt: -dealt[1]))

    def scope(self, chapter: str) -> ChapterScope:
        """Return the names as they are seen from inside a chapter."""
        return ChapterScope(self, chapter)

    def known(self, chapter: str) -> ChapterScope:
        """Return the same, where what is missing was noted before."""
        return ChapterScope(self, chapter, notes=False)


@dataclass(frozen=True, slots=True)
class ChapterScope:
    """The names as they are seen from inside a chapter, where a bare id is enough for its fragments.

    `notes` says whether uses of missing names are noted: not where the same words are looked at once more.
    """

    symbols: Symbols
    chapter: str
    notes: bool = True

    @property
    def systems(self) -> Systems:
        """What the story has of levels, missions and their like."""
        return self.symbols.systems

    def type_of(self, name: str) -> VariableType | None:
        """Return the type of a variable, or `None` when there is no such variable."""
        return self.symbols.variables.get(name)

    def is_condition(self, name: str) -> bool:
        """Whether `name` is a named condition."""
        return name in self.symbols.conditions

    def is_item(self, name: str) -> bool:
        """Whether `name` is an item."""
        return name in self.symbols.items

    def items_of(self, category: str) -> tuple[ItemId, ...] | None:
        """Return the items of a category, or `None` when there is no such category."""
        return self.symbols.categories.get(category)

    def fragment(self, name: str) -> FragmentId | None:
        """Return the fragment that `name` means in this chapter, or `None`."""
        full = FragmentId(name if "." in name else f"{self.chapter}.{name}")
        return full if full in self.symbols.fragments else None

    def choice(self, name: str) -> ChoiceKey | None:
        """Return the choice that `name` means in this chapter, or `None`."""
        full = name if name.count(".") > 1 else f"{self.chapter}.{name}"
        return self.symbols.choices.get(full)

    def missing(self, kind: NameKind, name: str, span: Span) -> None:
        """Note a use of a name that means nothing. What is missing is the first part of it that is not there."""
        if not self.notes:
            return
        chapter = self.chapter
        if kind == "choice":
            owner, _, _ = name.rpartition(".")
            if owner and self.fragment(owner) is None:
                kind, name = "fragment", owner
        if kind == "fragment" and "." in name:
            chapter = name.split(".")[0]
            if chapter not in self.symbols.chapters:
                kind, name = "chapter", chapter
        if kind in ("fragment", "choice") and "." not in name:
            name = f"{chapter}.{name}"
        seen_from = chapter if kind in ("fragment", "choice") else ""
        self.symbols.missing.setdefault(Missing(kind, name, seen_from), []).append(span)
