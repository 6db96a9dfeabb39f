"""Which moves a loop can be made of that brings more of something each time round.

A loop that is repeated for ever has, from some time on, more of what it gains than any guard asks for. Everything else
comes back to what it was after some rounds, except what has no end either. So of each move it is enough to know the
least and the most by which it changes each variable: what only ever falls cannot fall in the loop, and what only ever
rises cannot rise in it, unless it has no end.

Loops lie within blocks, so a story is looked at a block after the other, and what is known of a block's moves is found out
once for all that can be gained there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from diana_engine.compiler.analysis.states.graph.model import LIMIT, Edge, Model, changed
from diana_engine.compiler.analysis.states.ranges.forward import Abstract
from diana_engine.compiler.analysis.states.ranges.known import NOTHING, Need, State, refined
from diana_engine.compiler.analysis.ways import components
from diana_engine.records import dataclass

__all__ = ["Block", "Drift", "Gains", "blocks", "bounded"]

_MOST_SPLITS = 64
"""How often the moves of a block are split by what has grown in a loop and what has not; each may double the parts."""

Drift = tuple[int, int]
"""The least and the most by which a variable changes."""
Drifts = dict[int, Drift]


@dataclass(slots=True)
class Gains:
    """A move within a loop: by how much it changes what is to be gained, and everything else."""

    edge: int
    source: int
    target: int
    gain: int
    drifts: Drifts


def bounded(model: Model, variable: int) -> tuple[bool, bool]:
    """Return whether `variable` cannot fall for ever, and whether it cannot rise for ever."""
    one = model.variables[variable]
    return not one.capped or one.low >= 0, not one.capped and one.slot[0] != "visits"


def blocks(abstract: Abstract, variables: Collection[int]) -> Iterator[Block]:
    """Yield the blocks with moves that gain some of `variables`, in the order of the story."""
    model, block, taken = abstract.model, abstract.windows.block, abstract.taken
    inside: dict[int, list[int]] = {}
    for number, edge in enumerate(model.edges):
        here = block[edge.source] if edge.source >= 0 else -1
        if here == block[edge.target] >= 0 and taken[number] and not model.ending[edge.source]:
            inside.setdefault(here, []).append(number)
    for number, edges in sorted(inside.items()):
        gained = {
            variable
            for edge in edges
            for variable, (add, _, _) in model.edges[edge].changes.items()
            if add > 0
        }
        if not gained.isdisjoint(variables):
            yield Block(abstract, number, edges, gained)


class Block:
    """The moves within a block; `gained` are the variables to which some of them add."""

    def __init__(
        self, abstract: Abstract, number: int, edges: list[int], gained: Collection[int]
    ) -> None:
        self.abstract, self.model, self.windows = abstract, abstract.model, abstract.windows
        self.number, self.gained = number, gained
        self._edges = edges
        self._rich: dict[tuple[int, int], State] = {}
        self._needs: dict[int, Need | None] = {}

    def parts(self, variable: int) -> Iterator[list[Gains]]:
        """Yield the moves of loops in which `variable` can be gained, a list for each part of the block that they join.

        There are none if nobody can gain for ever.
        """
        splits = 0
        waiting = [list(self._moves(variable))]
        while waiting:
            for part in _joined(waiting.pop()):
                if not any(move.gain > 0 for move in part):
                    continue
                narrower = self._narrower(part)
                splits += max(0, len(narrower) - 1)
                if narrower and splits <= _MOST_SPLITS:
                    waiting += narrower
                else:
                    yield part

    # Moves ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> list[tuple[int, Drifts]]:
        """Each edge that somebody may take, and by how much it changes everything, whatever is to be gained."""
        found = []
        for number in self._edges:
            need = self._need(number)
            state = self.abstract.at[self.model.edges[number].source]
            assert state is not None, "somebody takes a way from here"
            met = None if need is None else refined(state, need)
            if met is not None:
                found.append((number, self._drifts(self.model.edges[number], met)))
        return found

    def _moves(self, variable: int) -> Iterator[Gains]:
        is_open = self.windows.open_in(variable, self.number)
        slot = self.windows.slot[variable]
        for number, drifts in self._known:
            edge = self.model.edges[number]
            add, least, most = edge.changes.get(variable, (0, -LIMIT, LIMIT))
            if variable in edge.loose or least >= most or most < LIMIT:
                continue
            if is_open and _asks(self._need(number), slot):
                state = self._after_asking(number, variable)
                if state is None:
                    continue
                others = self._drifts(edge, state)
            else:
                others = drifts
            if variable in others:
                others = {v: drift for v, drift in others.items() if v != variable}
            yield Gains(number, edge.source, edge.target, add, others)

    def _drifts(self, edge: Edge, state: State) -> Drifts:
        """Return by how much an edge changes what is asked for in the block, where it changes it, for those in `state`."""
        found: Drifts = {}
        for other, change in edge.changes.items():
            if self.windows.open_in(other, self.number):
                low, high = self.abstract.within(state, other)
                drift = (changed(high, change) - high, changed(low, change) - low)
                if drift != (0, 0):
                    found[other] = drift
        for other in edge.loose:
            found[other] = (-2 * LIMIT, 2 * LIMIT)
        return found

    def _need(self, number: int) -> Need | None:
        if number not in self._needs:
            guard = self.model.edges[number].guard
            self._needs[number] = self.abstract.slots.need(guard, self.number)
        return self._needs[number]

    def _after_asking(self, number: int, variable: int) -> State | None:
        """Return what is known of those who take an edge and have more of `variable` than anything asks for."""
        need = self._need(number)
        source = self.model.edges[number].source
        return None if need is None else refined(self._with_most(source, variable), need)

    def _with_most(self, place: int, variable: int) -> State:
        state = self._rich.get((place, variable))
        if state is None:
            state = self.abstract.at[place]
            assert state is not None, "somebody takes a way from here"
            if self.windows.open_in(variable, self.number):
                state = _richest(state, self.windows.slot[variable], self.windows.is_flag[variable])
            self._rich[place, variable] = state
        return state

    # Parts ----------------------------------------------------------------------------------------------------------

    def _narrower(self, part: list[Gains]) -> list[list[Gains]]:
        """Return in what moves the loops of `part` must lie, if not all of its moves can be in them."""
        falling = {v for move in part for v, (least, _) in move.drifts.items() if least < 0}
        rising = {v for move in part for v, (_, most) in move.drifts.items() if most > 0}
        falls = {v for v in falling - rising if bounded(self.model, v)[0]}
        rises = {v for v in rising - falling if bounded(self.model, v)[1]}

        def once(variable: int, drift: Drift) -> bool:
            """Return whether a move changes for certain what only ever falls, or only ever rises, and has an end."""
            return (drift[1] < 0 and variable in falls) or (drift[0] > 0 and variable in rises)

        if falls or rises:
            kept = [move for move in part if not any(once(*one) for one in move.drifts.items())]
            if len(kept) < len(part):
                return [kept]
        for variable in sorted(rising - falling):
            # It grows with each round, or no move of the loop lets it grow.
            same = [move for move in part if move.drifts.get(variable, (0, 0))[0] <= 0]
            if len(same) == len(part):
                continue
            rich = [move for move in part if self._after_asking(move.edge, variable) is not None]
            if len(rich) < len(part):
                return [rich, same]
        return []


def _asks(need: Need | None, slot: int) -> bool:
    """Return whether what is needed may depend on a counter's slot."""
    if need is None or need is NOTHING:
        return False
    return bool(need.either) or any(one[0] == slot for one in need.ranges)


def _richest(state: State, slot: int, is_flag: int) -> State:
    may_set, may_clear, ranges = state
    if is_flag:
        return may_set | 1 << slot, may_clear & ~(1 << slot), ranges
    richer = list(ranges)
    richer[slot] = (LIMIT, LIMIT)
    return may_set, may_clear, tuple(richer)


def _joined(moves: Iterable[Gains]) -> Iterator[list[Gains]]:
    """Yield the moves between places that have a way to each other and back."""
    ways: dict[int, list[int]] = {}
    for move in moves:
        ways.setdefault(move.source, []).append(move.target)
    part = {place: n for n, group in enumerate(components(ways, ways)) for place in group}
    found: dict[int, list[Gains]] = {}
    for move in moves:
        here = part[move.source]
        if part.get(move.target) == here:
            found.setdefault(here, []).append(move)
    yield from found.values()
