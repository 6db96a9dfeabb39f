"""In which direction each variable is asked for behind a place: is more of it better, or less, or must it be the same?

Where only `AtLeast` asks for a variable, whoever has more of it can do all that others can, for ever: changes never
make the more into the less. A branch that asks in one direction asks in the other too, for its other way, so what decides on
a branch must be the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.compiler.analysis.states.forward import Abstract
from diana_engine.compiler.analysis.states.model import (
    NOWHERE,
    AllOf,
    AnyOf,
    AtLeast,
    Below,
    Change,
    Guard,
    Variable,
    changed,
)

__all__ = ["Directions", "compared"]

_MOST_WALKED = 2_000_000
"""How many edges are gone along in all to find what is asked behind places."""


class Directions:
    """What is asked behind the places of a contracted model, over edges that somebody may take.

    Edges without an option are income: it comes to whoever needs it, and who has more needs less of it.
    """

    def __init__(self, abstract: Abstract) -> None:
        self.model, self.taken = abstract.model, abstract.taken
        self._known: dict[int, tuple[frozenset[int], frozenset[int]] | None] = {}
        self._left = _MOST_WALKED

    def behind(self, place: int) -> tuple[frozenset[int], frozenset[int]] | None:
        """Return the variables of which more, and those of which less, opens something; nothing if that is too far."""
        if place not in self._known:
            guards = self._guards(place)
            self._known[place] = None if guards is None else _asked(guards)
        return self._known[place]

    def _guards(self, root: int) -> list[Guard] | None:
        model, found = self.model, list[Guard]()
        seen, waiting = {root}, [root]
        while waiting:
            place = waiting.pop()
            for number in model.options_of[place]:
                found += (model.options[number].open, model.options[number].sure)
            self._left -= 1 + len(model.out[place])
            if self._left < 0:
                return None
            for number in model.out[place]:
                edge = model.edges[number]
                if self.taken[number] and edge.option != NOWHERE:
                    found.append(edge.guard)
                    if edge.target not in seen:
                        seen.add(edge.target)
                        waiting.append(edge.target)
        return found


def _asked(guards: Iterable[Guard]) -> tuple[frozenset[int], frozenset[int]]:
    more: set[int] = set()
    less: set[int] = set()
    seen: set[Guard] = set()
    waiting = list(guards)
    while waiting:
        guard = waiting.pop()
        if guard in seen:
            continue
        seen.add(guard)
        match guard:
            case AtLeast(variable):
                more.add(variable)
            case Below(variable):
                less.add(variable)
            case AllOf(parts) | AnyOf(parts):
                waiting += parts
            case _:
                pass
    return frozenset(more), frozenset(less)


def compared(variable: Variable, one: Change | None, other: Change | None) -> tuple[bool, bool]:
    """Return whether `other` makes a value, anywhere in its range, larger than `one` does; and whether smaller."""
    if one == other:
        return False, False
    values = {variable.low, variable.high}
    for change in (one, other):
        if change is not None:
            k, least, most = change
            values |= {least - k, most - k}
    larger = smaller = False
    for value in values:
        # Both are straight between these values, so what they are there they are everywhere.
        at = max(variable.low, min(variable.high, value))
        first, second = (at if change is None else changed(at, change) for change in (one, other))
        larger |= second > first
        smaller |= second < first
    return larger, smaller
