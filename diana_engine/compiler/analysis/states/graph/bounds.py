"""An end for every variable: how much can ever be earned or spent, or else an artificial cap.

What a story declares stands. Elsewhere, if each gain of a variable can be had only once, as between two parts of the story
that no loop joins, or by a choice that marks itself as taken, all gains together are an end that is no cap.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.loops import components, in_order
from diana_engine.compiler.analysis.states.graph.model import (
    BEYOND,
    LIMIT,
    AllOf,
    Below,
    Change,
    Edge,
    Guard,
    Model,
)

__all__ = ["set_ends"]


def set_ends(model: Model, guards: Guards) -> None:
    """Give an end to the variables of `model` that have none."""
    asked = guards.bounds()
    endless = set()
    counted = set()
    for index, variable in enumerate(model.variables):
        if variable.slot[0] in ("visits", "streak") and not variable.capped:
            # They only ever grow, or begin anew: beyond all that is asked they need not be counted.
            variable.high = max(1, asked.get(index, (1, 1))[1])
            counted.add(index)
        elif variable.high >= LIMIT or variable.low <= -LIMIT:
            endless.add(index)
    if counted:
        _saturate(model, counted)
    if not endless:
        return
    gains = _Gains(model, endless)
    for index in sorted(endless):
        variable = model.variables[index]
        least, most = asked.get(index, (0, 0))
        cap = max(abs(least), abs(most), abs(variable.initial), gains.largest[index]) + BEYOND
        if variable.high >= LIMIT:
            variable.high = gains.high[index] if index in gains.rising else cap
            variable.capped |= index not in gains.rising
        if variable.low <= -LIMIT:
            variable.low = gains.low[index] if index in gains.falling else -cap
            variable.capped |= index not in gains.falling


def _saturate(model: Model, counted: set[int]) -> None:
    """Let the changes of what is only counted up say where it stops. Edges may share theirs, so twice is as once."""
    for edge in model.edges:
        for index in counted & edge.changes.keys() if edge.changes else ():
            k, least, most = edge.changes[index]
            high = model.variables[index].high
            least, most = min(least, high), min(most, high)
            cast("dict[int, Change]", edge.changes)[index] = (
                (0, most, most) if k >= high or least == most else (k, least, most)
            )


class _Gains:
    """How far variables can rise and fall; `rising` and `falling` hold those with an end to it."""

    def __init__(self, model: Model, endless: set[int]) -> None:
        self.model = model
        self.marks = _marks(model)
        self.component = components(model, in_order(model))
        initial = {index: model.variables[index].initial for index in endless}
        self.high, self.low = dict(initial), dict(initial)
        self.largest = dict.fromkeys(endless, 0)
        self.rising, self.falling = set(endless), set(endless)
        once: dict[tuple[int, int], tuple[int, int]] = {}
        for number, edge in enumerate(model.edges):
            for index in endless & edge.changes.keys() if edge.changes else ():
                self._look(number, edge, index, once)
            self.rising.difference_update(edge.loose)
            self.falling.difference_update(edge.loose)
        for (index, _), (loss, gain) in once.items():
            self.high[index] += gain
            self.low[index] += loss

    def _look(
        self, number: int, edge: Edge, index: int, once: dict[tuple[int, int], tuple[int, int]]
    ) -> None:
        k, least, most = edge.changes[index]
        if least == most:
            self.high[index] = max(self.high[index], least)
            self.low[index] = min(self.low[index], least)
            self.largest[index] = max(self.largest[index], abs(least))
            return
        self.largest[index] = max(self.largest[index], abs(k))
        mark = self._once(number, edge)
        if mark is None:
            (self.rising if k > 0 else self.falling).discard(index)
            return
        # Of the edges of one mark only one is ever taken.
        loss, gain = once.get((index, mark), (0, 0))
        once[index, mark] = (min(loss, k), max(gain, k))

    def _once(self, number: int, edge: Edge) -> int | None:
        """Return what an edge that is taken at most once shares with those that exclude it."""
        if edge.source < 0 or self.component[edge.source] != self.component[edge.target]:
            return -1 - number
        for mark in edge.changes:
            if mark in self.marks and mark in _needs_unset(edge.guard):
                return mark
        return None


def _marks(model: Model) -> set[int]:
    """Return the variables from 0 to 1 that, once set, stay so."""
    marks = {
        index
        for index, variable in enumerate(model.variables)
        if variable.high == 1 and variable.low == 0
    }
    for edge in model.edges:
        if edge.changes:
            marks.difference_update(
                [index for index, change in edge.changes.items() if change != (0, 1, 1)]
            )
        marks.difference_update(edge.loose)
    return marks


def _needs_unset(guard: Guard) -> Iterable[int]:
    parts = guard.guards if isinstance(guard, AllOf) else (guard,)
    return [part.variable for part in parts if isinstance(part, Below) and part.bound == 1]
