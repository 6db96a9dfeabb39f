"""A story whose names and types hold, and where each part of it was written.

The parts are those of the program already; `lower` only puts them in order. Places are kept beside them, for findings
of the analyses.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import field

from diana_engine.compiler.checking.systems import CheckedSystems
from diana_engine.compiler.syntax.story import ParsedFragment, ParsedManifest
from diana_engine.expressions.terms import ConditionId, FragmentId, ItemId, Requirement, VariableId
from diana_engine.program.model import Chapter, ChapterId, Character, Fragment, Item, Variable
from diana_engine.records import dataclass

__all__ = ["CheckedStory"]


@dataclass(frozen=True, slots=True)
class CheckedStory:
    """Everything of the program, in writing order. Holds only parts without errors of names and types.

    `included` are the shared choices that fragments include. Looking up all `places` means reading all of a story again,
    where chapters were remembered: analyses look up those that they have something to say of.
    """

    manifest: ParsedManifest
    start: FragmentId
    variables: Mapping[VariableId, Variable]
    items: Mapping[ItemId, Item]
    conditions: Mapping[ConditionId, Requirement]
    characters: Mapping[str, Character]
    chapters: Mapping[ChapterId, Chapter] = field(default_factory=dict)
    fragments: Mapping[FragmentId, Fragment] = field(default_factory=dict)
    places: Mapping[FragmentId, ParsedFragment] = field(default_factory=dict)
    included: Set[str] = frozenset()
    systems: CheckedSystems = field(default_factory=CheckedSystems)
