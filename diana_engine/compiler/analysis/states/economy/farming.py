"""What players can have more and more of, by going round a loop.

That nothing gains without end is proved (`drifts`, `prices`). That something does is shown by a play: it comes to a
loop, goes round it until there is more than anything asks for, and is then where it was, but for what it gained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

from diana_engine.compiler.analysis.states.economy.drifts import Block, Gains, blocks
from diana_engine.compiler.analysis.states.economy.looks import Looks
from diana_engine.compiler.analysis.states.economy.prices import TooHard, profitable
from diana_engine.compiler.analysis.states.economy.strolls import Start, Stroll, Strolls
from diana_engine.compiler.analysis.states.graph.guards import holds
from diana_engine.compiler.analysis.states.graph.model import Model, changed
from diana_engine.records import dataclass

__all__ = ["Farmable", "farmable"]

_STATES = 4_000
"""How many states are looked at to find a loop."""
_STARTS = 12
"""From how many states that plays came to a loop is looked for."""
_STEPS = 200_000
"""How many moves going round a loop may take until there is more than anything asks for."""

Values = tuple[int, ...]
Key = tuple[int, Values]


@dataclass(frozen=True, slots=True)
class Farmable:
    """Whether `variable` can be gained without end; if so, the edges of a play to a loop, those of the loop, its gain."""

    variable: int
    found: Literal["yes", "no", "unknown"]
    play: tuple[int, ...] = ()
    loop: tuple[int, ...] = ()
    gain: int = 0


def farmable(looks: Looks, variables: Iterable[int]) -> Iterator[Farmable]:
    """Yield what is found out of each of `variables` that has no end, be it declared or derived."""
    endless = [v for v in variables if _is_endless(looks.model, v)]
    found: dict[int, Farmable] = {}
    strolls: Strolls | None = None
    for block in blocks(looks.abstract, endless) if endless else ():
        # Where one loop gains for certain, nobody needs to know of others.
        wanted = [v for v in endless if v in block.gained and not _is_certain(found.get(v))]
        for variable in wanted:
            strolls = strolls or Strolls(looks.plays, looks.abstract.windows.block)
            one = _within(block, variable, strolls)
            if one is not None:
                found[variable] = one
    for variable in endless:
        yield found.get(variable, Farmable(variable, "no"))


def _is_endless(model: Model, variable: int) -> bool:
    one = model.variables[variable]
    return one.slot[0] == "value" and one.capped


def _is_certain(found: Farmable | None) -> bool:
    return found is not None and found.found == "yes"


def _within(block: Block, variable: int, strolls: Strolls) -> Farmable | None:
    """Return a loop of a block that gains `variable`, or that there may be one; nothing where there is none."""
    decided = True
    for part in block.parts(variable):
        try:
            if not profitable(block.model, part):
                continue
        except TooHard:
            pass
        found = _Search(block.model, variable, part).found(strolls.within(block.number))
        if found is not None:
            return found
        decided = False
    return None if decided else Farmable(variable, "unknown")


class _Search:
    """Looks for a loop that gains, among the moves of `part`, from where plays came to it."""

    def __init__(self, model: Model, variable: int, part: list[Gains]) -> None:
        self.model, self.variable = model, variable
        self.ways: dict[int, list[int]] = {}
        moving: set[int] = set()
        for move in part:
            edge = model.edges[move.edge]
            if edge.certain and not edge.loose:
                self.ways.setdefault(move.source, []).append(move.edge)
                moving.update(edge.changes)
        self.moving = [(v, model.variables[v]) for v in sorted(moving)]

    def found(self, strolls: Iterable[Stroll]) -> Farmable | None:
        """Return the loop with a play to it."""
        for play, place, values in self._starts(strolls):
            loop = self._loop(place, values)
            if loop is not None:
                before, around = loop
                gain = self._repeats(place, values, before, around)
                if gain:
                    return Farmable(self.variable, "yes", (*play, *before), around, gain)
        return None

    def _starts(self, strolls: Iterable[Stroll]) -> Iterator[Start]:
        """Yield states that plays come to within the part: those that they came to first, then the richest."""
        every = list(strolls)
        first = [start for stroll in every for start in self._first(stroll)]
        richest = (start for stroll in every for start in self._richest(stroll))
        tried: set[Key] = set()
        for start in chain(sorted(first, key=lambda start: len(start[0])), richest):
            if start[1:] not in tried and len(tried) < _STARTS:
                tried.add(start[1:])
                yield start

    def _first(self, stroll: Stroll) -> Iterator[Start]:
        for length, place, _ in stroll.states():
            if place in self.ways:
                yield stroll.at(length)
                return

    def _richest(self, stroll: Stroll) -> Iterator[Start]:
        amounts = (
            (values[self.variable], -length)
            for length, place, values in stroll.states()
            if place in self.ways
        )
        best = max(amounts, default=None)
        if best is not None:
            yield stroll.at(-best[1])

    def _loop(self, place: int, values: Values) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """Return the edges to a loop with a gain and those of the loop.

        States are told apart by everything but what is to be gained; of two that are alike the richer one counts. One
        that becomes richer by way of itself closes a loop.
        """
        start = self._key(place, values)
        best = {start: values}
        came: dict[Key, tuple[Key, int]] = {}
        waiting = [start]
        for key in waiting:
            if len(waiting) > _STATES:
                break
            for number, to, after in self._moves(key[0], best[key]):
                known = best.get(to)
                if known is not None and known[self.variable] >= after[self.variable]:
                    continue
                if known is not None:
                    around = _back(came, key, to)
                    if around is not None:
                        return _back(came, to, start) or (), (*around, number)
                best[to], came[to] = after, (key, number)
                waiting.append(to)
        return None

    def _moves(self, place: int, values: Values) -> Iterator[tuple[int, Key, Values]]:
        for number in self.ways.get(place, ()):
            edge = self.model.edges[number]
            if holds(edge.guard, list(values)):
                after = list(values)
                for variable, change in edge.changes.items():
                    after[variable] = changed(after[variable], change)
                yield number, self._key(edge.target, tuple(after)), tuple(after)

    def _key(self, place: int, values: Values) -> Key:
        # What has no end may differ; of visits, those that nobody asks for are not told apart.
        return place, tuple(
            0 if one.capped else min(values[v], one.high) if one.slot[0] == "visits" else values[v]
            for v, one in self.moving
        )

    def _repeats(
        self, place: int, values: Values, before: tuple[int, ...], around: tuple[int, ...]
    ) -> int:
        """Return the gain of each round if it can be repeated until there is more than anything asks for, else 0."""
        state = self._after(place, values, before)
        for _ in range(_STEPS // len(around)):
            after = None if state is None else self._after(*state, around)
            if state is None or after is None or self._key(*after) != self._key(*state):
                return 0
            changes = [(after[1][v] - state[1][v], state[1][v], one) for v, one in self.moving]
            gain = after[1][self.variable] - state[1][self.variable]
            if gain <= 0 or any(change < 0 and one.capped for change, _, one in changes):
                return 0
            if all(change == 0 or value > one.high for change, value, one in changes):
                return gain
            state = after
        return 0

    def _after(
        self, place: int, values: Values, taken: tuple[int, ...]
    ) -> tuple[int, Values] | None:
        state = list(values)
        for number in taken:
            edge = self.model.edges[number]
            if edge.source != place or not holds(edge.guard, state):
                return None
            for variable, change in edge.changes.items():
                state[variable] = changed(state[variable], change)
            place = edge.target
        return place, tuple(state)


def _back(came: dict[Key, tuple[Key, int]], key: Key, to: Key) -> tuple[int, ...] | None:
    """Return the edges by which `key` was reached from `to`, or `None` if that is not on its way."""
    found: list[int] = []
    while key != to:
        if key not in came or len(found) > _STATES:
            return None
        key, number = came[key]
        found.append(number)
    return tuple(reversed(found))
