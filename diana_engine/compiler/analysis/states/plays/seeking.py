"""Plays that look for what is new: what they meet is certain, with the play to prove it.

A few plays take nearly every choice of a story, for a fraction of what going through all states costs. They prove
that something can happen, and never that it cannot. Their luck is drawn from a fixed seed, so the same story always
gives the same plays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from diana_engine.compiler.analysis.states.graph.guards import Sizes, holds
from diana_engine.compiler.analysis.states.graph.model import ALWAYS, Edge, Model, changed
from diana_engine.compiler.analysis.states.results.proved import Proved
from diana_engine.expressions.draw import draw

__all__ = ["Dice", "Plays", "play_about", "step_along"]

PLAYS = 24
"""How many plays are made; they end earlier when several bring nothing new."""
_PATIENCE = 4
"""How many plays may bring nothing new."""
_CURIOUS = 7
"""How often out of ten a play takes a way that was never taken, if there is one."""
_WORK, _WORK_EACH = 4_000_000, 500
"""How many comparisons all plays may make, and for each edge more. Only guards of sums and of one number beside another, which
say what holds for hundreds of values, ever come near."""
_BITS = 96


class Dice:
    """Numbers that look random and are the same every time."""

    def __init__(self, seed: int) -> None:
        self._seed, self._throws, self._pool, self._left = seed, 0, 0, 1

    def below(self, size: int) -> int:
        """Return a whole number from 0 up to, not including, `size`."""
        if self._left < size << 32:
            self._throws += 1
            self._pool, self._left = draw(self._seed, self._throws, "", 1 << _BITS), 1 << _BITS
        self._pool, found = divmod(self._pool, size)
        self._left //= size
        return found


@dataclass(slots=True)
class Plays:
    """What plays met: `at` holds for options and places the play and the length of it at which they were met first."""

    model: Model
    plays: list[list[int]] = field(default_factory=list)
    reached: dict[int, tuple[int, int]] = field(default_factory=dict)
    opened: dict[int, tuple[int, int]] = field(default_factory=dict)
    shut: dict[int, tuple[int, int]] = field(default_factory=dict)
    stuck: dict[int, tuple[int, int]] = field(default_factory=dict)

    def play_to(self, met: tuple[int, int]) -> tuple[int, ...]:
        """Return the edges of the play up to where something was met."""
        play, length = met
        return tuple(self.plays[play][:length])

    def proved(self) -> Proved:
        """Return what is certain now."""
        stuck = frozenset(self.stuck)
        return Proved(
            reached=frozenset(self.reached),
            opened=frozenset(self.opened),
            shut=frozenset(self.shut),
            stuck=stuck,
            locked=stuck,
        )


def play_about(model: Model, plays: int = PLAYS) -> Plays:
    """Make up to `plays` plays of `model`, and return what they met."""
    about = _About(model)
    idle = 0
    for number in range(plays):
        known = about.met()
        about.play(Dice(number), _leaning(number, model))
        idle = idle + 1 if about.met() == known else 0
        if idle == _PATIENCE or about.work <= 0:
            break
    return about.found


def _leaning(number: int, model: Model) -> list[int] | None:
    """Return for each variable whether a play likes it to rise or to fall; every third play likes nothing.

    What opens only for the very rich, or the very poor, is not met by luck. The first two that lean like all to rise, and
    all to fall; then they differ.
    """
    if number % 3 == 0:
        return None
    if number < 3:
        return [1 if number == 1 else -1] * len(model.variables)
    dice = Dice(-number)
    return [2 * dice.below(2) - 1 for _ in model.variables]


def step_along(edge: Edge, values: list[int], model: Model, dice: Dice) -> None:
    """Change `values` as `edge` does; what the player or luck decides is drawn."""
    for variable, change in edge.changes.items():
        values[variable] = changed(values[variable], change)
    for variable in edge.loose:
        one = model.variables[variable]
        values[variable] = one.low + dice.below(one.high - one.low + 1)


class _About:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.found = Plays(model)
        self.fresh = bytearray(b"\1" * len(model.edges))
        # Places whose options are all known to be open for some and, if they ask for anything, shut for others.
        self.finished = bytearray(len(model.places))
        self.most = 2 * len(model.places) + 1_000
        self.work = _WORK + _WORK_EACH * len(model.edges)
        self.work_at: dict[int, int] = {}
        self.sizes = Sizes()

    def met(self) -> int:
        """Return how much was met."""
        found = self.found
        return len(found.reached) + len(found.opened) + len(found.shut) + len(found.stuck)

    def play(self, dice: Dice, leaning: list[int] | None) -> None:
        """Make one play, until it ends or has gone on for long."""
        model, number = self.model, len(self.found.plays)
        taken: list[int] = []
        self.found.plays.append(taken)
        values = [one.initial for one in model.variables]
        ways = self._open(model.beginnings, values)
        while ways and len(taken) < self.most and self.work > 0:
            way = self._chosen(ways, dice)
            if leaning is not None and len(ways) > 1 and dice.below(10) < _CURIOUS:
                way = max(ways, key=lambda one: self._liked(one, values, leaning))
            self.fresh[way] = 0
            taken.append(way)
            edge = model.edges[way]
            step_along(edge, values, model, dice)
            place = edge.target
            self.work -= self._work_at(place)
            self._look(place, values, (number, len(taken)))
            if model.ending[place]:
                return
            ways = self._open(model.out[place], values)
            if not ways and all(model.edges[one].certain for one in model.out[place]):
                self.found.stuck.setdefault(place, (number, len(taken)))

    def _work_at(self, place: int) -> int:
        """Return how many comparisons a place takes at most."""
        found = self.work_at.get(place)
        if found is None:
            model, size = self.model, self.sizes.of
            asked = [model.edges[one].guard for one in model.out[place]]
            for number in model.options_of[place]:
                asked += (model.options[number].open, model.options[number].sure)
            found = self.work_at[place] = sum(size(guard) for guard in asked)
        return found

    def _open(self, numbers: list[int], values: list[int]) -> list[int]:
        edges = self.model.edges
        return [
            number
            for number in numbers
            if (edge := edges[number]).certain
            and (edge.guard is ALWAYS or holds(edge.guard, values))
        ]

    def _chosen(self, ways: list[int], dice: Dice) -> int:
        if len(ways) == 1:
            return ways[0]
        fresh = [way for way in ways if self.fresh[way]]
        if fresh and dice.below(10) < _CURIOUS:
            ways = fresh
        return ways[dice.below(len(ways))]

    def _liked(self, way: int, values: list[int], leaning: list[int]) -> int:
        return sum(
            leaning[variable] * (changed(values[variable], change) - values[variable])
            for variable, change in self.model.edges[way].changes.items()
        )

    def _look(self, place: int, values: list[int], met: tuple[int, int]) -> None:
        """Note which options are open and shut."""
        if self.finished[place]:
            return
        found, finished = self.found, True
        found.reached.setdefault(place, met)
        for number in self.model.options_of[place]:
            option = self.model.options[number]
            if not option.certain:
                continue
            if number not in found.opened and holds(option.open, values):
                found.opened[number] = met
            if number not in found.shut and option.sure is not ALWAYS:
                if not holds(option.sure, values):
                    found.shut[number] = met
                else:
                    finished = False
            finished = finished and number in found.opened
        self.finished[place] = finished
