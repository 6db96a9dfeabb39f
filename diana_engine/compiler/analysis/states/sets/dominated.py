"""Choices that are never better than another one of the same place.

Wherever such a choice is available, so is the other one; it leads to the same fragment; and it leaves players at least
as well off in all that is asked later, and better off in something. What nobody asks for must come out alike, so choices
that only read differently are not told of. Nothing is said of choices that draw, nor of stories in which something
could not be followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

from diana_engine.compiler.analysis.states.graph.model import Edge, Slot
from diana_engine.compiler.analysis.states.lowering.luck import Lucks
from diana_engine.compiler.analysis.states.ranges.directions import Directions, compared
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted
from diana_engine.compiler.analysis.states.reductions.cuts import read_by
from diana_engine.compiler.analysis.states.results.report import Dominated
from diana_engine.compiler.analysis.states.sets.diagrams import Node
from diana_engine.compiler.analysis.states.sets.exact import Exact
from diana_engine.expressions.terms import Effect, Give, Take
from diana_engine.program.model import Choice, Choices, Program
from diana_engine.program.systems import StepHolds, StepItem

__all__ = ["dominated"]

_MOST_PAIRS = 20_000
"""How many pairs of choices are compared; a hub of some hundred choices has as many."""


def dominated(program: Program, contracted: Contracted, exact: Exact) -> tuple[Dominated, ...]:
    """Return the choices that are never better than another one, each with that one."""
    if contracted.whole.opaque:
        return ()
    return tuple(_Comparison(program, contracted, exact).found())


class _Comparison:
    def __init__(self, program: Program, contracted: Contracted, exact: Exact) -> None:
        self.program, self.exact = program, exact
        self.model, self.none = exact.model, exact.diagrams.none
        self.place_of = contracted.place_of
        self.variables = self.model.variables
        self.number = {one.slot: index for index, one in enumerate(self.variables)}
        self.directions = Directions(exact.encoding.liveness.abstract)
        self.lucks = Lucks(program)
        self.watched = frozenset(
            self.number[slot] for slot in _watched(program) if slot in self.number
        )
        self._left = _MOST_PAIRS

    def found(self) -> Iterator[Dominated]:
        """Yield what was found, place after place."""
        for place, states in enumerate(self.exact.most.reached):
            if states == self.none:
                continue
            id = self.model.places[place]
            way = self.program.fragments[id].exit
            if not isinstance(way, Choices):
                continue
            options = [n for n in self.model.options_of[place] if self.model.options[n].number > 0]
            if not options:
                continue  # Beside the fragment one chooses nothing.
            for (one, choice), (other, by) in permutations(
                zip(options, way.choices, strict=True), 2
            ):
                if choice.to != by.to or choice.wait != by.wait:
                    continue
                self._left -= 1
                if self._left < 0:
                    return
                if self._are_comparable(choice, by):
                    better = self._better(place, one, other)
                    if better:
                        numbers = self.model.options[one].number, self.model.options[other].number
                        names = tuple(sorted({self._name(variable) for variable in better}))
                        yield Dominated((id, numbers[0]), (id, numbers[1]), names)

    def _name(self, variable: int) -> str:
        return self.variables[variable].slot[1]

    def _are_comparable(self, one: Choice, other: Choice) -> bool:
        """Return whether only what the model knows tells the two apart."""
        if self.lucks.of_choice(one) or self.lucks.of_choice(other):
            return False
        if self._rest(one) != self._rest(other):
            return False
        levels = self.program.levels
        if levels is None:
            return True
        # What is earned in a lifetime is no less for being spent, so amounts alone do not tell it.
        return self._of_points(one, levels.points) == self._of_points(other, levels.points)

    def _rest(self, choice: Choice) -> list[Effect]:
        """Return the effects on what nobody asks for, and those that are more than a change of a value."""
        return [effect for effect in choice.effects if self._slot(effect) not in self.number]

    def _slot(self, effect: Effect) -> Slot | None:
        match effect:
            case Give(item) | Take(item):
                return "item", item
            case _ if (variable := getattr(effect, "variable", None)) is not None:
                return "value", variable
            case _:
                return None

    def _of_points(self, choice: Choice, points: str) -> tuple[object, ...]:
        slot: Slot = ("value", points)
        changes = [effect for effect in choice.effects if self._slot(effect) == slot]
        cost = choice.cost if choice.cost is not None and choice.cost.points == points else None
        return cost, changes

    # Results --------------------------------------------------------------------------------------------------------

    def _better(self, place: int, one: int, other: int) -> frozenset[int]:
        """Return the variables in which `other` leaves players better off, if `one` is never better."""
        mine, theirs = self._edges(place, one), self._edges(place, other)
        found: set[int] = set()
        for edge, who in mine:
            as_good = [
                (better, whom)
                for rival, whom in theirs
                if (better := self._at_least_as_good(edge, rival)) is not None
            ]
            if not as_good or who & ~self._all(whom for _, whom in as_good) != self.none:
                return frozenset()
            # Every one that counts must be better, or the two may be the same in all plays.
            found |= frozenset.intersection(*(better for better, _ in as_good))
        available = self._all(who for _, who in mine)
        for rival, whom in theirs:
            as_bad = self._all(
                who for edge, who in mine if self._at_least_as_good(edge, rival) is not None
            )
            if whom & available & ~as_bad != self.none:
                return frozenset()
        return frozenset(found)

    def _edges(self, place: int, option: int) -> list[tuple[Edge, Node]]:
        """Return the edges of an option that somebody goes, each with who does."""
        exact, found = self.exact, list[tuple[Edge, Node]]()
        reached = exact.most.reached[place]
        taken = exact.encoding.liveness.abstract.taken
        for number in self.model.out[place]:
            edge = self.model.edges[number]
            if edge.option == option and taken[number]:
                who = reached & exact.encoding.move(number).who
                if who != self.none:
                    found.append((edge, who))
        return found

    def _all(self, sets: Iterable[Node]) -> Node:
        found = self.none
        for one in sets:
            found = found | one
        return found

    def _at_least_as_good(self, edge: Edge, rival: Edge) -> frozenset[int] | None:
        """Return in what `rival` leaves players better off, or nothing where it does not leave them as well off."""
        if edge.target != rival.target or edge.loose != rival.loose:
            return None
        asked = self.directions.behind(edge.target)
        if asked is None:
            return None
        more, less = asked
        better: set[int] = set()
        for variable in edge.changes.keys() | rival.changes.keys():
            larger, smaller = compared(
                self.variables[variable], edge.changes.get(variable), rival.changes.get(variable)
            )
            if (larger or smaller) and variable in self.watched:
                return None
            is_more, is_less = more >> variable & 1, less >> variable & 1
            if (smaller and is_more) or (larger and is_less):
                return None
            gains = (larger and is_more) or (smaller and is_less)
            # That a choice was taken or not is no gain: it would make every `once` worse than what can be repeated.
            if gains and self.variables[variable].slot[0] in ("value", "item"):
                better.add(variable)
        return frozenset(better)


def _watched(program: Program) -> Iterator[Slot]:
    """Yield what achievements, missions and stages look at: a player may want to have it just so."""
    asked = [one.when for one in program.achievements]
    asked += [program.conditions[one.condition] for one in program.stages]
    for mission in program.missions:
        for step in mission.steps:
            if isinstance(step, StepItem):
                yield "item", step.item
            elif isinstance(step, StepHolds):
                asked.append(step.requirement)
    for requirement in asked:
        if requirement is not None:
            yield from read_by(requirement, program.conditions)
