"""A model without the places where there is but one way on: chains of forced moves become single edges.

Whoever stands in such a place can end exactly if whoever stands at the end of its chain can. What is true of the places
left out follows from the edges that lead through them, which say how they begin. Of a ring of forced moves one place stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    NEVER,
    NOWHERE,
    UNCHANGED,
    Change,
    Changes,
    Edge,
    Model,
)
from diana_engine.compiler.analysis.states.results.report import passes, source_of

__all__ = ["Contracted", "contracted", "counted", "followed", "is_time"]


_MOST_CHANGES = 64
"""How many variables one chain may change; longer ones are cut, for every edge into them says all of it again."""


@dataclass(frozen=True, slots=True)
class Contracted:
    """A contracted `model` of `whole`.

    `first` holds for each edge the edge of the whole model with which it begins, and `moves` how many moves of a player
    it stands for. `forced` gives for each place of the whole model that was left out its only way on, else `NOWHERE`.
    `place_of` and `option_of` give for each place and option of the contracted model that of the whole one.
    """

    whole: Model
    model: Model
    first: list[int]
    moves: list[int]
    forced: list[int]
    place_of: list[int]
    option_of: list[int]

    def stays(self, edge: int) -> bool:
        """Return whether who goes an edge stays, but for what comes from outside or was put together."""
        option = self.whole.edges[self.first[edge]].option
        return option != NOWHERE and self.whole.options[option].number < 0

    def is_income(self, edge: int) -> bool:
        """Return whether an edge is no choice of the player's, but what comes from outside."""
        option = self.whole.edges[self.first[edge]].option
        return option != NOWHERE and source_of(self.whole.options[option].number) is not None

    def path(self, edge: int) -> Iterator[int]:
        """Yield the edges of the whole model that an edge stands for."""
        number = self.first[edge]
        while number != NOWHERE:
            yield number
            number = self.forced[self.whole.edges[number].target]


def contracted(whole: Model) -> Contracted:
    """Return `whole` with chains of forced moves made single edges."""
    forced = _forced(whole)
    _open_rings(whole, forced)
    if not any(number != NOWHERE for number in forced):
        return _as_it_is(whole, forced)
    tails = _tails(whole, forced)
    kept = [place for place, number in enumerate(forced) if number == NOWHERE]
    place = [NOWHERE] * len(whole.places)
    for index, old in enumerate(kept):
        place[old] = index
    options = [number for old in kept for number in whole.options_of[old]]
    option = [NOWHERE] * len(whole.options)
    for index, number in enumerate(options):
        option[number] = index
    made = _Edges(whole, tails, place, option)
    starts = [0]
    for old in kept:
        starts.append(starts[-1] + len(whole.options_of[old]))
    model = Model(
        whole.variables,
        [whole.places[old] for old in kept],
        bytearray(whole.ending[old] for old in kept),
        bytearray(whole.rests[old] for old in kept),
        made.edges,
        made.out(len(kept)),
        made.inn(len(kept)),
        [
            whole.options[number]._replace(place=place[whole.options[number].place])
            for number in options
        ],
        [range(first, last) for first, last in pairwise(starts)],
        list(range(len(whole.beginnings))),
        opaque=whole.opaque,
    )
    return Contracted(whole, model, made.first, made.moves, forced, kept, options)


def _as_it_is(whole: Model, forced: list[int]) -> Contracted:
    """Return a model without chains, which stays the very same, so that what is known of it need not be found again."""
    moves = [0 if edge.source == NOWHERE else counted(whole, edge) for edge in whole.edges]
    places, options = list(range(len(whole.places))), list(range(len(whole.options)))
    return Contracted(whole, whole, list(range(len(moves))), moves, forced, places, options)


def _forced(whole: Model) -> list[int]:
    """Return for each place its only way on, which is always open, or `NOWHERE`."""
    edges, options = whole.edges, whole.options
    found = [NOWHERE] * len(whole.places)
    for place, out in enumerate(whole.out):
        if len(out) != 1:
            continue
        edge = edges[out[0]]
        if edge.guard is not ALWAYS or not edge.certain or edge.loose or edge.target == place:
            continue
        if options[edge.option].sure is not ALWAYS:
            continue
        others = whole.options_of[place]
        if len(others) == 1 or all(
            number == edge.option or options[number].open is NEVER for number in others
        ):
            found[place] = out[0]
    return found


def _open_rings(whole: Model, forced: list[int]) -> None:
    """Keep one place of each ring of forced moves."""
    edges = whole.edges
    seen = bytearray(len(forced))
    for root in range(len(forced)):
        place, trail = root, []
        while forced[place] != NOWHERE and not seen[place]:
            seen[place] = 1
            trail.append(place)
            place = edges[forced[place]].target
        if seen[place] == 1 and forced[place] != NOWHERE:
            forced[place] = NOWHERE
        for one in trail:
            seen[one] = 2


_Tail = tuple[int, Changes, int]
"""Where the forced moves from a place end, what they change, and how many a player makes."""


def _tails(whole: Model, forced: list[int]) -> dict[int, _Tail]:
    """Return where forced places lead; those are kept after all whose chain would change too much."""
    tails: dict[int, _Tail] = {}
    for root in range(len(forced)):
        place, trail = root, []
        while forced[place] != NOWHERE and place not in tails:
            trail.append(place)
            place = whole.edges[forced[place]].target
        tail = tails.get(place, (place, UNCHANGED, 0))
        for one in reversed(trail):
            end, changes, count = tail
            edge = whole.edges[forced[one]]
            if edge.changes:
                changes = followed(edge.changes, changes)
            if len(changes) > _MOST_CHANGES:
                forced[one] = NOWHERE
                tail = (one, UNCHANGED, 0)
            else:
                tail = tails[one] = (end, changes, count + counted(whole, edge))
    return tails


class _Edges:
    """The edges of the contracted model."""

    def __init__(
        self, whole: Model, tails: dict[int, _Tail], place: list[int], option: list[int]
    ) -> None:
        self.whole, self.tails, self.place, self.option = whole, tails, place, option
        self.edges: list[Edge] = []
        self.first: list[int] = []
        self.moves: list[int] = []
        edges = whole.edges
        for number in whole.beginnings:
            self._add(number, edges[number])
        for old, out in enumerate(whole.out):
            if old not in tails:
                for number in out:
                    self._add(number, edges[number])

    def out(self, places: int) -> list[list[int]]:
        """Return the edges that leave each place."""
        found: list[list[int]] = [[] for _ in range(places)]
        for number, edge in enumerate(self.edges):
            if edge.source != NOWHERE:
                found[edge.source].append(number)
        return found

    def inn(self, places: int) -> list[list[int]]:
        """Return the edges that enter each place."""
        found: list[list[int]] = [[] for _ in range(places)]
        for number, edge in enumerate(self.edges):
            found[edge.target].append(number)
        return found

    def _add(self, number: int, edge: Edge) -> None:
        source, target, guard, changes, option, certain, loose = edge
        if source != NOWHERE:
            rests = counted(self.whole, edge)
            source, option = self.place[source], self.option[option]
        else:
            rests = 0
        tail = self.tails.get(target)
        if tail is not None:
            target, further, count = tail
            rests += count
            if further:
                if loose:
                    settled = {v for v, (_, a, b) in further.items() if a == b}
                    further = {v: c for v, c in further.items() if v in settled or v not in loose}
                    loose = tuple(v for v in loose if v not in settled)
                changes = followed(changes, further)
        self.edges.append(Edge(source, self.place[target], guard, changes, option, certain, loose))
        self.first.append(number)
        self.moves.append(rests)


def counted(whole: Model, edge: Edge) -> int:
    """Return how many moves of a player an edge is: none where one only passes, where a wait ends, or time passes."""
    if is_time(whole, edge):
        return 0
    return whole.rests[edge.source] if whole.options[edge.option].number else 0


def is_time(whole: Model, edge: Edge) -> bool:
    """Return whether an edge is nothing but time that passes."""
    return edge.option != NOWHERE and passes(whole.options[edge.option].number)


def followed(first: Changes, then: Changes) -> Changes:
    """Return two changes one after the other."""
    if not first:
        return then
    found: dict[int, Change] = dict(first)
    for variable, change in then.items():
        known = found.get(variable)
        if known is None:
            found[variable] = change
        else:
            k, least, most = change
            found[variable] = (
                known[0] + k,
                max(least, min(most, known[1] + k)),
                max(least, min(most, known[2] + k)),
            )
    return found
