"""Places beside the fragments: where one waits on the way of a choice, and where one comes to a deck to see if it has anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.states.graph.draws import Draw, Luck
from diana_engine.compiler.analysis.states.graph.model import ALWAYS
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT
from diana_engine.compiler.analysis.states.lowering.dealing import Offers
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.parts import Opening, Parts
from diana_engine.compiler.analysis.states.lowering.waiting import waited
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.program.exits import ways_of
from diana_engine.program.model import Choice, Deck

__all__ = ["Asides"]


class Asides:
    """The places beside the fragments of one program, as they are found; what leads on from them is added at the end.

    `choices` says of each place where one waits on the way of which choice of its fragment that is.
    """

    def __init__(self, parts: Parts, edges: Edges) -> None:
        self.parts, self.edges = parts, edges
        self._waits: dict[tuple[int, ChoiceKey, tuple[tuple[Draw, int], ...]], int] = {}
        self._on_way: list[Choice] = []
        self.choices: dict[int, int] = {}

    def waiting(self, place: int, number: int, choice: Choice, luck: Luck) -> int:
        """Return the place where one waits who took a choice that takes time; `luck` is what was drawn for it.

        What the gate behind it draws may be drawn by the choice too, and is the same then.
        """
        shared = self.parts.lucks.at_gates(choice.to)
        known = tuple(sorted((draw, value) for draw, value in luck.items() if draw in shared))
        key = (place, choice.key, known)
        if key not in self._waits:
            aside = self._waits[key] = self.parts.add_place(self.parts.places[place], rests=True)
            self._on_way.append(choice)
            self.choices[aside] = number
        return self._waits[key]

    def followed(self) -> Iterator[int]:
        """Yield each place in turn once all that leads on from it was added."""
        for deck, coming in self.parts.coming.items():
            self._come(coming, deck)
            yield coming
        for ((_, _, known), aside), choice in zip(self._waits.items(), self._on_way, strict=True):
            self._go_on(aside, choice, dict(known))
            yield aside

    def _go_on(self, aside: int, choice: Choice, known: Luck) -> None:
        parts = self.parts
        draws = parts.lucks.at_gates(choice.to) | parts.kept_at(aside)
        ways: Sequence[Luck | None] = parts.lucks.ways(draws, known) or [None]
        leaving: list[Leaving] = [
            (course, choice.to, luck)
            for luck in ways
            for course in waited(parts, [parts.remembering(aside, luck or {})], choice.wait)
        ]
        self.edges.leave(aside, 0, leaving, [(ALWAYS, ALWAYS)])

    def _come(self, coming: int, place: int) -> None:
        """Add what leads on from where one comes to a deck: on to where it leads otherwise, or to rest."""
        parts = self.parts
        deck = parts.program.fragments[parts.places[place]].exit
        assert isinstance(deck, Deck)
        assert deck.otherwise is not None
        offers = Offers.of(parts, place, deck)
        unsure = STRAIGHT._replace(certain=False)
        away: list[Leaving] = [(unsure, deck.otherwise, None)] if offers is None else []
        staying = [unsure] if offers is None else []
        openings: list[Opening] = [(ALWAYS, ALWAYS)] if offers is None else []
        for luck, fits in offers.fits if offers is not None else ():
            start = parts.remembering(coming, luck)
            some = parts.guards.some(fits)
            staying.append(parts.courses.ask(start, some))
            course = parts.courses.ask(start, parts.guards.negated(some))
            away.append((course, deck.otherwise, luck))
            openings.append(parts.opening(coming, luck, course.guard))
        self.edges.leave(coming, len(ways_of(deck)), away, openings)
        self.edges.move(coming, 0, [(course, place) for course in staying])
