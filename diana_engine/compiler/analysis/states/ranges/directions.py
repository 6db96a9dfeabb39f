"""In which direction each variable is asked for behind a place: is more of it better, or less, or must it be the same?

Where only `AtLeast` asks for a variable, whoever has more of it can do all that others can, for ever: changes never
make the more into the less. A branch that asks in one direction asks in the other too, for its other way, so what decides on
a branch must be the same.
"""

from __future__ import annotations

from diana_engine.compiler.analysis.states.graph.model import (
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
from diana_engine.compiler.analysis.states.ranges.forward import Abstract

__all__ = ["Directions", "compared"]

_MOST_BITS = 1 << 30
"""How much is kept in all of what is asked behind each block, as bits; beyond it nothing is said."""

_Asked = tuple[int, int]
"""The variables of which more, and those of which less, opens something: as bits."""


class Directions:
    """What is asked behind the places of a contracted model, over edges that somebody may take.

    Edges without an option are income: it comes to whoever needs it, and who has more needs less of it.
    """

    def __init__(self, abstract: Abstract) -> None:
        self.model, self.taken, self.windows = abstract.model, abstract.taken, abstract.windows
        self._guards: dict[Guard, _Asked] = {}
        self._count = max(self.windows.block, default=NOWHERE) + 1
        self._blocks: list[_Asked] | None = None

    def behind(self, place: int) -> _Asked | None:
        """Return the variables of which more, and those of which less, opens something; nothing if that is too much."""
        if self._count * len(self.model.variables) > _MOST_BITS:
            return None
        if self._blocks is None:
            self._blocks = self._behind_each()
        return self._blocks[self.windows.block[place]]

    def _behind_each(self) -> list[_Asked]:
        """Return what is asked in and behind each block: they are left forwards only, so the last come first."""
        found = [(0, 0)] * self._count
        model, block = self.model, self.windows.block
        for place in reversed(self.windows.order):
            more, less = found[block[place]]
            guards = set[Guard]()
            for number in model.options_of[place]:
                guards |= {model.options[number].open, model.options[number].sure}
            for number in model.out[place]:
                edge = model.edges[number]
                if self.taken[number] and edge.option != NOWHERE:
                    guards.add(edge.guard)
                    if block[edge.target] != block[place]:
                        more, less = _both((more, less), found[block[edge.target]])
            for guard in guards:
                more, less = _both((more, less), self._asked(guard))
            found[block[place]] = more, less
        return found

    def _asked(self, root: Guard) -> _Asked:
        found = self._guards.get(root)
        if found is None:
            match root:
                case AtLeast(variable):
                    found = 1 << variable, 0
                case Below(variable):
                    found = 0, 1 << variable
                case AllOf(parts) | AnyOf(parts):
                    found = 0, 0
                    for part in parts:
                        found = _both(found, self._asked(part))
                case _:
                    found = 0, 0
            self._guards[root] = found
        return found


def _both(one: _Asked, other: _Asked) -> _Asked:
    return one[0] | other[0], one[1] | other[1]


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
