"""What of one version of a story is what in another one.

`renamed` and `removed` of the newer manifest say it for names. A manifest that knows an older one's names also says
where players go when that older version is taken up again: then its lines are read backwards.

Choices without an id are known by a hash of their text and where they lead. A choice is taken to be the same one as
long as either of the two is; so a changed text does not make players forget that they took it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    VariableId,
    fragment_of,
)
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Program

__all__ = ["Match", "match"]

_Name = TypeVar("_Name", bound=str)
_Known_co = TypeVar("_Known_co", bound=str, covariant=True)
_Feature = Callable[[Choice], Hashable]
_DEALT = 3
"""Dots in the key of a choice that a deck made: its own full id, and the storylet's."""


class _Declared(Protocol[_Known_co]):
    @property
    def id(self) -> _Known_co:
        """What it is known by."""


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Where the names of `old` are in `new`; a name that is not there is gone.

    `fragments`, `variables`, `items`, `missions` and `achievements` hold what is the same thing in both, under whatever name. `sent` are the fragments
    that are gone, with where their players go. `choices` holds the choices of `old` that are in `new` too.
    """

    old: Program
    new: Program
    fragments: Mapping[FragmentId, FragmentId]
    sent: Mapping[FragmentId, FragmentId]
    variables: Mapping[VariableId, VariableId]
    items: Mapping[ItemId, ItemId]
    missions: Mapping[MissionId, MissionId]
    achievements: Mapping[AchievementId, AchievementId]
    choices: Mapping[ChoiceKey, ChoiceKey]

    def key(self, old: ChoiceKey) -> ChoiceKey:
        """Return what a saved game is to call a choice; one that neither version knows keeps its name."""
        known = self.choices.get(old)
        if known is not None:
            return known
        place = fragment_of(old)
        there = self.fragments.get(place, place)
        rest = old[len(place) :]
        if old.count(".") >= _DEALT:
            storylet = FragmentId(rest[1:])
            rest = f".{self.fragments.get(storylet, storylet)}"
        return ChoiceKey(f"{there}{rest}")

    def fragment(self, old: FragmentId) -> FragmentId | None:
        """Return where a player goes who stands in `old`: to the same fragment, or where the writer sends them."""
        return self.fragments.get(old) or self.sent.get(old)


def match(old: Program, new: Program) -> Match:
    """Return where the names of `old` are in `new`."""
    after, before = new.growth, old.growth
    fragments = _names(old.fragments, new.fragments, after.fragments, before.fragments)
    sent = {
        gone: to
        for gone, to in new.growth.removed.items()
        if gone in old.fragments and gone not in fragments and to in new.fragments
    }
    return Match(
        old,
        new,
        fragments,
        sent,
        _names(old.variables, new.variables, after.variables, before.variables),
        _names(old.items, new.items, after.items, before.items),
        _names(_ids(old.missions), _ids(new.missions), after.missions, before.missions),
        _names(
            _ids(old.achievements), _ids(new.achievements), after.achievements, before.achievements
        ),
        _choices(old, new, fragments),
    )


def _back(moves: Mapping[_Name, _Name]) -> dict[_Name, _Name]:
    """Return the moves backwards; where several names became one, nobody can tell which it was."""
    counted = Counter(moves.values())
    return {to: name for name, to in moves.items() if counted[to] == 1}


def _names(
    old: Iterable[_Name],
    new: Container[_Name],
    forwards: Mapping[_Name, _Name],
    grown: Mapping[_Name, _Name],
) -> dict[_Name, _Name]:
    """Return where names are now: where the new manifest leads them, or from where the old one had led them."""
    backwards = _back(grown)
    found: dict[_Name, _Name] = {}
    for name in old:
        for candidate in (name, forwards.get(name), backwards.get(name)):
            if candidate is not None and candidate in new:
                found[name] = candidate
                break
    return found


def _ids(declared: Iterable[_Declared[_Name]]) -> list[_Name]:
    return [one.id for one in declared]


# Choices


def _choices(
    old: Program, new: Program, fragments: Mapping[FragmentId, FragmentId]
) -> dict[ChoiceKey, ChoiceKey]:
    said = {**_back(old.growth.choices), **new.growth.choices}
    found: dict[ChoiceKey, ChoiceKey] = {}
    for name, there in fragments.items():
        before = choices_of(old.fragments[name].exit)
        after = choices_of(new.fragments[there].exit)
        if before is not after:
            found |= _Pairing(before, after, said, fragments, (name, there)).pairs()
    # A choice may have been renamed into another fragment.
    known = {choice.key for one in new.fragments.values() for choice in choices_of(one.exit)}
    here = {choice.key for one in old.fragments.values() for choice in choices_of(one.exit)}
    return found | {one: to for one, to in said.items() if one in here and to in known}


@dataclass(frozen=True, slots=True)
class _Pairing:
    """The choices of one fragment in both versions, and who is who."""

    old: tuple[Choice, ...]
    new: tuple[Choice, ...]
    said: Mapping[ChoiceKey, ChoiceKey]
    fragments: Mapping[FragmentId, FragmentId]
    place: tuple[FragmentId, FragmentId]

    def pairs(self) -> dict[ChoiceKey, ChoiceKey]:
        """Return the choices that are there in both: by what the writer says, by key, by target, by text."""
        found = self._named()
        found |= self._alike(
            found, lambda one: self.fragments.get(one.to, one.to), lambda one: one.to
        )
        return found | self._alike(found, lambda one: one.text, lambda one: one.text)

    def _named(self) -> dict[ChoiceKey, ChoiceKey]:
        there = {choice.key for choice in self.new}
        found: dict[ChoiceKey, ChoiceKey] = {}
        for choice in self.old:
            moved = ChoiceKey(f"{self.place[1]}{choice.key[len(self.place[0]) :]}")
            to = self.said.get(choice.key, moved)
            if to in there:
                found[choice.key] = to
        return found

    def _alike(
        self, known: Mapping[ChoiceKey, ChoiceKey], old: _Feature, new: _Feature
    ) -> dict[ChoiceKey, ChoiceKey]:
        """Pair in order what is left and alike; where there are more of them on one side, nobody can tell which one went."""
        taken = set(known.values())
        before = _grouped([one for one in self.old if one.key not in known], old)
        after = _grouped([one for one in self.new if one.key not in taken], new)
        return {
            first: second
            for value, keys in before.items()
            if len(keys) == len(after.get(value, ()))
            for first, second in zip(keys, after[value], strict=True)
            if "~" in first or "~" in second  # two ids are two choices, unless the writer says else
        }


def _grouped(choices: Iterable[Choice], feature: _Feature) -> dict[Hashable, list[ChoiceKey]]:
    groups: dict[Hashable, list[ChoiceKey]] = {}
    for choice in choices:
        groups.setdefault(feature(choice), []).append(choice.key)
    return groups
