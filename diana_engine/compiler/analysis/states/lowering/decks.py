"""What a deck offers, as options: a way for each storylet, then the choices, or the way to go where nothing is offered."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.graph.draws import Luck
from diana_engine.compiler.analysis.states.graph.model import NEVER, Guard
from diana_engine.compiler.analysis.states.lowering.asides import Asides
from diana_engine.compiler.analysis.states.lowering.calling import calling
from diana_engine.compiler.analysis.states.lowering.choosing import choose
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT
from diana_engine.compiler.analysis.states.lowering.dealing import Offers, chances
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.parts import Opening, Parts
from diana_engine.program.model import Deck

__all__ = ["deal"]


def deal(asides: Asides, place: int, deck: Deck) -> None:
    """Add the options of a deck."""
    parts, edges = asides.parts, asides.edges
    offers = Offers.of(parts, place, deck)
    if offers is None:
        _deal_unseen(parts, edges, place, deck)
    else:
        _Dealing(parts, place, deck, offers).add(edges)
    for number, choice in enumerate(deck.choices, start=len(deck.storylets) + 1):
        choose(asides, place, number, choice)


class _Dealing:
    """What a deck offers for each way in which its draws come out."""

    def __init__(self, parts: Parts, place: int, deck: Deck, offers: Offers) -> None:
        self.parts, self.place, self.deck, self.offers = parts, place, deck, offers
        self.leaving: list[list[Leaving]] = [[] for _ in deck.storylets]
        self.by_luck: list[list[Opening]] = [[] for _ in deck.storylets]
        self.away: list[Leaving] = []
        self.none: list[Opening] = []

    def add(self, edges: Edges) -> None:
        """Add the ways of the storylets, and the one to go without."""
        for luck, fits in self.offers.fits:
            self._offer(fits, luck)
            self._without(fits, luck)
        for index in range(len(self.deck.storylets)):
            edges.leave(self.place, index + 1, self.leaving[index], self.by_luck[index])
        if _leads_on(self.parts, self.place, self.deck):
            edges.leave(self.place, len(self.deck.storylets) + 1, self.away, self.none)

    def _offer(self, fits: list[Guard], luck: Luck) -> None:
        parts, place, deck = self.parts, self.place, self.deck
        start = parts.remembering(place, luck)
        priorities = [one.priority for one in self.offers.storylets]
        for index, (may, surely) in enumerate(chances(parts.guards, fits, priorities, deck.show)):
            course = parts.courses.ask(start, may)
            sure = parts.opening(place, luck, parts.guards.both(start.guard, surely))[1]
            self.by_luck[index].append((course.guard, sure))
            courses = calling(parts, place, course) if deck.branches else [course]
            self.leaving[index] += [
                (one, deck.storylets[index], luck) for one in courses if one.guard is not NEVER
            ]

    def _without(self, fits: list[Guard], luck: Luck) -> None:
        parts, place = self.parts, self.place
        start = parts.remembering(place, luck)
        course = parts.courses.ask(start, parts.guards.negated(parts.guards.some(fits)))
        self.none.append(parts.opening(place, luck, course.guard))
        if self.deck.otherwise is not None and course.guard is not NEVER:
            self.away.append((course, self.deck.otherwise, luck))


def _leads_on(parts: Parts, place: int, deck: Deck) -> bool:
    """Return whether one who rests at the deck goes on where it has nothing; who may pass by was led on before."""
    return deck.otherwise is not None and not deck.choices and place not in parts.coming


def _deal_unseen(parts: Parts, edges: Edges, place: int, deck: Deck) -> None:
    """Add the ways of a deck of which it could not be followed what it offers: each may be there or not."""
    unsure = STRAIGHT._replace(certain=False)
    for index, id in enumerate(deck.storylets, start=1):
        courses = calling(parts, place, unsure) if deck.branches else [unsure]
        edges.leave(place, index, [(course, id, None) for course in courses])
    if deck.otherwise is not None and _leads_on(parts, place, deck):
        edges.leave(place, len(deck.storylets) + 1, [(unsure, deck.otherwise, None)])
