"""A part of a program without its words, in another version's names: what is left decides how the story is played.

Two parts with the same skeleton play alike, whatever they say. Where a text stands and where none does is kept: a
fragment without one is passed through, and a locked choice without one is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    VariableId,
)
from diana_engine.expressions.text import Text
from diana_engine.program import model, systems
from diana_engine.program.compare.match import Match

__all__ = ["Difference", "Sides"]

_T = TypeVar("_T")
_MARK = "…"

# Words of players that are no `Text`. What fragments are tagged with is for writers: decks know their storylets already.
_WORDS: Mapping[type, frozenset[str]] = {
    model.Fragment: frozenset({"chapter", "kind", "title", "speaker", "tags"}),
    model.Storylet: frozenset({"tags"}),
    model.Item: frozenset({"name", "category", "text", "photo", "clue"}),
    systems.Level: frozenset({"title"}),
    systems.Achievement: frozenset({"title", "hidden"}),
    systems.Mission: frozenset({"title", "texts"}),
    systems.Stage: frozenset({"title"}),
    systems.Vip: frozenset({"title", "channel"}),
    systems.TimedEvent: frozenset({"title"}),
    systems.Leaderboard: frozenset({"title"}),
}

_Rewrite = Callable[[Any, "_Side"], Any]
Difference = Literal["nothing", "words", "play"]


class Sides:
    """Two versions, told apart part by part."""

    __slots__ = ("_bones", "_whole")

    def __init__(self, match: Match) -> None:
        names = _names(match)
        self._bones = _Side(names, words=False), _Side({}, words=False)
        self._whole = _Side(names, words=True), _Side({}, words=True)

    def bones(self, old: _T, new: _T) -> tuple[_T, _T]:
        """Return the skeletons of a part of the old version and of one of the new version."""
        return self._bones[0].of(old), self._bones[1].of(new)

    def difference(self, old: object, new: object) -> Difference:
        """Return how two parts differ: in how they play, only in words, or at most in names that were renamed."""
        if old == new:
            return "nothing"
        before, after = self.bones(old, new)
        if before != after:
            return "play"
        return "words" if self._whole[0].of(old) != self._whole[1].of(new) else "nothing"


def _names(match: Match) -> Mapping[Any, Callable[[Any], Any]]:
    return {
        FragmentId: lambda name: match.fragments.get(name, name),
        VariableId: lambda name: match.variables.get(name, name),
        ItemId: lambda name: match.items.get(name, name),
        MissionId: lambda name: match.missions.get(name, name),
        AchievementId: lambda name: match.achievements.get(name, name),
        ChoiceKey: match.key,
    }


@dataclass(frozen=True, slots=True)
class _Side:
    """Rewrites parts of one version: its names into those of the other, and its words into nothing unless they count."""

    names: Mapping[Any, Callable[[Any], Any]]
    words: bool

    def of(self, part: _T) -> _T:
        """Return a part rewritten: any dataclass, or a tuple of them."""
        if isinstance(part, tuple):
            return tuple(self.of(one) for one in part)  # type: ignore[return-value]
        return self._record(part) if is_dataclass(part) else part

    def _record(self, part: Any) -> Any:
        kind: Any = type(part)
        changed = {
            name: change(getattr(part, name), self) for name, change in _fields(kind).items()
        }
        if kind is model.Fragment and not self.words:
            changed |= {"text": _MARK if part.shows else "", "media": ()}
        return kind(**changed)


@cache
def _fields(kind: type) -> dict[str, _Rewrite]:
    """Return how each field of a dataclass is rewritten."""
    hints, words = get_type_hints(kind), _WORDS.get(kind, frozenset())
    rewrites: dict[str, _Rewrite] = {}
    for one in fields(kind):
        if one.name == "place":
            # Where a draw is made decides only which of some equally likely things comes.
            rewrites[one.name] = lambda _value, _side: ""
        elif one.name in words:
            rewrites[one.name] = lambda value, side: value if side.words else None
        else:
            rewrites[one.name] = _of(hints[one.name])
    return rewrites


def _of(hint: Any) -> _Rewrite:
    if hint == Text:
        return lambda value, side: side.of(value) if side.words else _MARK if value else ""
    if hint == Text | None:
        return lambda value, side: value and (side.of(value) if side.words else _MARK)
    arguments = [one for one in get_args(hint) if one is not NoneType]
    if get_origin(hint) in (Union, UnionType) and len(arguments) == 1:
        inner = _of(arguments[0])
        return lambda value, side: None if value is None else inner(value, side)
    if isinstance(hint, NewType):
        return lambda value, side: side.names[hint](value) if hint in side.names else value
    if get_origin(hint) is tuple:
        part = _of(arguments[0])
        return lambda value, side: tuple(part(one, side) for one in value)
    return lambda value, side: side.of(value)
