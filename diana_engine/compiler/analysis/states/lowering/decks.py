"""What a deck offers, as options: a way for each storylet, then the choices, or the way to go where nothing is offered."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.draws import Luck
from diana_engine.compiler.analysis.states.lowering.calling import calling
from diana_engine.compiler.analysis.states.lowering.choosing import choose
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.dealing import chances
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.parts import Opening, Parts
from diana_engine.compiler.analysis.states.model import ALWAYS, NEVER, Guard
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Deck, Storylet

__all__ = ["deal"]


def deal(parts: Parts, edges: Edges, place: int, deck: Deck) -> None:
    """Add the options of a deck."""
    dealing = _Dealing(parts, place, deck)
    if not dealing.follow():
        _deal_unseen(parts, edges, place, deck)
        return
    for index in range(len(deck.storylets)):
        edges.leave(place, index + 1, dealing.leaving[index], dealing.by_luck[index])
    _choices(parts, edges, place, deck)
    if deck.otherwise is not None and not deck.choices:
        edges.leave(place, len(deck.storylets) + 1, dealing.away, dealing.none)


class _Dealing:
    """What a deck offers for each way in which its draws come out."""

    def __init__(self, parts: Parts, place: int, deck: Deck) -> None:
        self.parts, self.place, self.deck = parts, place, deck
        self.storylets = [_storylet(parts, id) for id in deck.storylets]
        self.leaving: list[list[Leaving]] = [[] for _ in self.storylets]
        self.by_luck: list[list[Opening]] = [[] for _ in self.storylets]
        self.away: list[Leaving] = []
        self.none: list[Opening] = []

    def follow(self) -> bool:
        """Find out all of it; return whether that was possible."""
        parts = self.parts
        asked = [one.requires for one in self.storylets]
        for luck in parts.lucks.ways(parts.lucks.of(*asked) | parts.kept_at(self.place)) or []:
            fits = [self._fits(id, luck) for id in self.deck.storylets]
            known = [fit for fit in fits if fit is not None]
            if len(known) < len(fits):
                return False
            self._offer(known, luck)
        return bool(self.none)

    def _offer(self, fits: list[Guard], luck: Luck) -> None:
        parts, place, deck = self.parts, self.place, self.deck
        start = parts.remembering(place, luck)
        priorities = [one.priority for one in self.storylets]
        for index, (may, surely) in enumerate(chances(parts.guards, fits, priorities, deck.show)):
            course = parts.courses.ask(start, may)
            sure = parts.opening(place, luck, parts.guards.both(start.guard, surely))[1]
            self.by_luck[index].append((course.guard, sure))
            courses: list[Course] = calling(parts, place, course) if deck.branches else [course]
            self.leaving[index] += [
                (one, deck.storylets[index], luck) for one in courses if one.guard is not NEVER
            ]
        course = parts.courses.ask(start, parts.guards.negated(parts.guards.some(fits)))
        self.none.append(parts.opening(place, luck, course.guard))
        if deck.otherwise is not None and course.guard is not NEVER:
            self.away.append((course, deck.otherwise, luck))

    def _fits(self, id: FragmentId, luck: Luck) -> Guard | None:
        """Return the guard that decks may offer the storylet, or nothing where it is opaque."""
        parts, storylet = self.parts, _storylet(self.parts, id)
        new: Guard = ALWAYS
        if storylet.once:
            new = parts.guards.below(parts.slots.number["visits", id], 1)
        asked = ALWAYS if storylet.requires is None else parts.guard(storylet.requires, luck)
        return None if asked is None else parts.guards.both(new, asked)


def _deal_unseen(parts: Parts, edges: Edges, place: int, deck: Deck) -> None:
    """Add the ways of a deck of which it could not be followed what it offers: each may be there or not."""
    unsure = STRAIGHT._replace(certain=False)
    for index, id in enumerate(deck.storylets, start=1):
        courses = calling(parts, place, unsure) if deck.branches else [unsure]
        edges.leave(place, index, [(course, id, None) for course in courses])
    _choices(parts, edges, place, deck)
    if deck.otherwise is not None and not deck.choices:
        edges.leave(place, len(deck.storylets) + 1, [(unsure, deck.otherwise, None)])


def _choices(parts: Parts, edges: Edges, place: int, deck: Deck) -> None:
    for number, choice in enumerate(deck.choices, start=len(deck.storylets) + 1):
        choose(parts, edges, place, number, choice)


def _storylet(parts: Parts, id: FragmentId) -> Storylet:
    storylet = parts.program.fragments[id].storylet
    assert storylet is not None, f"{id} is no storylet"
    return storylet
