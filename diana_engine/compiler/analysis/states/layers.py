"""The layers beside the search through all states, asked of a program: quick, and right in all that they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diana_engine.compiler.analysis.states.attractor import proved_by
from diana_engine.compiler.analysis.states.farming import farmable
from diana_engine.compiler.analysis.states.forward import Abstract, forward
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.model import LIMIT, NOWHERE, Model, Slot
from diana_engine.compiler.analysis.states.plays import Plays, play_about
from diana_engine.compiler.analysis.states.proved import Proved, together
from diana_engine.compiler.analysis.states.report import Certain, Earning, Way
from diana_engine.program.model import Points, Program, WholeNumber

__all__ = ["Layers"]


@dataclass(frozen=True)
class Layers:
    """What the layers find out about `program`."""

    program: Program

    @cached_property
    def model(self) -> Model:
        """The program's model; points and numbers without an end are in it even if nobody asks for them."""
        return lowered(self.program, _endless(self.program))

    @cached_property
    def abstract(self) -> Abstract:
        """What is known of all players at each place."""
        return forward(self.model)

    @cached_property
    def plays(self) -> Plays:
        """Some plays."""
        return play_about(self.model)

    def certain(self) -> Certain:
        """Return all that is certain without looking at states one by one or in sets."""
        proved = together(proved_by(self.abstract), self.plays.proved())
        return _named(proved, self.model)

    def earnings(self) -> tuple[Earning, ...]:
        """Return what is found out of points and numbers that have no end, in the order of their names."""
        if not _endless(self.program):
            return ()
        found = [
            Earning(
                self.model.variables[one.variable].slot[1],
                one.found,
                one.gain,
                tuple(self._ways(one.play)),
                tuple(self._ways(one.loop)),
            )
            for one in farmable(self.abstract, self.plays)
        ]
        names = {earning.variable for earning in found}
        rest = [name for _, name in _endless(self.program) if name not in names]
        # What can be gained only so often has an end, though none is declared.
        found += [Earning(name, "no") for name in rest]
        return tuple(sorted(found, key=lambda earning: earning.variable))

    def _ways(self, edges: tuple[int, ...]) -> Iterator[Way]:
        """Yield what the player does on the way along `edges`."""
        for number in edges:
            edge = self.model.edges[number]
            if edge.option != NOWHERE and self.model.rests[edge.source]:
                option = self.model.options[edge.option]
                yield self.model.places[option.place], option.number


def _endless(program: Program) -> tuple[Slot, ...]:
    """Return the points and numbers for which no `max` is declared."""
    return tuple(
        ("value", name)
        for name, variable in program.variables.items()
        if isinstance(variable, Points | WholeNumber) and variable.maximum >= LIMIT
    )


def _named(proved: Proved, model: Model) -> Certain:
    ways = [(model.places[option.place], option.number) for option in model.options]
    places = model.places
    return Certain(
        reached=frozenset(places[one] for one in proved.reached),
        unreached=frozenset(places[one] for one in proved.unreached),
        stuck=frozenset(places[one] for one in proved.stuck),
        unstuck=frozenset(places[one] for one in proved.unstuck),
        locked=frozenset(places[one] for one in proved.locked),
        unlocked=frozenset(places[one] for one in proved.unlocked),
        opened=frozenset(ways[one] for one in proved.opened),
        never_opened=frozenset(ways[one] for one in proved.never_opened),
        shut=frozenset(ways[one] for one in proved.shut),
        never_shut=frozenset(ways[one] for one in proved.never_shut),
    )
