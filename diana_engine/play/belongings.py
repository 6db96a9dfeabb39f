"""What a player has, carried over from one version of a story to another.

What the new version does not know is laid aside and comes back with a version that knows it, so that a version that
was published by mistake and taken back has cost nobody anything. What players have done (visits, choices) is kept under
the names of the new version; what it does not know there, it never asks for. So is the level they have reached, even where the new
version has fewer: what it brought must not come again with a version that has more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from diana_engine.expressions.terms import FragmentId, ItemId, Value, VariableId
from diana_engine.play.events import ItemChanged, ValueChanged
from diana_engine.play.state import Aside, MissionRun, PlayerState
from diana_engine.program.compare.match import Match
from diana_engine.program.compare.values import converted
from diana_engine.program.model import Points, Program, Variable

__all__ = ["carried", "changes"]

_Name = TypeVar("_Name", bound=str)
_Kept = TypeVar("_Kept")
_NOTHING = Aside()


def carried(match: Match, state: PlayerState) -> PlayerState:
    """Return the state with all that the player has and has done in the names of the new version; who stands where stays."""
    aside = _renamed_aside(match.new, state.aside or _NOTHING)
    values, values_left = _values(match, state, aside)
    items, items_left = _items(match, state, aside)
    runs = {match.missions.get(id, id): _run(match, run) for id, run in state.missions.items()}
    missions, missions_left = _known([one.id for one in match.new.missions], runs, aside.missions)
    granted = {match.achievements.get(id, id): when for id, when in state.achieved.items()}
    achieved, achieved_left = _known(
        [one.id for one in match.new.achievements], granted, aside.achieved
    )
    left = Aside(values_left, items_left, missions_left, achieved_left)
    place = _places(match)
    return replace(
        state,
        values=values,
        items=items,
        missions=missions,
        achieved=achieved,
        visits=_counted(state.visits, place),
        entered={place(id): when for id, when in state.entered.items()},
        chosen=_counted(state.chosen, match.key),
        said=None if state.said is None else match.key(state.said),
        combined=state.combined
        if any(one.id == state.combined for one in match.new.combinations)
        else None,
        earned=_earned(match, state, values),
        feeling=_feeling(match.new, state.feeling),
        aside=None if left == _NOTHING else left,
    )


def changes(
    match: Match, before: PlayerState, after: PlayerState
) -> tuple[ValueChanged | ItemChanged, ...]:
    """Return what became of points and items, in events: whoever keeps books of them need not know of versions.

    Points that are called otherwise now are taken under the old name and given under the new one.
    """
    events: list[ValueChanged | ItemChanged] = []
    old, new = match.old.variables, match.new.variables
    for name in sorted(old.keys() | new.keys()):
        had, has = _points(name, old, before.values), _points(name, new, after.values)
        if had != has:
            events.append(ValueChanged(name, had, has))
    for item in sorted(before.items.keys() | after.items.keys()):
        held, holds = before.items.get(item, 0), after.items.get(item, 0)
        if held != holds:
            events.append(ItemChanged(item, held, holds))
    return tuple(events)


def _points(
    name: VariableId, declared: Mapping[VariableId, Variable], values: Mapping[VariableId, Value]
) -> int:
    value = values[name] if isinstance(declared.get(name), Points) else 0
    assert isinstance(value, int)
    return value


# Values and items


def _values(
    match: Match, state: PlayerState, aside: Aside
) -> tuple[dict[VariableId, Value], dict[VariableId, Value]]:
    """Return the value of every variable of the new version, and those that are laid aside."""
    sources = {to: name for name, to in match.variables.items()}
    values: dict[VariableId, Value] = {}
    left = {name: value for name, value in aside.values.items() if name not in match.new.variables}
    for name, variable in match.new.variables.items():
        source = sources.get(name)
        if source is None:
            values[name] = converted(variable, aside.values.get(name, variable.initial))
            continue
        value = state.values[source]
        if _alike(match.old.variables[source], variable):
            values[name] = converted(variable, value)
            continue
        values[name] = converted(variable, aside.values.get(name, value))
        if value != match.old.variables[source].initial:
            left[name] = value
    for name, variable in match.old.variables.items():
        if name not in match.variables and state.values[name] != variable.initial:
            left[name] = state.values[name]
    return values, left


def _alike(old: Variable, new: Variable) -> bool:
    return type(old) is type(new)


def _items(
    match: Match, state: PlayerState, aside: Aside
) -> tuple[dict[ItemId, int], dict[ItemId, int]]:
    held: dict[ItemId, int] = {}
    left: dict[ItemId, int] = {}
    for name, count in aside.items.items():
        (held if name in match.new.items else left)[name] = count
    for name, count in state.items.items():
        to = match.items.get(name)
        if to is None:
            left[name] = count
        else:
            held[to] = held.get(to, 0) + count
    most = match.new.items
    return {
        name: min(count, most[name].maximum) for name, count in held.items() if most[name].maximum
    }, left


# What was done


def _places(match: Match) -> Callable[[FragmentId], FragmentId]:
    """Return how to call a fragment that a player has been in, perhaps in a version older than both."""
    moves, there = match.new.growth.fragments, match.new.fragments

    def place(name: FragmentId) -> FragmentId:
        if name in match.fragments:
            return match.fragments[name]
        return name if name in there else moves.get(name, name)

    return place


def _counted(counts: Mapping[_Name, int], called: Callable[[_Name], _Name]) -> dict[_Name, int]:
    """Return the counts under their new names; where two things became one, together."""
    found: dict[_Name, int] = {}
    for name, count in counts.items():
        to = called(name)
        found[to] = found.get(to, 0) + count
    return found


def _run(match: Match, run: MissionRun) -> MissionRun:
    if not run.before:
        return run
    place = _places(match)
    return replace(
        run, before={place(FragmentId(name)): count for name, count in run.before.items()}
    )


def _known(
    known: Iterable[_Name], has: Mapping[_Name, _Kept], aside: Mapping[_Name, _Kept]
) -> tuple[dict[_Name, _Kept], dict[_Name, _Kept]]:
    """Return what of it the new version knows, and what it does not."""
    names = frozenset(known)
    together = {**aside, **has}
    return (
        {name: one for name, one in together.items() if name in names},
        {name: one for name, one in together.items() if name not in names},
    )


def _earned(
    match: Match, state: PlayerState, values: Mapping[VariableId, Value]
) -> Mapping[VariableId, int]:
    """Return what was earned of the points that levels count; where nobody counted it before, a player has earned what they have."""
    levels = match.new.levels
    earned = {match.variables.get(name, name): count for name, count in state.earned.items()}
    if levels is None or levels.points in earned:
        return earned
    before = match.old.levels
    counted = before is not None and match.variables.get(before.points) == levels.points
    has = values[levels.points]
    assert isinstance(has, int)
    return {levels.points: has} if has and not counted else earned


def _feeling(program: Program, feeling: str | None) -> str | None:
    emotions = program.around.emotions
    return feeling if emotions is None or feeling in emotions.states else None


def _renamed_aside(program: Program, aside: Aside) -> Aside:
    """Return what was laid aside under the names that the writer says those things have now."""
    growth = program.growth
    return replace(
        aside,
        values={growth.variables.get(name, name): value for name, value in aside.values.items()},
        items={growth.items.get(name, name): count for name, count in aside.items.items()},
        missions={growth.missions.get(id, id): run for id, run in aside.missions.items()},
        achieved={growth.achievements.get(id, id): when for id, when in aside.achieved.items()},
    )
