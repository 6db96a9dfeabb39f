"""Which moves a loop can be made of that brings more of something each time round.

A loop that is repeated for ever has, from some time on, more of what it gains than any guard asks for. Everything else
comes back to what it was after some rounds, except what has no end either. So of each move it is enough to know the
least and the most by which it changes each variable: what only ever falls cannot fall in the loop, and what only ever
rises cannot rise in it, unless it has no end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from diana_engine.compiler.analysis.states.forward import Abstract
from diana_engine.compiler.analysis.states.known import State, refined
from diana_engine.compiler.analysis.states.model import LIMIT, Model, changed

__all__ = ["Drift", "Gains", "Loops", "bounded"]

Drift = tuple[int, int]
"""The least and the most by which a variable changes."""


@dataclass(frozen=True, slots=True)
class Gains:
    """A move within a loop: by how much it changes what is to be gained, and everything else."""

    edge: int
    source: int
    target: int
    gain: int
    drifts: dict[int, Drift] = field(default_factory=dict)


def bounded(model: Model, variable: int) -> tuple[bool, bool]:
    """Return whether `variable` cannot fall for ever, and whether it cannot rise for ever."""
    one = model.variables[variable]
    return not one.capped or one.low >= 0, not one.capped and one.slot[0] != "visits"


class Loops:
    """The moves of loops in which `variable` can be gained, a list for each part of the story that its loops join."""

    def __init__(self, abstract: Abstract, variable: int) -> None:
        self.abstract, self.model, self.variable = abstract, abstract.model, variable
        self.windows = abstract.windows
        self.rich: dict[tuple[int, int], State] = {}

    def parts(self) -> list[list[Gains]]:
        """Return the parts; there are none if nobody can gain for ever."""
        found: list[list[Gains]] = []
        waiting = [list(self._moves())]
        while waiting:
            for part in _parts(waiting.pop()):
                if not any(move.gain > 0 for move in part):
                    continue
                narrower = self._narrower(part)
                waiting += narrower
                if not narrower:
                    found.append(part)
        return found

    def _moves(self) -> Iterator[Gains]:
        block = self.windows.block
        for number, edge in enumerate(self.model.edges):
            if (
                edge.source >= 0
                and block[edge.source] == block[edge.target] >= 0
                and self.abstract.taken[number]
                and not self.model.ending[edge.source]
            ):
                found = self._move(number)
                if found is not None:
                    yield found

    def _move(self, number: int) -> Gains | None:
        edge = self.model.edges[number]
        add, least, most = edge.changes.get(self.variable, (0, -LIMIT, LIMIT))
        if self.variable in edge.loose or least >= most or most < LIMIT:
            return None
        state = self._after_asking(number, self.variable)
        if state is None:
            return None
        found = {}
        for other, change in edge.changes.items():
            if other != self.variable and self.windows.open_in(
                other, self.windows.block[edge.source]
            ):
                low, high = self.abstract.within(state, other)
                found[other] = (changed(high, change) - high, changed(low, change) - low)
        for other in edge.loose:
            found[other] = (-2 * LIMIT, 2 * LIMIT)
        drifting = {other: drift for other, drift in found.items() if drift != (0, 0)}
        return Gains(number, edge.source, edge.target, add, drifting)

    def _narrower(self, part: list[Gains]) -> list[list[Gains]]:
        """Return in what moves the loops of `part` must lie, if not all of its moves can be in them."""
        falling, rising = set(), set()
        for move in part:
            for variable, (least, most) in move.drifts.items():
                if least < 0:
                    falling.add(variable)
                if most > 0:
                    rising.add(variable)

        def once(variable: int, drift: Drift) -> bool:
            low_end, high_end = bounded(self.model, variable)
            return (drift[1] < 0 and variable not in rising and low_end) or (
                drift[0] > 0 and variable not in falling and high_end
            )

        kept = [move for move in part if not any(once(*drift) for drift in move.drifts.items())]
        if len(kept) < len(part):
            return [kept]
        for variable in sorted(rising - falling):
            # It grows with each round, or no move of the loop lets it grow.
            rich = [move for move in part if self._after_asking(move.edge, variable) is not None]
            growing = [move for move in part if move.drifts.get(variable, (0, 0))[0] > 0]
            if len(rich) < len(part) and growing:
                return [rich, [move for move in part if move not in growing]]
        return []

    def _after_asking(self, number: int, variable: int) -> State | None:
        """Return what is known of those who take an edge and have more of `variable` than anything asks for."""
        edge = self.model.edges[number]
        need = self.abstract.slots.need(edge.guard, self.windows.block[edge.source])
        return None if need is None else refined(self._rich(edge.source, variable), need)

    def _rich(self, place: int, variable: int) -> State:
        state = self.rich.get((place, variable))
        if state is None:
            state = self.abstract.at[place]
            assert state is not None, "somebody takes a way from here"
            if self.windows.open_in(variable, self.windows.block[place]):
                state = _with_most(
                    state, self.windows.slot[variable], self.windows.is_flag[variable]
                )
            self.rich[place, variable] = state
        return state


def _with_most(state: State, slot: int, is_flag: int) -> State:
    may_set, may_clear, ranges = state
    if is_flag:
        return may_set | 1 << slot, may_clear & ~(1 << slot), ranges
    richer = list(ranges)
    richer[slot] = (LIMIT, LIMIT)
    return may_set, may_clear, tuple(richer)


def _parts(moves: list[Gains]) -> Iterator[list[Gains]]:
    """Yield the moves between places that have a way to each other and back (Kosaraju)."""
    ahead: dict[int, list[int]] = {}
    back: dict[int, list[int]] = {}
    for move in moves:
        ahead.setdefault(move.source, []).append(move.target)
        back.setdefault(move.target, []).append(move.source)
    part: dict[int, int] = {}
    for number, root in enumerate(reversed(_finished(ahead))):
        waiting = [root]
        while waiting:
            place = waiting.pop()
            if place not in part:
                part[place] = number
                waiting += [before for before in back.get(place, ()) if before not in part]
    parts: dict[int, list[Gains]] = {}
    for move in moves:
        if part[move.source] == part[move.target]:
            parts.setdefault(part[move.source], []).append(move)
    yield from parts.values()


def _finished(ahead: dict[int, list[int]]) -> list[int]:
    """Return the places, each behind those that can only be reached through it."""
    seen: set[int] = set()
    found: list[int] = []
    for root, onward in ahead.items():
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(onward))]
        while stack:
            place, following = stack[-1]
            to = next((one for one in following if one not in seen), None)
            if to is None:
                found.append(place)
                stack.pop()
            else:
                seen.add(to)
                stack.append((to, iter(ahead.get(to, ()))))
    return found
